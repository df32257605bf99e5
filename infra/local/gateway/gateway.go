// Package gateway stands in for an API Gateway HTTP API: it matches routes, turns a request into an event of payload
// format 2.0, invokes a function and turns its answer into the response. Where the real one does something odd
// (decoded paths, joined headers, stray base64), so does this one, because that is what the functions must cope with.
// It knows no route and no function of its own and may not be imported by anything that is deployed.
package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"
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

// ServeHTTP answers one request. Refusals, and failures of the function, have API Gateway's own short bodies.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	w.Header().Set("Apigw-Requestid", id)
	body, status := read(w, r)
	if status != 0 {
		message(w, status)
		return
	}
	path, ok := deliveredPath(r.URL.Path)
	if !ok {
		message(w, http.StatusBadRequest)
		return
	}
	found, variables, ok := match(g.routes, r.Method, path)
	if !ok {
		message(w, http.StatusNotFound)
		return
	}
	payload, err := json.Marshal(event(r, request{
		id: id, path: path, routeKey: found.key, variables: variables, body: body, now: g.now(),
	}))
	if err != nil {
		message(w, http.StatusInternalServerError)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	answer, err := found.function.Invoke(ctx, payload)
	if err != nil {
		message(w, statusOf(err))
		return
	}
	respond(w, answer)
}

// message writes one of API Gateway's own answers: {"message":"Service Unavailable"}.
func message(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	text, _ := json.Marshal(map[string]string{"message": http.StatusText(status)}) // texts only: it cannot fail
	_, _ = w.Write(text)                                                           // a client that is gone hears nothing
}
