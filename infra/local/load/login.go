package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"twofold/infra/local/load/ledger"
)

// passage is one login under way.
type passage struct {
	token, nonce, key string
}

// begin asks what to do with a user who has typed the password, and checks that the answer knows what was
// acknowledged before.
func (c *client) begin(ctx context.Context, p *person) (passage, bool) {
	known, n := p.org.version.Load(), nonce()
	r := c.call(ctx, request{kind: "begin", method: http.MethodPost, path: "/v1/logins", key: p.org.key, body: map[string]string{
		"organization": p.Organization, "user": p.User, "email": p.email, "nonce": n,
	}})
	if r.status != http.StatusOK {
		c.ledger.Check(ledger.Expected, r.status == 0, "a login begins with %d %s", r.status, r.answer().Code)
		return passage{}, false
	}
	if !p.Registered {
		p.Registered = true
		p.Note("user.registered", 1, 0)
	}
	a := r.answer()
	c.secrets.add(a.Login)
	c.ledger.Check(ledger.Visible, (a.Status == "challenge") == p.Enrolled && (a.Next.Do == "enroll") != p.Enrolled,
		"%s in %s, enrolled: %v, is answered %s", p.User, p.Organization, p.Enrolled, a.Status)
	c.ledger.Check(ledger.Visible, a.PolicyVersion >= known, "%s is judged by version %d after %d", p.Organization, a.PolicyVersion, known)
	return passage{a.Login, n, n}, true
}

// code is what is submitted, and how it is called.
type code struct {
	method, text string
	use          ledger.Use
	last         bool // of its kind: whoever comes after it finds the way closed
}

// submit gives a code in several passages at once, and notes what came of it: at most one of different requests may
// win, and one must, unless something ended the login.
func (c *client) submit(ctx context.Context, p *person, with code, at ...passage) (first claims, won bool) {
	c.secrets.add(with.text)
	replies := make([]reply, len(at))
	var wait sync.WaitGroup
	for n, one := range at {
		wait.Go(func() { replies[n] = c.answer(ctx, p, with, one) })
	}
	wait.Wait()
	refused, lost, unanswered, ended := 0, 0, 0, false
	for n, r := range replies {
		lost += r.lost
		switch {
		case r.status == http.StatusOK && r.answer().Assertion != "":
			got, good := c.proved(p, with.use, at[n].nonce, r)
			if won && good && at[n].key == at[0].key {
				c.same(p, first, got)
			}
			first, won = got, true
		case r.is("code_refused"):
			refused++
		case r.is("login_ended"):
			ended = true
		case r.is("way_not_open") && with.last:
		case r.status == 0:
			unanswered++
		default:
			c.ledger.Check(ledger.Expected, false, "an answer with %s is answered %d %s", with.method, r.status, r.answer().Code)
		}
	}
	if at[0].key == at[len(at)-1].key && len(at) > 1 {
		c.ledger.Check(ledger.SameClaims, refused == 0, "%s of %s: %d of the same request refused", with.use.Code, p.User, refused)
	}
	mayBeLocked := !p.CanFail(refused + lost)
	p.Refused(refused, lost)
	c.ledger.Check(ledger.RightAccepted, won || ended || mayBeLocked || unanswered > 0, "%s of %s is refused", with.use.Code, p.User)
	if won {
		p.Proved(refused + lost)
	}
	if p.MayBeLocked() {
		p.rests = time.Now().Add(rest)
	}
	return first, won
}

// rest is longer than any lock that a race can bring about: seven failures in a row lock for four seconds.
const rest = 20 * time.Second

func (c *client) answer(ctx context.Context, p *person, with code, at passage) reply {
	return c.call(ctx, request{
		kind: "answer-" + with.method, method: http.MethodPost, path: "/v1/logins/answers", key: p.org.key, idempotency: at.key,
		body: map[string]string{"login": at.token, "method": with.method, "code": with.text},
	})
}

// miss gives a wrong code, where the account has room for one. Nobody says it again: its outcome may stay unknown.
func (c *client) miss(ctx context.Context, p *person, path string, body map[string]string) {
	if !p.CanFail(1) {
		return
	}
	r := c.call(ctx, request{kind: "wrong", method: http.MethodPost, path: path, key: p.org.key, body: body, once: true})
	refused := 0
	if r.is("code_refused") {
		refused = 1
	}
	p.Refused(refused, r.lost)
	c.ledger.Check(ledger.WrongRefused, r.status != http.StatusOK, "a wrong code of %s is accepted", p.User)
	c.ledger.Check(ledger.Expected, refused == 1 || r.status == 0 || r.status == http.StatusOK, "a wrong code is answered %d %s", r.status, r.answer().Code)
}
