package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What changes something comes from our own pages. The host is what the API Gateway calls the domain of the request.
func TestOnlyOurOwnPagesChangeAnything(t *testing.T) {
	for name, c := range map[string]struct {
		method, site, origin string
		want                 int
	}{
		"our form":                              {"POST", "same-origin", "https://login.example", 204},
		"our form, referrer withheld":           {"POST", "same-origin", "null", 204},
		"reloaded by hand":                      {"POST", "none", "", 204},
		"an old browser":                        {"POST", "", "https://login.example", 204},
		"an old browser, behind another domain": {"POST", "", "https://public.example", 204},
		"another site":                          {"POST", "cross-site", "https://evil.example", 403},
		"a sibling":                             {"POST", "same-site", "https://evil.login.example", 403},
		"another site in an old browser":        {"POST", "", "https://evil.example", 403},
		"an old browser, referrer withheld":     {"POST", "", "null", 403},
		"a sandbox":                             {"POST", "cross-site", "null", 403},
		"two at once":                           {"POST", "same-origin, cross-site", "https://evil.example", 403},
		"an unknown relation":                   {"POST", "friendly", "", 403},
		"no browser":                            {"POST", "", "", 403},
		"our host as a user's name":             {"POST", "", "https://login.example@evil.example", 403},
		"our host, another port":                {"POST", "", "https://login.example:444", 403},
		"a DELETE from elsewhere":               {"DELETE", "cross-site", "https://evil.example", 403},
		"an OPTIONS from elsewhere":             {"OPTIONS", "cross-site", "https://evil.example", 403},
		"no method at all":                      {"BREW", "", "", 403},
		"a link from elsewhere":                 {"GET", "cross-site", "", 204},
	} {
		s, err := New(Options{Origin: "https://public.example"})
		if err != nil {
			t.Fatal(err)
		}
		done := false
		s.Handle("/do", func(w http.ResponseWriter, _ *http.Request) error {
			done = true
			w.WriteHeader(http.StatusNoContent)
			return nil
		})
		r := httptest.NewRequestWithContext(t.Context(), c.method, "https://login.example/do", nil)
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.want || done != (c.want == 204) {
			t.Errorf("%s: %d, done: %t", name, w.Code, done)
		}
		if c.want == 403 && !strings.Contains(w.Body.String(), "This did not come from our page") {
			t.Errorf("%s is not told why: %s", name, w.Body)
		}
	}
}

func TestAnOriginIsOne(t *testing.T) {
	for _, bad := range []string{"login.example", "https://login.example/", "https://", "https://login.example/x?y"} {
		if _, err := New(Options{Origin: bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
