package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/httpapi"
)

func TestSuccess(t *testing.T) {
	for _, accept := range []string{"", "application/json", "application/cbor", "text/html", "json", "application/problem+json", "*/*;q=0"} {
		s, c := newSample(t), good(t)
		c.header.Set("Accept", accept)
		w := s.send(c)
		everyAnswer(t, w)
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("ETag") != `"7"` {
			t.Errorf("Accept %q: status %d, headers %v", accept, w.Code, w.Header())
		}
		// A nil slice is a list, and nothing but the DTO is in the body.
		if got := w.Body.String(); got != `{"user":"ann","role":"x","methods":[]}` {
			t.Errorf("body %s", got)
		}
	}
}

func TestPublicOperation(t *testing.T) {
	s := newSample(t)
	w := s.send(call{method: http.MethodGet, target: "/keys"})
	if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=60" || s.calls != 1 {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	if w := s.send(call{method: http.MethodHead, target: "/keys"}); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: status %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestNoContent(t *testing.T) {
	s, c := newSample(t), good(t)
	c.method, c.body = http.MethodDelete, ""
	w := s.send(c)
	everyAnswer(t, w)
	if w.Code != 204 || w.Body.Len() != 0 || s.calls != 1 {
		t.Errorf("status %d, calls %d, body %q", w.Code, s.calls, w.Body)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		kind   fault.Kind
		status int
		level  string
	}{
		{fault.Invalid, 400, "DEBUG"},
		{fault.Unprocessable, 422, "DEBUG"},
		{fault.Unauthenticated, 401, "DEBUG"},
		{fault.Forbidden, 403, "DEBUG"},
		{fault.NotFound, 404, "DEBUG"},
		{fault.Conflict, 409, "DEBUG"},
		{fault.Throttled, 429, "DEBUG"},
		{fault.Unavailable, 503, "ERROR"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			s := newSample(t)
			known := fault.New(test.kind, "some_code", "Some words.").At("policy.methods").
				After(1100 * time.Millisecond).Because(errors.New("the cause"))
			s.err = fmt.Errorf("wrapped: %w", known)
			w := s.send(good(t))
			p := problem(t, w, test.status, "some_code")
			if p.Detail != "Some words." || p.Field != "policy.methods" || w.Header().Get("Retry-After") != "2" {
				t.Errorf("problem %+v, Retry-After %q", p, w.Header().Get("Retry-After"))
			}
			if strings.Contains(w.Body.String(), "decision") {
				t.Errorf("a decision without one: %s", w.Body)
			}
			if (test.status == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
				t.Errorf("WWW-Authenticate %q", w.Header().Get("WWW-Authenticate"))
			}
			logged := s.logged.String()
			if strings.Count(logged, "\n") != 1 || !strings.Contains(logged, "level="+test.level) ||
				!strings.Contains(logged, "request_id=req-1") || !strings.Contains(logged, "operation=put-policy") {
				t.Errorf("logged %q", logged)
			}
			if strings.Contains(logged, "the cause") != (test.level == "ERROR") || strings.Contains(w.Body.String(), "the cause") {
				t.Errorf("the cause is where it should not be, or not where it should: %q", logged)
			}
		})
	}
}

func TestAttachedDecision(t *testing.T) {
	s := newSample(t)
	s.err = fault.New(fault.Conflict, "decision_changed", "The policy has changed.").With(map[string]string{"status": "enroll"})
	w := s.send(good(t))
	problem(t, w, 409, "decision_changed")
	if !strings.Contains(w.Body.String(), `"decision":{"status":"enroll"}`) || w.Header().Get("Retry-After") != "" {
		t.Errorf("%s %v", w.Body, w.Header())
	}
}

func TestMapsAreWrittenInOrder(t *testing.T) {
	s := newSample(t)
	s.err = fault.New(fault.Conflict, "x", "X.").With(map[string]int{"e": 1, "c": 1, "a": 1, "d": 1, "b": 1, "f": 1, "h": 1, "g": 1})
	if w := s.send(good(t)); !strings.Contains(w.Body.String(), `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1}`) {
		t.Error(w.Body)
	}
}

func TestOpaqueErrors(t *testing.T) {
	for name, err := range map[string]error{
		"plain":          errors.New(marker),
		"internal fault": fault.New(fault.Internal, marker, marker).At(marker).With(marker),
		"status error":   statusError{},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			s.err = err
			w := s.send(good(t))
			problem(t, w, 500, "internal")
			if strings.Contains(w.Body.String(), marker) {
				t.Errorf("the error got out: %s", w.Body)
			}
			if strings.Count(s.logged.String(), marker) == 0 || !strings.Contains(s.logged.String(), "level=ERROR") {
				t.Errorf("the cause is not in the log: %q", s.logged)
			}
		})
	}
}

// statusError would choose its own status, were huma asked.
type statusError struct{}

func (statusError) GetStatus() int { return http.StatusTeapot }
func (statusError) Error() string  { return marker }

func TestPanics(t *testing.T) {
	s := newSample(t)
	s.do = func() { panic(errors.New(marker)) }
	w := s.send(good(t))
	problem(t, w, 500, "internal")
	silent(t, s, w)
	if logged := s.logged.String(); !strings.Contains(logged, "panic=*errors.errorString") || !strings.Contains(logged, "answer_test.go") {
		t.Errorf("type or stack missing: %q", logged)
	}
}

// TestUnwritableAnswer has huma fail after it has set the status and headers: none of it may get out.
func TestUnwritableAnswer(t *testing.T) {
	api := httpapi.New("sample", httpapi.Options{Now: time.Now, RequestID: func(context.Context) string { return "req-1" }})
	type output struct {
		ETag string `header:"ETag"`
		Body struct {
			Text string `json:"text"`
		}
	}
	httpapi.Register(api, httpapi.Operation{ID: "get-text", Method: http.MethodGet, Path: "/text", Public: true},
		func(context.Context, access.Caller, *struct{}) (*output, error) {
			out := &output{ETag: marker}
			out.Body.Text = marker + "\xff"
			return out, nil
		})
	s := &sample{api: api}
	w := s.send(call{method: http.MethodGet, target: "/text"})
	problem(t, w, 500, "internal")
	if w.Header().Get("ETag") != "" || strings.Contains(w.Body.String(), marker) {
		t.Errorf("half an answer got out: %v %s", w.Header(), w.Body)
	}
}

func TestRequestIDIsMadeWhereNoneIsKnown(t *testing.T) {
	api := httpapi.New("sample", httpapi.Options{Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	s := &sample{api: api}
	first := s.send(call{method: http.MethodGet, target: "/"}).Header().Get("X-Request-Id")
	second := s.send(call{method: http.MethodGet, target: "/"}).Header().Get("X-Request-Id")
	if len(first) < 20 || first == second {
		t.Errorf("request ids %q and %q", first, second)
	}
}

// TestOverTheWire has net/http parse the request line, which a built request does not.
func TestOverTheWire(t *testing.T) {
	s, c := newSample(t), good(t)
	server := startServer(t, s)
	for path, want := range map[string]int{
		"/v1/users/ann": 200, "/v1/users/a%2Fb": 200, "//v1/users/ann": 404, "/v1/users/%2e%2e/ann": 404,
		"/v1/users/../users/ann": 404, "/v1/users/ann/": 404, "/v1/users/ann?page=%": 400,
	} {
		request, err := http.NewRequest(c.method, server+path, strings.NewReader(c.body))
		if err == nil {
			request.Header = c.header
		} else {
			t.Fatal(err)
		}
		if got := roundTrip(t, request); got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
	if s.input.User == "" {
		t.Error("no user arrived")
	}
}
