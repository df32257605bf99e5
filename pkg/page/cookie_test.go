package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestACookieIsTheHostsOwn(t *testing.T) {
	c := Cookie{Name: "prompt-01a", MaxAge: 10 * time.Minute}
	w := httptest.NewRecorder()
	if err := c.Set(w, "aZ0-_.~=:"); err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("Set-Cookie"); got != "__Host-prompt-01a=aZ0-_.~=:; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("set: %s", got)
	}
	w = httptest.NewRecorder()
	c.Clear(w)
	if got := w.Header().Get("Set-Cookie"); got != "__Host-prompt-01a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("cleared: %s", got)
	}
	w = httptest.NewRecorder()
	if err := (Cookie{Name: "s"}).Set(w, "v"); err != nil || w.Header().Get("Set-Cookie") != "__Host-s=v; Path=/; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("of a session: %v %s", err, w.Header())
	}
}

func TestWhatIsNoCookie(t *testing.T) {
	for _, c := range [][2]string{
		{"", "v"}, {"a b", "v"}, {"a=b", "v"}, {"a;b", "v"}, {"ä", "v"}, {"a", "v;w"}, {"a", "v w"}, {"a", "v\nw"}, {"a", `"v"`}, {"a", "é"}, {"a", "v,w"}, {"a", strings.Repeat("v", maxCookie)},
	} {
		w := httptest.NewRecorder()
		if err := (Cookie{Name: c[0]}).Set(w, c[1]); err == nil || len(w.Header()) != 0 {
			t.Errorf("%q=%.20q is set: %v", c[0], c[1], w.Header())
		}
	}
}

func TestACookieIsReadOnce(t *testing.T) {
	c := Cookie{Name: "s"}
	for header, want := range map[string]string{
		"__Host-s=v": "v", "other=1; __Host-s=v; __Host-t=2": "v",
		"": "", "s=v": "", "__Host-s=": "", "__host-s=v": "", "__Host-s=v; __Host-s=w": "", "__Host-s=v; __Host-s=v": "", "__Secure-s=v": "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Cookie", header)
		if got, there := c.Read(r); got != want || there != (want != "") {
			t.Errorf("%q: %q, %t", header, got, there)
		}
	}
}
