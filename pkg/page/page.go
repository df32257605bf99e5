// Package page is what every page in a browser stands on: one layout with its stylesheet and script, the headers that keep it to itself,
// the languages, the refusal of what other sites send, cookies, and pages for what went wrong. Pages are rendered by the server, whole or
// not at all, and carry nothing inline (docs/decisions/0036). Whoever shows pages brings templates and routes of their own; the package
// knows no person, no organisation's rules and no store. It may import words, fault and org of ours, and log no value that a page shows.
//
// A site is made once:
//
//	site, err := page.New(page.Options{Templates: files, Origin: "https://login.example", Logger: log, RequestID: apigw.RequestID, Now: time.Now})
//	site.Handle("GET /prompt/{id}", func(w http.ResponseWriter, r *http.Request) error { … return site.Render(w, r, 200, page.View{…}) })
//
// Templates are the files *.html of Options.Templates, each with definitions {{define "prompt/code"}}…{{end}} of what stands in a page's
// main part. They are given View.Data, may use these functions, and the templates below:
//
//	t "key" "name" value …   the text of pkg/words for pages, in the page's language; a time.Time among the values becomes a <time>
//	datetime .At, day .At    a <time>; nothing where there is no time
//	has "key"                whether there is such a text
//	field "name" …           a Field from pairs: field "code" "label" (t "x") "digits" 6; names are those of Field in lower case
//	image .Type .Data        the address of a picture that is part of the page, for src
//	file .Type .Data         the address of a file that is part of the page, for the href of a link with download
//	asset "page.css"         the address of an asset
//	clock 90                 "1:30", of seconds
//
//	{{template "field" …}}   an input, select or textarea with label, hint and error, from a Field
//	{{template "choices" …}} a group of radio buttons, from a Field with Options
//	{{template "check" …}}   a check box, from a Field
//
// What the stylesheet has is shown by testdata/gallery.html: forms (p.buttons, .primary, .danger, .link), cards (.card), tables (.table
// around a table), lists of facts (dl.facts), tabs (nav.tabs), progress, details, badges (.badge good, bad, warn), codes (ol.codes, .secret).
// What the script does is told it by attributes, and nothing depends on it: data-wait="42" with data-wait-label="{time}" (a countdown; a
// button is disabled until then), data-copy="id", data-print, data-auto-submit on a form. What works only with it has the class js.
package page

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"twofold/pkg/words"
)

// Options are what a site is made of. Templates is needed, and Faces and Now by whoever shows an organisation's face.
type Options struct {
	Templates fs.FS        // the pages' own, *.html at its root
	Origin    string       // where browsers see the site, such as "https://login.example", if that is not what requests call their host
	Logger    *slog.Logger // nil: nothing is logged
	Faces     FaceStore
	Now       func() time.Time
	// RequestID and SourceIP read what the gateway knows of a request: its id, which is shown where something went wrong, to ask for help
	// with, and the address that it saw; nil: nothing.
	RequestID, SourceIP func(context.Context) string
	// Words are those of the pages' own templates, all of words.Pages among them, which they are where this is nil.
	Words func(words.Language) *words.Catalogue
	// MaxForm is how many bytes a form may have; 0: as many as one needs that a person fills in.
	MaxForm int64
}

// Site answers browsers. It is an http.Handler, safe for concurrent use once all routes are there.
type Site struct {
	options Options
	mux     *http.ServeMux
	foreign *http.CrossOriginProtection
	sets    map[words.Language]set
	faces   faces

	patterns []string
}

// New makes a site without routes. It fails where a template cannot be read, or the origin is none: both are defects of the program.
func New(o Options) (*Site, error) {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	s := &Site{options: o, faces: faces{from: o.Faces, now: o.Now}, mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection()}
	if o.Origin != "" {
		if err := s.foreign.AddTrustedOrigin(o.Origin); err != nil {
			return nil, err
		}
	}
	if o.Words == nil {
		o.Words = words.Pages
	}
	sets, err := parse(o.Templates, o.Words)
	s.sets = sets
	return s, err
}

// RequestID is empty where there is none.
func (s *Site) RequestID(r *http.Request) string { return known(s.options.RequestID, r) }

// SourceIP is the address that a request came from; empty where it is not known.
func (s *Site) SourceIP(r *http.Request) string { return known(s.options.SourceIP, r) }

func known(of func(context.Context) string, r *http.Request) string {
	if of == nil {
		return ""
	}
	return of(r.Context())
}

// Address is where browsers see the site: where it is said to be, or where the request came to. The API Gateway says which of its domains that
// is, and by which scheme, and takes neither from the caller.
func (s *Site) Address(r *http.Request) string {
	switch {
	case s.options.Origin != "":
		return s.options.Origin
	case r.Header.Get("X-Forwarded-Proto") == "http": // on the machine of whoever develops
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// Face gives an organisation's face, of a minute ago at most. One that does not exist has none, which is no error: whatever asks finds that
// out by itself.
func (s *Site) Face(ctx context.Context, organization string) (Face, error) {
	return s.faces.of(ctx, organization)
}
