package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// policy is as strict as that of our pages.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"

// site serves pages: what stands between <main> and </main>, by path.
func site(t *testing.T, pages map[string]string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, known := pages[r.URL.Path]
		w.Header().Set("Content-Security-Policy", policy)
		switch {
		case !known:
			http.NotFound(w, r)
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, body)
		case strings.HasSuffix(r.URL.Path, ".css"):
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, body)
		default:
			whole(w, body)
		}
	})
}

func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// whole is a page that is as it should be around body.
func whole(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`+
		`<title>Page</title></head><body><main><h1>Page</h1>%s</main></body></html>`, body)
}

// refused is the error of something that must not do; it must say what is wanted.
func refused(t *testing.T, err error, wanted ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("it is well")
	}
	for _, text := range wanted {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("no %q in: %v", text, err)
		}
	}
}
