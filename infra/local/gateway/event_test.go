package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestExample sends the request behind the example in AWS's documentation of payload format 2.0. testdata/example.json
// is that example in our own values, less what this gateway has no counterpart for (authorizers, client certificates,
// stage variables) and with the lower-case names that the same page promises:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func TestExample(t *testing.T) {
	f := &function{answer: `{"statusCode":200}`}
	g, err := New([]Target{{Function: f}}, func() time.Time { return moment })
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "http://id.execute-api.us-east-1.amazonaws.com/my/path?parameter1=value1&parameter1=value2&parameter2=value",
		strings.NewReader(`{"hello": "lambda"}`))
	r.RemoteAddr = "192.0.2.1:4711"
	for _, line := range [][2]string{
		{"Header1", "value1"}, {"Header2", "value1"}, {"Header2", "value2"}, {"Cookie", "cookie1=one; cookie2=two"},
		{"Content-Type", "application/json"}, {"Content-Length", "19"}, {"User-Agent", "agent"},
		{"X-Amzn-Trace-Id", "Root=1-00000000-000000000000000000000000"}, {"Connection", "keep-alive"},
	} {
		r.Header.Add(line[0], line[1])
	}
	g.ServeHTTP(httptest.NewRecorder(), r)
	var got, want map[string]any
	if err := json.Unmarshal(f.payload, &got); err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("testdata/example.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(example, &want); err != nil {
		t.Fatal(err)
	}
	context := got["requestContext"].(map[string]any)
	if id, _ := context["requestId"].(string); len(id) < 16 {
		t.Errorf("request id %q", id)
	}
	context["requestId"] = "id"
	delete(context, "authentication") // always there in Go's type, empty
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s\n got %v\nwant %v", name, got[name], value)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s is not in the example", name)
		}
	}
}

// TestPaths is what captures of live HTTP APIs show; see deliveredPath.
func TestPaths(t *testing.T) {
	for _, c := range []struct{ sent, raw, query, key, variable string }{
		{"/users/a@b", "/users/a@b", "", "ANY /users/{user}", "a@b"},
		{"/users/a%40b%2Bc", "/users/a@b+c", "", "ANY /users/{user}", "a@b+c"},
		{"/users/two%20words", "/users/two words", "", "ANY /users/{user}", "two words"},
		{"/users/a%2Fb", "/users/a/b", "", "$default", ""},                               // a slash is a slash
		{"/users/me%3Fadmin=1?q=%20x", "/users/me", "q=%20x", "ANY /users/{user}", "me"}, // cut, the real query kept
		{"/users/a%23b", "/users/a#b", "", "ANY /users/{user}", "a#b"},
		{"/users/%E2%82%AC", "/users/€", "", "ANY /users/{user}", "€"},
		{"/users/a%252Fb", "/users/a/b", "", "$default", ""}, // decoded twice
		{"/users/me%253Fadmin=1", "/users/me?admin=1", "", "ANY /users/{user}", "me?admin=1"},
		{"/users/100%2525", "/users/100%", "", "ANY /users/{user}", "100%"},
		{"/users/a/?x=1&x=2&y", "/users/a/", "x=1&x=2&y", "$default", ""},
		{"/users//", "/users//", "", "$default", ""},
	} {
		f := &function{answer: `{"statusCode":200}`}
		server := serve(t, f, "", "/users/{user}")
		fetch(t, "GET", server.URL+c.sent, nil)
		e := f.event(t)
		if e.RawPath != c.raw || e.RequestContext.HTTP.Path != c.raw || e.RawQueryString != c.query {
			t.Errorf("%s: path %q, %q, query %q", c.sent, e.RawPath, e.RequestContext.HTTP.Path, e.RawQueryString)
		}
		if e.RouteKey != c.key || e.RequestContext.RouteKey != c.key || e.PathParameters["user"] != c.variable {
			t.Errorf("%s: route %s, variables %v", c.sent, e.RouteKey, e.PathParameters)
		}
	}
}

