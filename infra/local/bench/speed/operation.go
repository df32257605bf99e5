package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pquerna/otp/hotp"

	"twofold/pkg/factor"
)

// operation is one thing that an application asks, of somebody who is enrolled.
type operation struct {
	name   string
	path   string
	status int
	reads  float64 // read units that it must cost (design §7: four items of at most 4 KB, strongly consistent)
	writes float64 // write units (one item of at most 1 KB)
	keyed  bool    // sent with an Idempotency-Key, as applications should
	body   func(p *person, now time.Time) map[string]any
}

var (
	login = operation{
		name: "login", path: "/v1/logins", status: http.StatusOK, reads: 4,
		body: func(p *person, now time.Time) map[string]any {
			return map[string]any{
				"organization": organization, "user": p.id, "email": p.email(), "nonce": fmt.Sprintf("nonce-%d", now.UnixNano()),
				"browser": map[string]any{"address": "198.51.100.7", "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"},
			}
		},
	}
	wrongAnswer = operation{
		name: "wrong TOTP answer", path: "/v1/logins/answers", status: http.StatusUnprocessableEntity, reads: 4, writes: 1, keyed: true,
		body: func(p *person, now time.Time) map[string]any {
			return map[string]any{"login": p.login, "method": "totp", "code": p.wrong(now)}
		},
	}
	rightAnswer = operation{
		name: "right TOTP answer", path: "/v1/logins/answers", status: http.StatusOK, reads: 4, writes: 1, keyed: true,
		body: func(p *person, now time.Time) map[string]any {
			return map[string]any{"login": p.login, "method": "totp", "code": p.code(now)}
		},
	}
	mailOrder = operation{
		name: "order of a mailed code", path: "/v1/logins/codes", status: http.StatusOK, reads: 4, writes: 1,
		body: func(p *person, _ time.Time) map[string]any {
			return map[string]any{"login": p.login, "method": "recovery_email"}
		},
	}
	// operations stand in the order of one login: each needs the one before it, or is not hindered by it.
	operations = []operation{login, wrongAnswer, rightAnswer, mailOrder}
)

// request is an operation for one person, written down.
type request struct {
	path        string
	body        []byte
	idempotency string // empty: none
}

func (o operation) of(p *person, now time.Time) (request, error) {
	body, err := json.Marshal(o.body(p, now))
	if err != nil {
		return request{}, err
	}
	r := request{path: o.path, body: body}
	if o.keyed {
		r.idempotency = fmt.Sprintf("%s-%d", p.id, now.UnixNano())
	}
	return r, nil
}

// took demands that a reply is what the operation gives, and keeps what the next one needs of it.
func (o operation) took(p *person, r reply) error {
	if r.status != o.status {
		return fmt.Errorf("%s: answered %d, not %d", o.name, r.status, o.status)
	}
	var body struct{ Login, Assertion string }
	if err := json.Unmarshal(r.body, &body); err != nil {
		return fmt.Errorf("%s: the answer is no JSON", o.name)
	}
	switch o.name {
	case login.name:
		p.login = body.Login
	case rightAnswer.name:
		if body.Assertion == "" {
			return fmt.Errorf("%s: no assertion", o.name)
		}
	}
	return nil
}

// code is what the person's phone shows.
func (p *person) code(now time.Time) string {
	code, err := hotp.GenerateCode(p.secret, uint64(factor.TOTPStep(now)))
	if err != nil {
		panic(err) // the secret is our own
	}
	return code
}

// wrong is a code that is right at no step around now.
func (p *person) wrong(now time.Time) string {
	return noneOf(p.code(now.Add(-factor.TOTPPeriod)), p.code(now), p.code(now.Add(factor.TOTPPeriod)))
}

// noneOf is a code that is another than all of those.
func noneOf(codes ...string) string {
	for guess := 0; ; guess++ {
		if code := fmt.Sprintf("%0*d", factor.TOTPDigits, guess); !slices.Contains(codes, code) {
			return code
		}
	}
}
