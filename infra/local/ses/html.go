package ses

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// html shows the HTML part of one message as a mail program does, alone on its page: in a sandbox, so that nothing in it runs, sends a
// form or leaves the page, and with nothing loaded from anywhere. Pictures that the message carries are put where it names them.
func (s *SES) html(w http.ResponseWriter, r *http.Request) {
	messages := s.Messages("")
	at := slices.IndexFunc(messages, func(m Message) bool { return m.ID == r.FormValue("id") && m.HTML != "" })
	if at < 0 {
		http.NotFound(w, r)
		return
	}
	secure(w)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(messages[at].whole())) // a browser that is gone sees nothing
}

// whole is the HTML part with its pictures in it.
func (m Message) whole() string {
	var pairs []string
	for id, image := range m.Images {
		if image.Type == "image/png" || image.Type == "image/jpeg" {
			pairs = append(pairs, `"cid:`+id+`"`, `"data:`+image.Type+";base64,"+base64.StdEncoding.EncodeToString(image.Data)+`"`)
		}
	}
	return strings.NewReplacer(pairs...).Replace(m.HTML)
}
