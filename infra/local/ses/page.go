package ses

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText []byte

//go:embed watch.js
var watchText []byte

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// maxShown is how many messages the page shows; /messages has them all.
const maxShown = 100

// page shows the newest messages. The text body is what a reader sees; HTML is never rendered here, because a
// message may hold what an attacker wrote; html shows it, apart.
func (s *SES) page(w http.ResponseWriter, r *http.Request) {
	to := r.FormValue("to")
	messages := s.Messages(to)
	total := len(messages)
	slices.Reverse(messages)
	secure(w)
	w.Header().Set("Content-Security-Policy", policy+"; script-src 'self'; connect-src 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, map[string]any{ // a browser that is gone sees nothing
		"To": to, "Total": total, "Messages": messages[:min(total, maxShown)], "Identities": s.known(),
		"Found": []DNS{Unseen, Published, GivenUp}, "Beside": s.shown(),
	})
}

// list is the same for programs: GET /messages?to=address, oldest first.
func (s *SES) list(w http.ResponseWriter, r *http.Request) {
	secure(w)
	write(w, http.StatusOK, s.Messages(r.FormValue("to")))
}

func style(w http.ResponseWriter, _ *http.Request) {
	secure(w)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(styleText)
}

// watch is the page's one script: it asks for the page again.
func watch(w http.ResponseWriter, _ *http.Request) {
	secure(w)
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(watchText)
}

const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure forbids scripts, foreign content, frames and guessing at types.
func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
