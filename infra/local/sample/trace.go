package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
)

// What the pages show under "What just happened". An application has no need of this file.

// Call is one request to Twofold, with what it was answered.
type Call struct {
	Method, Path    string
	Status          int // 0: no answer
	Request, Answer string
}

// trace are the calls since a login began. It is safe for concurrent use.
type trace struct {
	mu    sync.Mutex
	calls []Call
}

const maxCalls = 40 // the latest

func (t *trace) add(c Call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, c)
	t.calls = slices.Clone(t.calls[max(0, len(t.calls)-maxCalls):])
}

func (t *trace) list() []Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.calls)
}

type traceKey struct{}

func traced(ctx context.Context, t *trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok && t != nil {
		return t
	}
	return &trace{}
}

// tracing carries requests, and notes them for the page.
type tracing struct{ to http.RoundTripper }

// RoundTrip is http.RoundTripper's.
func (t tracing) RoundTrip(r *http.Request) (*http.Response, error) {
	call := Call{Method: r.Method, Path: r.URL.Path}
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			text, _ := io.ReadAll(body) // of memory
			call.Request = blanked(text, "code")
		}
	}
	response, err := t.to.RoundTrip(r)
	if err != nil {
		traceOf(r.Context()).add(call)
		return nil, err
	}
	call.Status = response.StatusCode
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	_ = response.Body.Close()
	if call.Method == http.MethodPost {
		call.Answer = blanked(text)
	}
	traceOf(r.Context()).add(call)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), broken{err}))
	return response, nil
}

// broken ends a body as the one did that was read.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

// harmless are the names of the texts that are shown; all others may be secrets. A code is a secret in a request, and the name of a problem in an answer.
var harmless = []string{
	"organization", "user", "email", "return_to", "address", "agent", "method", "methods", "ways_back", "recovery_email", "recovery_email_again",
	"status", "reason", "rule", "until", "do", "sent_to", "proof", "expires_at", "resend_at", "assertion_expires_at", "device_expires_at",
	"type", "title", "detail", "code", "field",
}

// blanked is JSON for reading, without the texts that may be secrets.
func blanked(text []byte, but ...string) string {
	var value any
	if json.Unmarshal(text, &value) != nil {
		return ""
	}
	shown, err := json.MarshalIndent(blank(value, but, false), "", "  ")
	if err != nil {
		return ""
	}
	return string(shown)
}

func blank(value any, but []string, show bool) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = blank(inner, but, slices.Contains(harmless, name) && !slices.Contains(but, name))
		}
	case []any:
		for i, inner := range v {
			v[i] = blank(inner, but, show)
		}
	case string:
		if !show {
			return "•••"
		}
	}
	return value
}
