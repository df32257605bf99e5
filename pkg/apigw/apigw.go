// Package apigw turns an event of an API Gateway HTTP API (Lambda proxy
// integration, payload format 2.0, stage $default) into a net/http request, and
// what the handler writes into the answer. It knows no route, authenticates
// nobody and interprets no body; it may not log what a request or an answer holds.
//
// Known limit: the API Gateway percent-decodes the path, so a slash inside an
// id that the client wrote as %2F cannot be told from one that separates.
package apigw

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"
)

// The two answers that do not come from the handler (RFC 9457). They say nothing about the request.
const (
	problemBody  = `{"type":"about:blank","title":"Bad request","status":400,"code":"malformed_body"}`
	problemPanic = `{"type":"about:blank","title":"Internal error","status":500,"code":"internal"}`
)

// errEvent has no detail: the decoder's own error may quote the event, which holds keys and codes.
var errEvent = errors.New("apigw: not an HTTP API event of payload format 2.0")

type adapter struct {
	handler http.Handler
	log     *slog.Logger
}

// Handler serves events with h. The context that h gets is the invocation's,
// with its deadline. A panic in h is logged without its value and answered with
// an opaque 500; whatever h had written by then is dropped. Invoke gives an
// error only for a payload that is no such event.
func Handler(h http.Handler, log *slog.Logger) lambda.Handler {
	return &adapter{handler: h, log: log}
}

// Invoke implements lambda.Handler.
func (a *adapter) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if json.Unmarshal(payload, &e) != nil || e.Version != "2.0" || e.RequestContext.HTTP.Method == "" {
		return nil, errEvent
	}
	body, err := e.body()
	if err != nil {
		return json.Marshal(problem(http.StatusBadRequest, problemBody))
	}
	return json.Marshal(a.serve(e.request(ctx, body)))
}

func (a *adapter) serve(r *http.Request) (out answer) {
	defer func() {
		if value := recover(); value != nil {
			// Not the value: it may hold a secret.
			a.log.ErrorContext(r.Context(), "panic in a handler", "request_id", RequestID(r.Context()),
				"panic", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
			out = problem(http.StatusInternalServerError, problemPanic)
		}
	}()
	w := newWriter(r.Method)
	a.handler.ServeHTTP(w, r)
	return w.answer()
}