// TestPathsThatAreRefused: a percent sign that stands for itself does not survive the second decoding.
func TestPathsThatAreRefused(t *testing.T) {
	f := &function{answer: `{"statusCode":200}`}
	server := serve(t, f, "", "/users/{user}")
	for _, path := range []string{"/users/100%25", "/users/percent%25done", "/%25zz"} {
		if res, body := fetch(t, "GET", server.URL+path, nil); res.StatusCode != 400 || body != `{"message":"Bad Request"}` || f.payload != nil {
			t.Errorf("%s: %d %s, invoked: %v", path, res.StatusCode, body, f.payload != nil)
		}
	}
}

func TestSourceIsTheConnectionsAlone(t *testing.T) {
	f := &function{answer: `{"statusCode":200}`}
	server := serve(t, f, "")
	req, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	req.Header["X-Forwarded-For"] = []string{"203.0.113.9, 10.0.0.1"}
	req.Header["X-Forwarded-Proto"] = []string{"https"}
	send(t, req)
	e := f.event(t)
	if e.RequestContext.HTTP.SourceIP != "127.0.0.1" {
		t.Errorf("source %s", e.RequestContext.HTTP.SourceIP)
	}
	if got := e.Headers["x-forwarded-for"]; got != "203.0.113.9, 10.0.0.1, 127.0.0.1" {
		t.Errorf("x-forwarded-for %s", got)
	}
	if e.Headers["x-forwarded-proto"] != "http" {
		t.Error("the client says what the protocol was")
	}
}

func TestIPv6Source(t *testing.T) {
	f := &function{answer: `{"statusCode":200}`}
	g, err := New([]Target{{Function: f}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8::1]:443"
	g.ServeHTTP(httptest.NewRecorder(), r)
	if got := f.event(t).RequestContext.HTTP.SourceIP; got != "2001:db8::1" {
		t.Errorf("source %s", got)
	}
}

// TestBodies is what a live HTTP API was found to do; see isText.
func TestBodies(t *testing.T) {
	for _, c := range []struct {
		kind, sent, body string
		encoded          bool
	}{
		{"application/json", `{"a":"ü"}`, `{"a":"ü"}`, false},
		{"application/JSON; charset=utf-8", `{}`, `{}`, false},
		{"application/problem+json", `{}`, `e30=`, true},
		{"application/xml", `<a/>`, `<a/>`, false},
		{"text/plain", "a", "a", false},
		{"application/javascript", "a", "a", false},
		{"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		{"application/octet-stream", "\xff\x00", "/wA=", true},
		{"image/svg+xml", "<a/>", "PGEvPg==", true},
		{"", "a", "YQ==", true},
		{"application/json", "", "", false},
	} {
		f := &function{answer: `{"statusCode":200}`}
		server := serve(t, f, "")
		req, _ := http.NewRequestWithContext(t.Context(), "POST", server.URL, io.NopCloser(strings.NewReader(c.sent)))
		req.ContentLength = int64(len(c.sent))
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		send(t, req)
		if e := f.event(t); e.Body != c.body || e.IsBase64Encoded != c.encoded {
			t.Errorf("%s: %q, base64 %v", c.kind, e.Body, e.IsBase64Encoded)
		}
	}
}

func TestNoCookieHeaderReachesTheFunction(t *testing.T) {
	f := &function{answer: `{"statusCode":200}`}
	server := serve(t, f, "")
	req, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	req.Header["Cookie"] = []string{"a=1; b=2", "c=3"}
	send(t, req)
	e := f.event(t)
	if _, there := e.Headers["cookie"]; there || !reflect.DeepEqual(e.Cookies, []string{"a=1", "b=2", "c=3"}) {
		t.Errorf("cookies %q, headers %v", e.Cookies, e.Headers)
	}
}
