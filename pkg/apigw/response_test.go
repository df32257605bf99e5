package apigw

import (
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
)

// A 401 that a later line turns into 200 would let in whoever was refused.
func TestTheFirstStatusWins(t *testing.T) {
	out := invoke(t, "query", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Before", "kept")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusUnauthorized)
		w.Header().Set("X-After", "too late")
		w.Header().Set("X-Before", "too late")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "no")
	})
	if out.StatusCode != 401 || out.Body != "no" {
		t.Errorf("answer %+v", out)
	}
	if out.Headers["X-Before"] != "kept" || out.Headers["X-After"] != "" {
		t.Errorf("headers %v", out.Headers)
	}
}

func TestWritingWithoutAStatusIs200(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":     func(http.ResponseWriter, *http.Request) {},
		"a body":      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x"); w.WriteHeader(404) },
		"an empty":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil); w.WriteHeader(404) },
		"only a hint": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(100) },
	} {
		if out := invoke(t, "query", handler); out.StatusCode != 200 || out.IsBase64Encoded {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func TestAnImpossibleStatusIsAPanicOfTheHandler(t *testing.T) {
	for _, status := range []int{0, 99, 1000, -1} {
		if out := invoke(t, "query", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }); out.StatusCode != 500 {
			t.Errorf("%d became %d", status, out.StatusCode)
		}
	}
}

func TestCookiesAndHeadersLeaveApart(t *testing.T) {
	out := invoke(t, "query", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "a=1; Expires=Wed, 01 Jan 2126 00:00:00 GMT")
		w.Header().Add("Set-Cookie", "b=2; HttpOnly")
		w.Header().Add("Vary", "Accept")
		w.Header().Add("Vary", "Cookie")
		w.Header().Set("X-Split", "one\r\nX-Forged: two")
		w.Header().Add("Set-Cookie", "c=3\r\nX-Forged: two")
		w.WriteHeader(http.StatusNoContent)
	})
	wantCookies := []string{"a=1; Expires=Wed, 01 Jan 2126 00:00:00 GMT", "b=2; HttpOnly", "c=3  X-Forged: two"}
	if !slices.Equal(out.Cookies, wantCookies) {
		t.Errorf("cookies %q", out.Cookies)
	}
	wantHeaders := map[string]string{"Vary": "Accept, Cookie", "X-Split": "one  X-Forged: two"}
	if !maps.Equal(out.Headers, wantHeaders) {
		t.Errorf("headers %q", out.Headers)
	}
}

func TestOnlyTextTravelsAsItIs(t *testing.T) {
	cases := []struct {
		kind, encoding, body string
		base64               bool
	}{
		{"application/json", "", `{"é":"€"}`, false},
		{"application/problem+json; charset=utf-8", "", "{}", false},
		{"application/jwk-set+json", "", "{}", false},
		{"text/html; charset=utf-8", "", "<p>", false},
		{"", "", "guessed to be text", false},
		{"", "", "\x89PNG\r\n\x1a\n", true},
		{"image/png", "", "happens to be text", true},
		{"application/json", "gzip", "happens to be text", true},
		{"text/plain", "", "\xff\xfe", true},
		{"not a; type;", "", "text", true},
	}
	for _, c := range cases {
		out := invoke(t, "query", func(w http.ResponseWriter, _ *http.Request) {
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			if c.encoding != "" {
				w.Header().Set("Content-Encoding", c.encoding)
			}
			_, _ = io.WriteString(w, c.body[:2])
			_, _ = io.WriteString(w, c.body[2:])
		})
		body := []byte(out.Body)
		if out.IsBase64Encoded {
			body, _ = base64.StdEncoding.DecodeString(out.Body)
		}
		if out.IsBase64Encoded != c.base64 || string(body) != c.body {
			t.Errorf("%q %q: base64 %t, body %q", c.kind, c.body, out.IsBase64Encoded, body)
		}
		if out.Headers["Content-Type"] == "" {
			t.Errorf("%q: no content type", c.body)
		}
	}
}

func TestWhereNoBodyIsAllowedNoneLeaves(t *testing.T) {
	out := invoke(t, "head", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead {
			t.Errorf("method %s", r.Method)
		}
		w.Header().Set("Content-Type", "application/json")
		if n, err := io.WriteString(w, "{}"); n != 2 || err != nil {
			t.Errorf("written %d, %v", n, err)
		}
	})
	if out.StatusCode != 200 || out.Body != "" || out.IsBase64Encoded || out.Headers["Content-Type"] != "application/json" {
		t.Errorf("HEAD: %+v", out)
	}
	out = invoke(t, "query", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotModified)
		if _, err := io.WriteString(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
			t.Errorf("304: %v", err)
		}
	})
	if out.StatusCode != 304 || out.Body != "" {
		t.Errorf("304: %+v", out)
	}
}
