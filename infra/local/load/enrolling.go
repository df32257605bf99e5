package main

import (
	"context"
	"net/http"
	"time"

	"twofold/infra/local/load/ledger"
)

// enrolling is one walk through an enrolment: it does what `next` says until it is complete.
type enrolling struct {
	*client
	p       *person
	at      passage
	proof   string // the code in hand for the present step
	chosen  bool
	lost    int // calls without a reply that may have ordered a code, or made another secret
	ordered bool
	unheard bool // a code did not come, which the ledger knows already
}

// enrolmentCodes is how many codes an enrolment orders, with one to spare for a lost reply.
const enrolmentCodes = 3

// enroll takes a user who is not enrolled all the way.
func (c *client) enroll(ctx context.Context, p *person) {
	if !p.canOrder(enrolmentCodes, time.Now()) {
		return
	}
	at, ok := c.begin(ctx, p)
	if !ok {
		return
	}
	e := &enrolling{client: c, p: p, at: at}
	next, ok := e.stand(ctx)
	p.ordered(1, time.Now())
	c.ledger.Ordered(p.email, "code-enroll", 1, 0)
	for steps := 0; ok && steps < 20 && !p.Enrolled && ctx.Err() == nil; steps++ {
		switch next.Next.Do {
		case "prove":
			next, ok = e.mailed(ctx, p.email, "code-enroll")
		case "recovery_email":
			next, ok = e.address(ctx)
		case "verify_recovery":
			e.expectCode()
			next, ok = e.mailed(ctx, p.recovery, "code-recovery")
		case "choose_method":
			next, ok = e.step(ctx, map[string]string{"method": "totp"})
			e.chosen = e.chosen || e.lost > 0
		case "confirm":
			ok = e.confirm(ctx, next.Next.Setup.Secret)
			if ok && !p.Enrolled {
				next, ok = e.stand(ctx)
			}
		default:
			ok = false
		}
	}
	c.ledger.Check(ledger.RightAccepted, p.Enrolled || e.unheard, "the enrolment of %s in %s does not end, at %q", p.User, p.Organization, next.Next.Do)
}

// stand asks where the enrolment stands; the first time, that begins it.
func (e *enrolling) stand(ctx context.Context) (answer, bool) {
	r := e.call(ctx, request{
		kind: "enroll", method: http.MethodPost, path: "/v1/enrollments", key: e.p.org.key, body: map[string]string{"login": e.at.token},
	})
	e.ledger.Check(ledger.Expected, r.status == http.StatusOK || r.status == 0, "an enrolment stands at %d %s", r.status, r.answer().Code)
	return r.answer(), r.status == http.StatusOK
}

// step answers what the enrolment waits for. Where no reply comes, it asks where the enrolment stands instead of
// saying it again, since most steps are no repetition of themselves.
func (e *enrolling) step(ctx context.Context, body map[string]string) (answer, bool) {
	body["login"] = e.at.token
	r := e.call(ctx, request{
		kind: "enroll-step", method: http.MethodPost, path: "/v1/enrollments/answers", key: e.p.org.key, body: body, once: true,
	})
	e.lost += r.lost
	switch {
	case r.status == 0, r.is("wrong_step") && e.lost > 0: // the killed instance's write may have come late
		return e.stand(ctx)
	case r.status != http.StatusOK:
		e.ledger.Check(ledger.Expected, r.is("code_refused"), "a step of an enrolment is answered %d %s", r.status, r.answer().Code)
		return r.answer(), false
	}
	e.proof = ""
	return r.answer(), true
}

// mailed answers with the code that was mailed, sometimes with a wrong one first.
func (e *enrolling) mailed(ctx context.Context, to, tag string) (answer, bool) {
	ok := true
	if e.proof == "" {
		if e.proof, ok = e.await(ctx, to, tag, e.p.seen); !ok {
			e.unheard = true
			return answer{}, false
		}
		if e.chance(10) {
			e.miss(ctx, e.p, "/v1/enrollments/answers", map[string]string{"login": e.at.token, "code": other(e.proof)})
		}
	}
	next, ok := e.step(ctx, map[string]string{"code": e.proof})
	if next.Next.Do != doing(tag) {
		e.proof = "" // that step is done
	}
	if !ok && next.Code == "code_refused" && e.lost > 0 {
		e.p.Refused(1, 0) // the code of an order whose reply was lost; the one that holds comes after it
		e.proof = ""
		return e.stand(ctx)
	}
	e.ledger.Check(ledger.RightAccepted, next.Code != "code_refused", "%s to %s is refused", tag, to)
	return next, ok
}

// doing is the step that waits for a code.
func doing(tag string) string {
	if tag == "code-enroll" {
		return "prove"
	}
	return "verify_recovery"
}

// address gives the recovery address, which orders a code to it.
func (e *enrolling) address(ctx context.Context) (answer, bool) {
	before := e.lost
	next, ok := e.step(ctx, map[string]string{"recovery_email": e.p.recovery, "recovery_email_again": e.p.recovery})
	if perhaps := e.lost - before; perhaps > 0 {
		e.p.ordered(perhaps, time.Now())
		e.ledger.Ordered(e.p.recovery, "code-recovery", 0, perhaps)
	}
	return next, ok
}

// expectCode notes, once, that the code to the recovery address was ordered.
func (e *enrolling) expectCode() {
	if !e.ordered {
		e.ordered = true
		e.p.ordered(1, time.Now())
		e.ledger.Ordered(e.p.recovery, "code-recovery", 1, 0)
	}
}
