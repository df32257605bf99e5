package gateway

import (
	"net/http"

	"github.com/google/uuid"
)

// Access is what an access log keeps of a request, as template.yaml's does: the route and not the path, which names users.
type Access struct {
	RequestID string // also in X-Request-Id and in every problem
	Method    string
	Route     string // its key, such as "ANY /v1/logins"; empty where there is none
	Status    int
}

// ServeHTTP answers one request. Refusals, and failures of the function, have API Gateway's own short bodies.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	route, status := g.serve(w, r, id)
	if g.Log != nil {
		g.Log(Access{RequestID: id, Method: r.Method, Route: route, Status: status})
	}
}
