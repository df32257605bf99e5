package page

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"twofold/pkg/org"
	"twofold/pkg/words"
)

var errReturn = errors.New("page: a form may not lead there")

// shell is what the layout is given.
type shell struct {
	View
	Main   template.HTML // what the body's template wrote
	Theme  string        // the address of the organisation's stylesheet; empty: ours
	Failed bool          // the title says so too
}

// Render answers with a page, whole or not at all: where a template fails, nothing has been written, and the error says where in which
// template, without a value.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, v View) error {
	policy, err := contentPolicy(v.Returns)
	if err != nil {
		return err
	}
	content, err := s.write(v)
	if err != nil {
		return err
	}
	secure(w.Header())
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !v.Secret {
		content = compressed(w, r, content)
	}
	send(w, r, status, content)
	return nil
}

// write makes the page.
func (s *Site) write(v View) ([]byte, error) {
	if s.sets[v.Language] == nil {
		v.Language = words.English
	}
	templates, err := s.sets[v.Language]()
	if err != nil {
		return nil, err
	}
	v.Title, v.Brand.Name = words.Line(v.Title), words.Line(v.Brand.Name)
	var main, whole bytes.Buffer
	if err := templates.ExecuteTemplate(&main, v.Body, v.Data); err != nil {
		return nil, located(v.Body, err)
	}
	in := shell{View: v, Main: template.HTML(main.String())}
	if c, ok := parseColor(v.Brand.Color); ok {
		in.Theme = themePath(c)
	}
	for _, a := range v.Alerts {
		in.Failed = in.Failed || a.Tone == Failed
	}
	if err := templates.ExecuteTemplate(&whole, "page", in); err != nil {
		return nil, located(v.Body, err)
	}
	return whole.Bytes(), nil
}

// place is where a template's error happened: file, line and perhaps column.
var place = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[\w-]+\.html(:\d+)+`) })

// located is a template's error without what it says of values.
func located(body string, err error) error {
	return fmt.Errorf("page: the template %s cannot be shown: %s", body, cmp.Or(place().FindString(err.Error()), "there is none, or it is no HTML"))
}

// send writes an answer of which all is known. A reader who has gone cannot be told so.
func send(w http.ResponseWriter, r *http.Request, status int, content []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(content)
	}
}

// SeeOther sends the browser on with a GET (RFC 9110 §15.4.4): to a path of the site, or to a return address.
func SeeOther(w http.ResponseWriter, target string) {
	secure(w.Header())
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusSeeOther)
}

// origins are those of return addresses, as a policy names them.
func origins(addresses []string) (string, error) {
	var all strings.Builder
	for _, a := range addresses {
		if !org.ReturnAddress(a) {
			return "", errReturn
		}
		scheme, rest, _ := strings.Cut(a, "://")
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		all.WriteString(" " + scheme + "://" + rest[:end])
	}
	return all.String(), nil
}

func (s *Site) log(r *http.Request, level slog.Level, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("route", r.Pattern), slog.String("request_id", s.RequestID(r)))
	s.options.Logger.LogAttrs(r.Context(), level, message, attrs...)
}
