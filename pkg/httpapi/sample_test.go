package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
)

// marker stands in every value that must not come back.
const marker = "S3cr3tV4lue"

type policyInput struct {
	User string                 `path:"user"`
	Page int                    `query:"page" minimum:"1" maximum:"50"`
	Deep bool                   `query:"deep"`
	Name string                 `query:"name" minLength:"2" pattern:"^[a-z]+$"`
	Tags []string               `query:"tag,explode"`
	Text string                 `query:"text"`
	Key  httpapi.IdempotencyKey `header:"Idempotency-Key"`
	Body policyBody
}

type policyBody struct {
	Code    string            `json:"code" minLength:"2" maxLength:"12" pattern:"^[0-9a-z]+$"`
	Methods []string          `json:"methods,omitempty" enum:"totp,email" maxItems:"2"`
	Days    int               `json:"days,omitempty" minimum:"1" maximum:"30"`
	Email   string            `json:"email,omitempty" format:"email"`
	Grace   gracePart         `json:"grace,omitzero"`
	Steps   []gracePart       `json:"steps,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Free    any               `json:"free,omitempty"`
	Note    *string           `json:"note,omitempty" nullable:"true"`
}

type gracePart struct {
	Until int  `json:"until"`
	Warn  bool `json:"warn,omitempty"`
}

type policyOutput struct {
	ETag string `header:"ETag"`
	Body policyAnswer
}

type policyAnswer struct {
	User    string   `json:"user"`
	Role    string   `json:"role"`
	Methods []string `json:"methods"`
}

// sample is an API with one operation of each sort.
type sample struct {
	api    *httpapi.API
	logged *bytes.Buffer
	calls  int
	caller access.Caller
	input  policyInput
	err    error
	do     func()
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{logged: &bytes.Buffer{}}
	s.api = httpapi.New("sample", httpapi.Options{
		Logger:    slog.New(slog.NewTextHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:       func() time.Time { return time.Unix(1_800_000_000, 0) },
		RequestID: func(context.Context) string { return "req-1" },
		SourceIP:  func(context.Context) string { return "192.0.2.7" },
	})
	httpapi.Register(s.api, putPolicy(), func(_ context.Context, caller access.Caller, in *policyInput) (*policyOutput, error) {
		s.calls++
		s.caller, s.input = caller, *in
		if s.do != nil {
			s.do()
		}
		if s.err != nil {
			return nil, s.err
		}
		return &policyOutput{ETag: `"7"`, Body: policyAnswer{User: in.User, Role: "x"}}, nil
	})
	httpapi.Register(s.api, httpapi.Operation{ID: "get-keys", Method: http.MethodGet, Path: "/keys", Public: true, Summary: "Public keys"},
		func(context.Context, access.Caller, *struct{}) (*struct {
			Cache string `header:"Cache-Control"`
			Body  policyAnswer
		}, error) {
			s.calls++
			return &struct {
				Cache string `header:"Cache-Control"`
				Body  policyAnswer
			}{Cache: "public, max-age=60"}, nil
		})
	httpapi.Register(s.api, httpapi.Operation{ID: "delete-user", Method: http.MethodDelete, Path: "/v1/users/{user}",
		Rule: access.Rule{Roles: []access.Role{access.Application}}, Summary: "Delete a user"},
		func(context.Context, access.Caller, *struct {
			User string `path:"user"`
		}) (*struct{}, error) {
			s.calls++
			return nil, s.err
		})
	httpapi.Register(s.api, httpapi.Operation{ID: "touch-user", Method: http.MethodPost, Path: "/v1/users/{user}/touch",
		Rule: access.Rule{Roles: []access.Role{access.Application}}, Summary: "An optional body"},
		func(context.Context, access.Caller, *struct {
			User string `path:"user"`
			Body *gracePart
		}) (*struct{}, error) {
			s.calls++
			return nil, nil
		})
	return s
}

func putPolicy() httpapi.Operation {
	return httpapi.Operation{
		ID: "put-policy", Method: http.MethodPut, Path: "/v1/users/{user}", Summary: "Set it", Description: "Sets it.",
		Rule:     access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.PolicyWrite},
		Problems: []string{"version_conflict", "decision_changed"}, MaxBody: 2048,
	}
}

// call is one request, right unless changed.
type call struct {
	method, target, body string
	header               http.Header
}

func good(t *testing.T) call {
	t.Helper()
	_, text := access.NewKey(access.OrganizationAdministrator, time.Unix(1_700_000_000, 0))
	return call{http.MethodPut, "/v1/users/ann", `{"code":"12345678"}`,
		http.Header{"Authorization": {"Bearer " + text}, "Content-Type": {"application/json"}}}
}

// request builds the request as the gateway hands it on: with a decoded path.
func (s *sample) request(c call) *http.Request {
	r := httptest.NewRequest(c.method, "http://api.test/", io.NopCloser(strings.NewReader(c.body)))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(c.target, "?")
	r.ContentLength = int64(len(c.body))
	maps.Copy(r.Header, c.header)
	return r
}

func (s *sample) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.api.Handler().ServeHTTP(w, r)
	return w
}

func (s *sample) send(c call) *httptest.ResponseRecorder { return s.serve(s.request(c)) }

// failingBody is a connection that breaks.
type failingBody struct{}

func (failingBody) Read([]byte) (int, error) { return 0, errors.New("broken: " + marker) }
func (failingBody) Close() error             { return nil }

// problem reads an answer that must be a well-formed problem of this status and code.
func problem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) httpapi.Problem {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("status %d, not a problem: %v: %s", w.Code, err, w.Body)
	}
	if w.Code != status || p.Status != status || p.Code != code {
		t.Fatalf("got %d %q (member status %d), want %d %q: %s", w.Code, p.Code, p.Status, status, code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	if p.Type != "/problems/"+code || p.Title == "" || p.Detail == "" || p.RequestID != w.Header().Get("X-Request-Id") {
		t.Errorf("incomplete problem: %s", w.Body)
	}
	everyAnswer(t, w)
	return p
}

// everyAnswer checks the headers of every answer.
func everyAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=63072000", "X-Request-Id": "req-1", "Link": ""} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// silent checks that neither answer nor log has the marker.
func silent(t *testing.T, s *sample, w *httptest.ResponseRecorder) {
	t.Helper()
	whole := w.Body.String() + s.logged.String()
	for _, values := range w.Header() {
		whole += strings.Join(values, "\n")
	}
	if strings.Contains(strings.ToLower(whole), strings.ToLower(marker)) {
		t.Errorf("the rejected value came back:\n%s", whole)
	}
}
