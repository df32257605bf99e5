package page

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"

	"twofold/pkg/words"
)

// Handler answers one route. An error that it gives becomes a page in words, unless it has answered already.
type Handler func(http.ResponseWriter, *http.Request) error

// route is what the mux finds of ours, so that its own answers can be told apart.
type route struct {
	site   *Site
	answer Handler
}

// ServeHTTP answers.
func (o *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := o.answer(w, r); err != nil {
		o.site.Fail(w, r, View{}, err)
	}
}

// Handle adds a route; the pattern is one of http.ServeMux with a method.
func (s *Site) Handle(pattern string, h Handler) {
	s.mux.Handle(pattern, &route{s, h})
	s.patterns = append(s.patterns, pattern)
}

// Patterns are those of all routes, in the order in which they were added.
func (s *Site) Patterns() []string { return slices.Clone(s.patterns) }

// maxForm is how many bytes a form may have, unless Options say so.
const maxForm = 16 << 10

// ServeHTTP answers a browser. Every answer has the headers of secure. Whatever changes something must have been sent by a page of the
// site. A path that is not exactly one of a route does not exist. What is sent is read up to as much as a form may have.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if id := s.RequestID(r); id != "" {
		w.Header().Set("X-Request-Id", id)
	}
	defer s.recovered(w, r)
	r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(s.options.MaxForm, maxForm))
	if a := assetAt(r.URL.Path); a != nil && safe(r.Method) {
		a.ServeHTTP(w, r)
		return
	}
	if !s.own(r) {
		s.problem(w, r, View{}, http.StatusForbidden, "403.cross_site")
		return
	}
	found, _ := s.mux.Handler(r)
	if _, ours := found.(*route); !ours {
		s.missing(w, r, found)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// missing answers for a path, or a method, that no route has. The mux knows which of the two.
func (s *Site) missing(w http.ResponseWriter, r *http.Request, mux http.Handler) {
	probe := nothing{}
	mux.ServeHTTP(probe, r)
	if allow := probe.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		s.problem(w, r, View{}, http.StatusMethodNotAllowed, "405")
		return
	}
	s.problem(w, r, View{}, http.StatusNotFound, "404")
}

// recovered turns a panic into an opaque page. Its value may hold anything, so only its type and the stack are logged.
func (s *Site) recovered(w http.ResponseWriter, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	s.log(r, slog.LevelError, "a page panicked", slog.String("panic", fmt.Sprintf("%T", value)), slog.String("stack", string(debug.Stack())))
	s.problem(w, r, View{}, http.StatusInternalServerError, "500")
}

// nothing takes an answer that nobody is to see, but for its headers.
type nothing http.Header

func (n nothing) Header() http.Header         { return http.Header(n) }
func (n nothing) Write(p []byte) (int, error) { return len(p), nil }
func (n nothing) WriteHeader(int)             {}

// Language is the language for a reader: theirs, then what their browser asks for, then the organisation's, then English. Each may be
// empty.
func Language(r *http.Request, user, organization string) words.Language {
	wishes := append([]string{user}, words.Accepted(r.Header.Get("Accept-Language"))...)
	return words.Choose(append(wishes, organization)...)
}
