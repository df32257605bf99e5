package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// startServer serves the sample on a loopback address until the test ends.
func startServer(t *testing.T, s *sample) string {
	t.Helper()
	server := httptest.NewServer(s.api.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// roundTrip gives the status of the first answer; a redirect is not followed.
func roundTrip(t *testing.T, r *http.Request) int {
	t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}
