package lambda

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAnswersOutOfTurn: an id that was never given out is unknown; a second answer to one is forbidden.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and github.com/brefphp/bref pull 1483
func TestAnswersOutOfTurn(t *testing.T) {
	i := &instance{next: make(chan *invocation), failed: make(chan error, 1)}
	server := httptest.NewServer(i.api())
	t.Cleanup(server.Close)
	work := newInvocation([]byte(`{}`), time.Minute)
	go func() { i.next <- work }()
	next, err := http.Get(server.URL + "/2018-06-01/runtime/invocation/next")
	if err != nil {
		t.Fatal(err)
	}
	next.Body.Close()
	id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
	for _, c := range []struct {
		path   string
		status int
	}{
		{"other/response", 400}, {"other/error", 400}, {id + "/response", 202}, {id + "/response", 403}, {id + "/error", 403},
	} {
		res, err := http.Post(server.URL+"/2018-06-01/runtime/invocation/"+c.path, "application/json", strings.NewReader(`"first"`))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.path, res.StatusCode, c.status)
		}
	}
	if a := <-work.answer; string(a.body) != `"first"` || a.err != nil {
		t.Errorf("answered %s, %v", a.body, a.err)
	}
}
