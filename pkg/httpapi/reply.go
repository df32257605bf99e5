package httpapi

import (
	"bytes"
	"maps"
	"net/http"
)

// reply collects an answer. Unlike a connection it can be thrown away.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// newReply begins an answer with the headers that every answer has. An operation
// may replace Cache-Control, for what is public and may be kept.
func newReply(requestID string) *reply {
	h := http.Header{}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=63072000")
	h.Set("X-Request-Id", requestID)
	return &reply{header: h}
}

// Header is what will be sent; see http.ResponseWriter.
func (a *reply) Header() http.Header { return a.header }

// WriteHeader sets the status; the first one stands.
func (a *reply) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write adds to the body.
func (a *reply) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// send hands the answer over.
func (a *reply) send(w http.ResponseWriter, method string) {
	maps.Copy(w.Header(), a.header)
	a.WriteHeader(http.StatusOK)
	w.WriteHeader(a.status)
	if method != http.MethodHead && a.body.Len() > 0 {
		// A reader who has gone cannot be told so.
		_, _ = w.Write(a.body.Bytes())
	}
}

// problem makes the answer a problem.
func (a *reply) problem(p *Problem) {
	maps.Copy(a.header, p.GetHeaders())
	a.header.Set("Content-Type", mediaProblem)
	a.WriteHeader(p.Status)
	if err := format.Marshal(a, p); err != nil {
		panic(err)
	}
}
