package iam

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// maxRequest bounds a request's body in bytes: DynamoDB takes 16 MB, SES takes 40.
const maxRequest = 48 << 20

// Role is what one function may do.
type Role struct {
	Function string // "verify"
	Policy   Policy
}

// Guard knows every caller that is held to a role. Others, such as the bootstrap and the tests, are operators and may do
// everything.
type Guard struct {
	Roles map[string]Role // by access key id
	Log   *slog.Logger

	// Recorder takes down what the functions ask for, allowed or not; nil takes down nothing.
	Recorder *Recorder
	// Names are what the template calls things, by ARN or value: for the records only.
	Names map[string]string
	// Kinds are what the template calls resources that it cannot name, since customers make them: by the beginning of their ARN. Of
	// what a call that touches one says, the records keep only what the template names.
	Kinds map[string]string
}

// reader finds out what a request asks for. One that it cannot read is judged as asking for nothing, which is for the
// service to refuse.
type reader func(r *http.Request, body []byte) []Request

// wrap puts the guard before a service. denied is the status of a refusal in the service's protocol.
func (g *Guard) wrap(next http.Handler, read reader, denied int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := callerOf(r)
		role, held := g.Roles[caller]
		if !held {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "too large")
			return
		}
		asked := read(r, body)
		if err := g.record(role.Function, asked); err != nil {
			g.Log.Error("iam: a call could not be recorded", "caller", caller, "error", err)
			refuse(w, http.StatusInternalServerError, "InternalServerError", "not recorded")
			return
		}
		for _, request := range asked {
			if !role.Policy.Allows(request) {
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

// record takes down all of a request, so that a part which is refused does not hide those behind it.
func (g *Guard) record(function string, asked []Request) error {
	if g.Recorder == nil {
		return nil
	}
	for _, r := range asked {
		c := Call{Function: function, Action: r.Action, Resource: g.name(r.Resource)}
		kind := g.kind(r.Resource)
		if c.Resource == r.Resource && kind != "" {
			c.Resource = kind
		}
		for key, value := range r.Context {
			if kind != "" && c.Resource == kind && g.name(value) == value {
				continue // a customer's word
			}
			if c.Context == nil {
				c.Context = map[string]string{}
			}
			c.Context[key] = g.name(value)
		}
		if err := g.Recorder.Note(c); err != nil {
			return err
		}
	}
	return nil
}

// name is what the template calls something, or a part of something: "Table.Arn/index/byUser".
func (g *Guard) name(of string) string {
	for known, name := range g.Names {
		if rest, ok := strings.CutPrefix(of, known); ok && (rest == "" || rest[0] == '/') {
			return name + rest
		}
	}
	return of
}

// kind is what the template calls resources of this kind; empty where it names each.
func (g *Guard) kind(of string) string {
	for prefix, kind := range g.Kinds {
		if strings.HasPrefix(of, prefix) {
			return kind
		}
	}
	return ""
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
