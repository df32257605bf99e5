package page

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/words"
)

func TestWhatWentWrongIsSaidInWords(t *testing.T) {
	var logged bytes.Buffer
	s := gallerySite(t, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil)), RequestID: func(context.Context) string { return "req-1" }}, nil)
	for name, c := range map[string]struct {
		err          error
		status       int
		title, after string
	}{
		"not-found": {fault.New(fault.NotFound, "not_found", "secret"), 404, "404", ""},
		"forbidden": {fault.New(fault.Forbidden, "x", "secret"), 403, "403", ""},
		"no-key":    {fault.New(fault.Unauthenticated, "x", "secret"), 403, "403", ""},
		"invalid":   {fault.New(fault.Invalid, "x", "secret"), 400, "400", ""},
		"refused":   {fault.New(fault.Unprocessable, "x", "secret"), 422, "400", ""},
		"moved":     {fault.New(fault.Conflict, "x", "secret"), 409, "409", ""},
		"stale":     {fault.New(fault.PreconditionFailed, "x", "secret"), 409, "409", ""},
		"throttled": {fault.New(fault.Throttled, "x", "secret").After(1500 * time.Millisecond), 429, "429", "2"},
		"down":      {fault.Down(errors.New("secret")), 503, "503", "1"},
		"unknown":   {errors.New("secret"), 500, "500", ""},
		"new kind":  {fault.New(fault.Kind(99), "x", "secret"), 500, "500", ""},
	} {
		for _, l := range words.Languages() {
			logged.Reset()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Accept-Language", string(l))
			w := httptest.NewRecorder()
			s.Fail(w, r, View{}, c.err)
			body := w.Body.String()
			said := words.Pages(l)
			if w.Code != c.status || !strings.Contains(body, ">"+escaped(said.Say("problem."+c.title+".title"))+"</h1>") || !strings.Contains(body, escaped(said.Say("problem."+c.title+".text"))) {
				t.Errorf("%s in %s: %d %s", name, l, w.Code, body)
			}
			if w.Header().Get("Retry-After") != c.after || strings.Contains(body, "secret") {
				t.Errorf("%s: %v %s", name, w.Header(), body)
			}
			if ours := c.status >= 500; ours != strings.Contains(body, "req-1") || ours != (logged.Len() > 0) {
				t.Errorf("%s: %s, and the log has %q", name, body, logged.String())
			}
		}
	}
}

// escaped is a text as it stands on a page.
func escaped(text string) string {
	return strings.NewReplacer("'", "&#39;", "&", "&amp;").Replace(text)
}

func TestAPathThatIsNotOneOfOurs(t *testing.T) {
	s := gallerySite(t, Options{}, gallery(same[string]))
	for path, want := range map[string]int{"/nowhere": 404, "/": 404, "/code/": 404, "//code": 404, "/x/../code": 404, "/code": 200} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want || w.Header().Get("Location") != "" || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/code", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" || !strings.Contains(w.Body.String(), "This page cannot do that") {
		t.Errorf("POST: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// teller fails with what nobody is to read in a log.
type teller struct{}

// Lead is what a template asks for first.
func (teller) Lead() (string, error) { return "", errors.New("secret") }

// A template that fails shows nothing of what it had written, and the log has nothing of what the page was to show.
func TestAPageIsWholeOrNotAtAll(t *testing.T) {
	views := map[string]View{
		"absent":  {Body: "none"},
		"no-data": {Body: "code", Data: struct{ Lead string }{"secret"}},
		"values":  {Body: "code", Data: map[string]any{"Lead": "secret"}},
		"method":  {Body: "code", Data: teller{}},
		"return":  {Body: "codes", Data: sampled(same[string]), Returns: []string{"secret"}},
		"layout":  {Body: "code", Data: sampled(same[string]), Brand: Brand{Logo: gallery(same[string])["setup"].Brand.Logo}, Banner: &Banner{Button: "b", Path: "secret"}},
	}
	logo := *views["layout"].Brand.Logo
	logo.Type = "image/svg+xml"
	views["layout"].Brand.Logo.Type = logo.Type
	var logged bytes.Buffer
	s := gallerySite(t, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))}, views)
	s.Handle("GET /panic", func(http.ResponseWriter, *http.Request) error { panic("secret") })
	for _, name := range []string{"absent", "no-data", "values", "method", "return", "layout", "panic"} {
		logged.Reset()
		w := get(t, s, "/"+name)
		if w.Code != 500 || !strings.Contains(w.Body.String(), "Something went wrong on our side</h1>") || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Count(logged.String(), "\n") != 1 || strings.Contains(logged.String(), "secret") || !strings.Contains(logged.String(), "route=\"GET /"+name+"\"") {
			t.Errorf("%s: the log has %s", name, logged.String())
		}
		if name == "no-data" && !strings.Contains(logged.String(), "gallery.html:") {
			t.Errorf("the log does not say where: %s", logged.String())
		}
	}
}
