package page

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"twofold/pkg/fault"
)

// everyAnswer are requests that are answered in every way that there is, by name.
func everyAnswer(t *testing.T) (*Site, map[string]*http.Request) {
	t.Helper()
	s := gallerySite(t, Options{}, gallery(same[string]))
	s.Handle("GET /panic", func(http.ResponseWriter, *http.Request) error { panic("secret") })
	s.Handle("GET /down", func(http.ResponseWriter, *http.Request) error { return fault.Down(errors.New("no answer")) })
	s.Handle("GET /broken", func(w http.ResponseWriter, r *http.Request) error { return s.Render(w, r, 200, View{Body: "none"}) })
	s.Handle("GET /bare", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil })
	s.Handle("POST /on", func(w http.ResponseWriter, _ *http.Request) error {
		SeeOther(w, "https://app.example/back?code=1")
		return nil
	})
	css, _ := assetPath("page.css")
	all := map[string]*http.Request{}
	for _, path := range []string{"/code", "/console", "/panic", "/down", "/broken", "/bare", "/on", "/nowhere", "/code/", "//code", "/assets/none.css", css} {
		all["GET "+path] = httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	}
	all["HEAD /code"] = httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/code", nil)
	all["OPTIONS /code"] = httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/code", nil)
	all["foreign POST /on"] = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/on", nil)
	all["POST /on"] = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/on", nil)
	all["POST /on"].Header.Set("Sec-Fetch-Site", "same-origin")
	all["GET the same"] = httptest.NewRequestWithContext(t.Context(), http.MethodGet, css, nil)
	all["GET the same"].Header.Set("If-None-Match", `"`+assets()["page.css"].tag+`"`)
	return s, all
}

// What every answer has. (Assets alone may be kept.)
var everywhere = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "same-origin",
	"Strict-Transport-Security":    "max-age=63072000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"X-Robots-Tag":                 "noindex, nofollow",
	"Permissions-Policy":           permissions,
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	s, all := everyAnswer(t)
	statuses := map[int]bool{}
	for name, r := range all {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		statuses[w.Code] = true
		for header, want := range everywhere {
			if got := w.Header().Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		kept := "no-store"
		if asset := assetAt(r.URL.Path); asset != nil {
			kept = "public, max-age=31536000, immutable"
		}
		if got := w.Header().Get("Cache-Control"); got != kept {
			t.Errorf("%s may be kept: %q", name, got)
		}
	}
	for _, status := range []int{200, 204, 303, 304, 403, 404, 405, 500, 503} {
		if !statuses[status] {
			t.Errorf("no answer had %d: the test looks at too little", status)
		}
	}
}

// A form may lead to a return address, whose origin is all that the policy names, and to nothing that is none.
func TestFormsLeadHomeOrBack(t *testing.T) {
	for address, want := range map[string]string{
		"https://app.example/back?x=1": " https://app.example", "https://app.example:8443": " https://app.example:8443", "http://localhost:3000/x": " http://localhost:3000",
		"https://app.example?y=/": " https://app.example",
	} {
		if got, err := contentPolicy([]string{address}); err != nil || got != strict+want {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
	if got, err := contentPolicy([]string{"https://a.example/", "https://b.example/"}); err != nil || got != strict+" https://a.example https://b.example" {
		t.Errorf("two: %q, %v", got, err)
	}
	for _, address := range []string{"", "*", "https://*", "http://app.example", "https://app.example; script-src *", "https://app.example;script-src/x", "https:app.example", "data:x", "javascript://a/", "https://a b/", "https://a.example,/", "//a.example", "https://u@a.example/"} {
		if got, err := contentPolicy([]string{address}); err == nil && strings.ContainsAny(strings.TrimPrefix(got, strict), ";,*") || err == nil && !strings.HasPrefix(address, "https://app.example") {
			t.Errorf("%q is let through: %q", address, got)
		}
	}
	s := gallerySite(t, Options{}, gallery(same[string]))
	if got := get(t, s, "/codes").Header().Get("Content-Security-Policy"); got != strict+" https://app.example" {
		t.Errorf("of the page: %q", got)
	}
}

// inline is what the policy would not let run or apply.
var inline = regexp.MustCompile(`(?i)<script(?:>|[^>]*>[^<])|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<base|<iframe|<object|<embed`)

func TestNothingIsInline(t *testing.T) {
	s := gallerySite(t, Options{}, gallery(same[string]))
	for name := range gallery(same[string]) {
		if found := inline.FindString(get(t, s, "/"+name).Body.String()); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	for _, bad := range []string{"<script>x", `<script src="a">x`, `<p style="a">`, `<p onclick=a>`, "<style>"} {
		if !inline.MatchString(bad) {
			t.Errorf("%q would not be found", bad)
		}
	}
	if strings.Contains(strict, "unsafe") || strings.Contains(strict, "*") || strings.Contains(strict, "http") {
		t.Errorf("the policy lets more in than it needs: %s", strict)
	}
	for _, name := range []string{"page.css", "page.js"} {
		content, err := os.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"@import", "url(", "http:", "https:", "eval(", "innerHTML", "document.write", "insertAdjacentHTML", "fetch("} {
			if strings.Contains(string(content), bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
}
