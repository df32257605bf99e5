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
)

// Invoker runs a function once. *lambda.Pool is one.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Gateway is an http.Handler. Make it with New.
type Gateway struct {
	// Log is called after each answer, by many at once; nil: nobody is told.
	Log func(Access)

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

// serve answers, and gives the route that it found and the status.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, id string) (route string, status int) {
	w.Header().Set("Apigw-Requestid", id)
	body, refused := read(w, r)
	if refused != 0 {
		return "", message(w, refused)
	}
	path, ok := deliveredPath(r.URL.Path)
	if !ok {
		return "", message(w, http.StatusBadRequest)
	}
	found, variables, ok := match(g.routes, r.Method, path)
	if !ok {
		return "", message(w, http.StatusNotFound)
	}
	payload, err := json.Marshal(event(r, request{
		id: id, path: path, routeKey: found.key, variables: variables, body: body, now: g.now(),
	}))
	if err != nil {
		return found.key, message(w, http.StatusInternalServerError)
	}
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	answer, err := found.function.Invoke(ctx, payload)
	if err != nil {
		return found.key, message(w, statusOf(err))
	}
	return found.key, respond(w, answer)
}

// message writes one of API Gateway's own answers: {"message":"Service Unavailable"}.
func message(w http.ResponseWriter, status int) int {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	text, _ := json.Marshal(map[string]string{"message": http.StatusText(status)}) // texts only: it cannot fail
	_, _ = w.Write(text)                                                           // a client that is gone hears nothing
	return status
}
