package sample

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"
)

func (f *fake) client(waited *[]time.Duration) *Client {
	c := NewClient(f.url, "tfk_key", &http.Transport{DisableKeepAlives: true}) // net/http itself repeats on kept connections
	c.wait = func(_ context.Context, d time.Duration) error { *waited = append(*waited, d); return nil }
	return c
}

var (
	cut       = func(asked) reply { return reply{} }
	brokenOff = func(asked) reply {
		return reply{status: 200, header: map[string]string{"Content-Length": "999"}, body: `{"sta`}
	}
	unreached = func(asked) reply {
		return reply{status: 503, header: map[string]string{"Retry-After": "7"}, body: `{"message":"Service Unavailable"}`}
	}
	ofGateway  = func(asked) reply { return reply{status: 500, body: `{"message":"Internal Server Error"}`} }
	unreadable = func(asked) reply { return reply{status: 200, body: `<html>`} }
	elsewhere  = func(asked) reply {
		return reply{status: 307, header: map[string]string{"Location": "/v1/logins"}, body: ``}
	}
)

func TestTheSameRequestIsSentAgain(t *testing.T) {
	for name, first := range map[string][]func(asked) reply{
		"no answer":       {cut},
		"half an answer":  {brokenOff},
		"500":             {ofGateway},
		"503":             {unreached},
		"conflict":        {problem(409, "conflict", nil)},
		"one after other": {cut, unreached, problem(409, "conflict", nil)},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var waited []time.Duration
			f.on("/v1/logins/answers", slices.Concat(first, []func(asked) reply{just(fields{"status": "complete"})})...)
			c := f.client(&waited)
			answer, err := c.Answer(t.Context(), Typed{Login: "token", Code: "123456"})
			all := f.requests("/v1/logins/answers")
			if err != nil || answer.Status != "complete" || len(all) != len(first)+1 || len(waited) != len(first) {
				t.Fatalf("%q, %v after %d requests and waits of %v", answer.Status, err, len(all), waited)
			}
			for _, a := range all {
				if a.text != all[0].text || a.key != all[0].key || a.key == "" || a.authorization != "Bearer tfk_key" {
					t.Errorf("asked %+v, then %+v", all[0], a)
				}
			}
			for i, d := range waited {
				if want := map[bool]time.Duration{true: 7 * time.Second, false: time.Second}[name == "503" || i == 1]; d != want {
					t.Errorf("wait %d was %v, not %v", i, d, want)
				}
			}
			if _, err := c.Answer(t.Context(), Typed{Login: "token", Code: "123456"}); err != nil || f.requests("/v1/logins/answers")[len(all)].key == all[0].key {
				t.Errorf("another answer has the same key, or %v", err)
			}
		})
	}
}

func TestTheClientGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		answer      func(asked) reply
		times       int
		unreachable bool
		code        string
	}{
		"no answer":    {cut, tries, true, ""},
		"500":          {ofGateway, tries, true, ""},
		"conflict":     {problem(409, "conflict", nil), tries, true, "conflict"},
		"unreadable":   {unreadable, 1, false, ""},
		"empty":        {just(fields{}), 1, false, ""},
		"a redirect":   {elsewhere, 1, false, ""},
		"a wrong key":  {problem(401, "unauthenticated", nil), 1, false, "unauthenticated"},
		"a wrong code": {problem(422, "code_refused", nil), 1, false, "code_refused"},
		"too soon":     {problem(429, "too_soon", nil), 1, false, "too_soon"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var waited []time.Duration
			f.on("/v1/logins", c.answer)
			answer, err := f.client(&waited).Begin(t.Context(), Login{})
			var refused *Refused
			_ = errors.As(err, &refused)
			if err == nil || answer.Status != "" || errors.Is(err, ErrUnreachable) != c.unreachable {
				t.Errorf("%q, %v", answer.Status, err)
			}
			if got := len(f.requests("/v1/logins")); got != c.times || len(waited) != c.times-1 {
				t.Errorf("asked %d times, waited %v", got, waited)
			}
			if c.code != "" && (refused == nil || refused.Code != c.code) {
				t.Errorf("%v is no %s", err, c.code)
			}
		})
	}
}

// Whoever waits in front of a browser does not wait for ever.
func TestTheClientWaitsNoLongerThanItsCaller(t *testing.T) {
	f := newFake(t)
	f.on("/v1/logins", unreached)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := NewClient(f.url, "tfk_key", http.DefaultTransport)
	if _, err := c.Begin(ctx, Login{}); !errors.Is(err, ErrUnreachable) || len(f.requests("/v1/logins")) > 0 {
		t.Errorf("%v", err)
	}
}
