package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
)

// The one style of each page is the one that its policy lets in, as a browser reckons it; and nothing else is.
func TestThePagesStyleIsLetIn(t *testing.T) {
	for name, c := range map[string]struct {
		shown optOutPage
		err   error
	}{"asks": {}, "done": {shown: optOutPage{Out: true}}, "unknown": {err: access.ErrNotFound}} {
		out, err := page(c.shown, c.err)
		if err != nil {
			t.Fatal(name, err)
		}
		text := string(out.Body)
		_, style, _ := strings.Cut(text, "<style>")
		style, _, found := strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !found || !strings.Contains(out.Policy, want) {
			t.Errorf("%s: %s does not say %s", name, out.Policy, want)
		}
		if !strings.HasPrefix(out.Policy, "default-src 'none';") || strings.Contains(out.Policy, "unsafe") || strings.Contains(text, " style=") {
			t.Errorf("%s: policy %s for\n%s", name, out.Policy, text)
		}
		for _, part := range []string{`<html lang="en">`, `name="viewport"`, "max-width:34rem"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %s in\n%s", name, part, text)
			}
		}
	}
}

// A page is shown with whatever comes along; any other operation refuses the same.
func TestAPageLooksAtNeitherQueryNorBody(t *testing.T) {
	for _, shown := range []bool{true, false} {
		api := New("sample", Options{Now: time.Now})
		op := Operation{ID: "post-page", Method: http.MethodPost, Path: "/pages/{token}", Public: true, Page: shown, Success: http.StatusOK}
		Register(api, op, func(_ context.Context, _ access.Caller, in *OptOutPath) (*pageOutput, error) {
			return page(optOutPage{Out: in.Token == "abc"}, nil)
		})
		for _, c := range []struct{ query, media, body string }{
			{"?x=1", "", ""}, {"?x=1&x=2", "", ""}, {"?x=%zz", "", ""}, {"?token=b", "", ""}, {"", "application/json", `{"a":1}`},
			{"", "text/plain; charset=latin1", "\xff"}, {"", "application/x-www-form-urlencoded", strings.Repeat("a", 70<<10)},
		} {
			r := httptest.NewRequest(http.MethodPost, "/pages/abc"+c.query, strings.NewReader(c.body))
			if c.media != "" {
				r.Header.Set("Content-Type", c.media)
			}
			w := httptest.NewRecorder()
			api.Handler().ServeHTTP(w, r)
			if shown != (w.Code == http.StatusOK) || shown != strings.Contains(w.Body.String(), "You get no more") {
				t.Errorf("%+v, page %t: %d %s", c, shown, w.Code, w.Body)
			}
		}
	}
}
