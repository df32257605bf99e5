package httpapi

import (
	"net/http/httptest"
	"testing"
	"time"
)

// Browsers are sent to where we are told that they reach us, or else to where the request came to.
func TestWhereBrowsersReachUs(t *testing.T) {
	for _, c := range []struct{ told, proto, want string }{
		{"", "https", "https://api.example"}, {"", "", "https://api.example"}, {"", "http", "http://api.example"}, {"", "javascript", "https://api.example"},
		{"https://2fa.vendor.example", "http", "https://2fa.vendor.example"},
	} {
		r := httptest.NewRequest("POST", "/v1/logins", nil)
		r.Host = "api.example"
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if got := New("verify", Options{Now: time.Now, Address: c.told}).begin(r).address; got != c.want {
			t.Errorf("told %q, by %q: %s", c.told, c.proto, got)
		}
	}
}
