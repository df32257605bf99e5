package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/infra/local/template"
)

var moment = time.Date(2020, 3, 12, 19, 3, 58, 0, time.UTC)

// function records the payload and gives a prepared answer.
type function struct {
	payload []byte
	answer  string
	err     error
	run     func(context.Context) error
}

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	f.payload = payload
	if f.run != nil {
		return nil, f.run(ctx)
	}
	return []byte(f.answer), f.err
}

func (f *function) event(t *testing.T) events.APIGatewayV2HTTPRequest {
	t.Helper()
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(f.payload, &e); err != nil {
		t.Fatalf("the payload is no event: %v", err)
	}
	return e
}

// serve makes a server of one function on the given paths, all ANY; "" is $default.
func serve(t *testing.T, f *function, paths ...string) *httptest.Server {
	t.Helper()
	var targets []Target
	for _, p := range paths {
		route := template.Route{}
		if p != "" {
			route = template.Route{Method: "ANY", Path: p}
		}
		targets = append(targets, Target{Route: route, Function: f})
	}
	g, err := New(targets, func() time.Time { return moment })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server
}

// fetch sends a request and returns the response with its body read.
func fetch(t *testing.T, method, url string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, req)
}

func send(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}
