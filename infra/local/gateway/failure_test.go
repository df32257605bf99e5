package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"twofold/infra/local/lambda"
)

// TestFailuresOfTheFunction: statusOf names the page or the capture for each. The bodies are HTTP APIs' own, which
// write "Server Error" with capitals: github.com/brefphp/bref issue 1090 has the one of an answer that is too large.
func TestFailuresOfTheFunction(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{&lambda.FunctionError{Type: "errorString", Message: "secret"}, 500, `{"message":"Internal Server Error"}`},
		{&lambda.FunctionError{Type: "Function.ResponseSizeTooLarge"}, 500, `{"message":"Internal Server Error"}`},
		{lambda.ErrCrashed, 500, `{"message":"Internal Server Error"}`},
		{fmt.Errorf("wrapped: %w", lambda.ErrInit), 500, `{"message":"Internal Server Error"}`},
		{&lambda.InvocationError{Err: lambda.ErrTimeout}, 500, `{"message":"Internal Server Error"}`},
		{errors.New("anything"), 500, `{"message":"Internal Server Error"}`},
		{lambda.ErrThrottled, 503, `{"message":"Service Unavailable"}`},
		{lambda.ErrTooLarge, 413, `{"message":"Request Entity Too Large"}`},
	} {
		server := serve(t, &function{err: c.err}, "")
		res, body := fetch(t, "GET", server.URL, nil)
		if res.StatusCode != c.status || body != c.body {
			t.Errorf("%v: %d %s", c.err, res.StatusCode, body)
		}
		if res.Header.Get("Apigw-Requestid") == "" || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v: headers %v", c.err, res.Header)
		}
	}
}

// TestTheGatewayWaitsOnlySoLong: "Maximum integration timeout 30 seconds", and then 503.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
// https://github.com/cortexlabs/cortex/issues/1225
func TestTheGatewayWaitsOnlySoLong(t *testing.T) {
	slow := &function{run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	g, err := New([]Target{{Function: slow}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if g.timeout != 30*time.Second {
		t.Errorf("it waits %v", g.timeout)
	}
	g.timeout = time.Millisecond
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != `{"message":"Service Unavailable"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
