package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"twofold/infra/local/load/ledger"
)

// tries bounds how often a call that got no answer is made again. With a kill every few hundred milliseconds, so many
// in a row mean that something else is wrong.
const tries = 8

// api calls Twofold as an application's backend does: whatever gets a 5xx or no reply is said again.
type api struct {
	base   string
	client *http.Client
	ledger *ledger.Ledger
	tally  *tally
}

// request is one call. key is the API key; idempotency the Idempotency-Key, none if empty.
type request struct {
	kind, method, path, key, idempotency, ifMatch string
	body                                          any
	once                                          bool // do not say it again: its outcome then stays unknown
}

// reply is what came of a request.
type reply struct {
	status int // 0: no answer, however often it was said
	body   []byte
	lost   int // calls of this request that got no answer, so that nobody knows what they did
}

// answer is what the replies of logins, enrolments and problems have in common.
type answer struct {
	Login         string
	Status        string
	Code          string // of a problem
	PolicyVersion int64  `json:"policy_version"`
	Assertion     string
	RecoveryCodes []string `json:"recovery_codes"`
	Next          struct {
		Do    string
		Setup struct{ Secret string }
	}
}

func (r reply) answer() (a answer) {
	r.into(&a)
	return a
}

// into decodes the body; what is no JSON leaves target as it is, and is noticed by what is then missing.
func (r reply) into(target any) { _ = json.Unmarshal(r.body, target) }

// is reports whether the reply is a problem of a code.
func (r reply) is(code string) bool { return r.status >= 400 && r.answer().Code == code }

// call makes a request until it has an answer that says something.
func (a *api) call(ctx context.Context, q request) reply {
	text, err := json.Marshal(q.body)
	if err != nil || q.body == nil {
		text = nil
	}
	r := reply{}
	for try := range tries {
		from := time.Now()
		status, body := a.once(ctx, q, text)
		r.status, r.body = status, body
		a.tally.count(q.kind, status)
		switch {
		case ctx.Err() != nil:
			r.status = 0
			return r
		case status == 0 || status >= http.StatusInternalServerError:
			r.lost++
			a.ledger.Failed(ledger.Failure{
				Function: functionOf(q.path), Status: status, From: from, To: time.Now(), Call: q.method + " " + q.kind,
			})
			if q.once {
				r.status = 0
				return r
			}
		case status == http.StatusConflict && r.is("conflict"): // nothing was written: "try again"
		default:
			return r
		}
		sleep(ctx, time.Duration(try+1)*20*time.Millisecond)
	}
	a.ledger.Check(ledger.Expected, false, "%s %s: no answer after %d tries", q.method, q.kind, tries)
	r.status = 0
	return r
}

func (a *api) once(ctx context.Context, q request, text []byte) (int, []byte) {
	out, err := http.NewRequestWithContext(ctx, q.method, a.base+q.path, bytes.NewReader(text))
	if err != nil {
		return 0, nil
	}
	out.Header.Set("Authorization", "Bearer "+q.key)
	if text != nil {
		out.Header.Set("Content-Type", "application/json")
	}
	if q.idempotency != "" {
		out.Header.Set("Idempotency-Key", q.idempotency)
	}
	if q.ifMatch != "" {
		out.Header.Set("If-Match", q.ifMatch)
	}
	response, err := a.client.Do(out)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, body
}

// functionOf names the function behind a path, as template.yaml has it.
func functionOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	switch {
	case strings.HasPrefix(path, "/v1/logins"), strings.HasPrefix(path, "/.well-known"):
		return "verify"
	case strings.HasPrefix(path, "/v1/enrollments"), strings.HasSuffix(path, "/reset"):
		return "enroll"
	case strings.HasSuffix(path, "/report"), strings.HasSuffix(path, "/audit"):
		return "report"
	}
	return "policy"
}

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
