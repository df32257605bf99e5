package prompt

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/verify"
)

//go:embed templates/*.html
var templates embed.FS

// Prompt is what the pages are made of. Logger may be nil, as may RequestID and SourceIP, which read what the gateway knows of a request.
type Prompt struct {
	Logins      *verify.Service
	Enrollments *enroll.Service
	Tokens      login.Sealer
	Faces       Faces
	Now         func() time.Time
	Logger      *slog.Logger
	RequestID   func(context.Context) string
	SourceIP    func(context.Context) string
	Origin      string // where browsers see the pages, if that is not what requests call their host
}

// Handler serves the pages.
func (p Prompt) Handler() (http.Handler, error) {
	nothing := func(context.Context) string { return "" }
	if p.RequestID == nil {
		p.RequestID = nothing
	}
	if p.SourceIP == nil {
		p.SourceIP = nothing
	}
	own, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, err
	}
	site, err := page.New(page.Options{Templates: own, Origin: p.Origin, Logger: cmp.Or(p.Logger, slog.New(slog.DiscardHandler)), RequestID: p.RequestID})
	if err != nil {
		return nil, err
	}
	d := desk{Prompt: p, site: site, faces: &faces{from: p.Faces, now: p.Now}}
	site.Handle("GET /prompt", d.enter)
	site.Handle("GET /prompt/{id}/{step}", func(w http.ResponseWriter, r *http.Request) error { // where a form led; nothing is there to see
		page.SeeOther(w, "/prompt/"+url.PathEscape(r.PathValue("id")))
		return nil
	})
	for pattern, step := range map[string]func(*visit) error{
		"GET /prompt/{id}":             (*visit).show,
		"POST /prompt/{id}/codes":      (*visit).order,
		"POST /prompt/{id}/answers":    (*visit).answer,
		"POST /prompt/{id}/enrollment": (*visit).enroll,
		"POST /prompt/{id}/resend":     (*visit).resend,
		"POST /prompt/{id}/steps":      (*visit).step,
		"POST /prompt/{id}/return":     (*visit).back,
	} {
		site.Handle(pattern, d.visited(step))
	}
	return site, nil
}

// desk is a Prompt that is open.
type desk struct {
	Prompt
	site  *page.Site
	faces *faces
}
