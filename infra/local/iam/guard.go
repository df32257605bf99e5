package iam

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
)

// maxRequest bounds a request's body in bytes: DynamoDB takes 16 MB, SES takes 40.
const maxRequest = 48 << 20

// Guard knows every caller that is held to a role, by access key id. Others, such as the bootstrap and the tests, are
// operators and may do everything.
type Guard struct {
	Policies map[string]Policy
	Log      *slog.Logger
}

// reader finds out what a request asks for. One that it cannot read is judged as asking for nothing, which is for the
// service to refuse.
type reader func(r *http.Request, body []byte) []Request

// wrap puts the guard before a service. denied is the status of a refusal in the service's protocol.
func (g *Guard) wrap(next http.Handler, read reader, denied int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := callerOf(r)
		policy, held := g.Policies[caller]
		if !held {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "too large")
			return
		}
		for _, request := range read(r, body) {
			if !policy.Allows(request) {
				g.Log.Error("iam: the role does not allow this; see template.yaml", "caller", caller,
					"action", request.Action, "resource", request.Resource)
				refuse(w, denied, "AccessDeniedException", caller+" is not authorized to perform "+request.Action)
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

var credential = regexp.MustCompile(`Credential=([A-Za-z0-9]+)/`)

// callerOf is the access key id in a request's signature.
func callerOf(r *http.Request) string {
	if found := credential.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	return ""
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": kind, "message": text}) // a client that is gone hears nothing
}
