package outbound

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAnEndpointTakesEverything(t *testing.T) {
	var path, url, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		path, url, body = r.RequestURI, r.Header.Get(URLHeader), string(text)
		w.WriteHeader(http.StatusTeapot)
	}))
	defer s.Close()
	c, err := Open(&s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://hooks.example.com/in%2Fto/?a=b":  "/hooks.example.com/in%2Fto/?a=b",
		"https://hooks.example.com:8443":          "/hooks.example.com:8443/",
		"https://hooks.example.com/../../faults":  "/hooks.example.com/../../faults",
		"https://[2606:2800:21f:cb07::1]:1/x?y=z": "/[2606:2800:21f:cb07::1]:1/x?y=z",
	} {
		status, err := c.Post(t.Context(), address, map[string]string{"webhook-id": "1"}, []byte("{}"))
		if status != http.StatusTeapot || err != nil || path != want || url != address || body != "{}" {
			t.Errorf("%s: %d, %v, %s with %s", address, status, err, path, url)
		}
	}
	for _, address := range []string{"http://hooks.example.com/", "https://127.0.0.1/", "https://localhost/"} {
		if _, err := c.Post(t.Context(), address, nil, nil); !errors.Is(err, BadURL) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// An endpoint that leads off this machine is none.
func TestAnEndpointIsOnThisMachine(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"http://127.0.0.1:9000": true, "http://[::1]:9000/below": true,
		"": false, "http://127.0.0.1": false, "http://localhost:9000": false, "http://10.0.0.1:80": false, "https://127.0.0.1:9000": false,
		"http://receiver.example.com:80": false, "http://a@127.0.0.1:80": false, "http://127.0.0.1:80/?a": false, "http://[::ffff:10.0.0.1]:80": false,
	} {
		if _, err := Open(&endpoint); (err == nil) != want {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
