package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"twofold/infra/local/load/ledger"
)

// confirm scans the secret and gives the first code. A lost reply is asked for again, with the same key: the claims
// and the recovery codes are the same.
func (e *enrolling) confirm(ctx context.Context, secret string) bool {
	p := e.p
	if secret != p.secret {
		e.secrets.add(secret)
		p.scan(secret)
	}
	if e.chance(10) {
		e.miss(ctx, p, "/v1/enrollments/answers", map[string]string{"login": e.at.token, "code": p.wrong(e.random, time.Now())})
	}
	text, use := p.show(time.Now())
	e.secrets.add(text)
	r := e.firstCode(ctx, text)
	switch {
	case r.status == http.StatusOK:
	case r.is("code_refused") && e.chosen: // the secret was another's, of a step whose reply was lost
		p.Refused(1, r.lost)
		return true
	default:
		p.Refused(0, r.lost)
		e.ledger.Check(ledger.RightAccepted, r.status == 0, "the first code of %s is answered %d %s", p.User, r.status, r.answer().Code)
		return false
	}
	got, good := e.proved(p, use, e.at.nonce, r)
	p.Enrolled, p.drawer, p.spent = true, r.answer().RecoveryCodes, 0
	p.Proved(0)
	e.secrets.add(p.drawer...)
	p.Note("user.enrolled", 1, 0)
	e.tell(p, "notice-user-enrolled", 0)
	if good && e.chance(30) {
		again := e.firstCode(ctx, text)
		repeated, _ := e.proved(p, use, e.at.nonce, again)
		e.same(p, got, repeated)
		e.ledger.Check(ledger.SameClaims, slices.Equal(again.answer().RecoveryCodes, p.drawer), "a retry for %s has other recovery codes", p.User)
	}
	return true
}

func (e *enrolling) firstCode(ctx context.Context, text string) reply {
	return e.call(ctx, request{
		kind: "enroll-confirm", method: http.MethodPost, path: "/v1/enrollments/answers", key: e.p.org.key, idempotency: e.at.key,
		body: map[string]string{"login": e.at.token, "code": text},
	})
}

// tell expects a notice at both addresses of a user.
func (w *world) tell(p *person, tag string, lost int) {
	w.ledger.Ordered(p.email, tag, 1, lost)
	w.ledger.Ordered(p.recovery, tag, 1, lost)
}

// other is a code of the same form that is not this one.
func other(code string) string {
	changed := []byte(code)
	changed[0] = '0' + (changed[0]-'0'+1)%10
	return string(changed)
}
