// Package gateway stands in for an API Gateway HTTP API: it matches routes, turns a request into an event of payload
// format 2.0, invokes a function and turns its answer into the response. Where the real one does something odd
// (decoded paths, joined headers, stray base64), so does this one, because that is what the functions must cope with.
// It knows no route and no function of its own and may not be imported by anything that is deployed.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/lambda"
)

// Limits of an HTTP API:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const (
	maxBody            = 10 << 20 // bytes of a request's body
	integrationTimeout = 30 * time.Second
)

// Invoker runs a function once. *lambda.Pool is one.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Gateway is an http.Handler. Make it with New.
type Gateway struct {
	routes  []route
	now     func() time.Time
	timeout time.Duration
}

// New makes a gateway of the given routes. It refuses what it cannot serve as API Gateway would: two routes of one
// key, greedy variables, a method that is none.
func New(targets []Target, now func() time.Time) (*Gateway, error) {
	routes, err := compile(targets)
	if err != nil {
		return nil, err
	}
	return &Gateway{routes: routes, now: now, timeout: integrationTimeout}, nil
}

// ServeHTTP answers one request. Failures of the function have API Gateway's own short bodies.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	w.Header().Set("Apigw-Requestid", id)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		message(w, http.StatusRequestEntityTooLarge, "Request Too Long")
		return
	} else if err != nil {
		message(w, http.StatusBadRequest, "Bad Request")
		return
	}
	path := deliveredPath(r.URL.Path)
	found, variables, ok := match(g.routes, r.Method, path)
	if !ok {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	payload, err := json.Marshal(event(r, request{
		id: id, path: path, routeKey: found.key, variables: variables, body: body, now: g.now(),
	}))
	if err != nil {
		message(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	answer, err := found.function.Invoke(ctx, payload)
	switch {
	case errors.Is(err, lambda.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		message(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		respond(w, answer)
	}
}

// message writes one of API Gateway's own answers.
func message(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": text}) // a client that is gone hears nothing
}
