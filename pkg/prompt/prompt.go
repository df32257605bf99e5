package prompt

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"

	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/verify"
)

//go:embed templates/*.html
var templates embed.FS

// Prompt is what the pages are made of. The templates and words of Options are its own.
type Prompt struct {
	page.Options
	Logins      *verify.Service
	Enrollments *enroll.Service
	Tokens      login.Sealer
}

// Handler serves the pages.
func (p Prompt) Handler() (http.Handler, error) {
	var err error
	if p.Templates, err = fs.Sub(templates, "templates"); err != nil {
		return nil, err
	}
	site, err := page.New(p.Options)
	if err != nil {
		return nil, err
	}
	d := desk{Prompt: p, site: site}
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
	site *page.Site
}
