package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"twofold/infra/local/load/ledger"
)

// recoverByMail loses the phone for a moment: a code to the recovery address lets in, once, in however many requests.
func (c *client) recoverByMail(ctx context.Context) {
	p := c.pick(func(p *person) bool {
		return p.Enrolled && c.canFail(p, 3) && c.canOrder(p, 1) && time.Now().After(p.rests)
	})
	if p == nil {
		return
	}
	at, ok := c.begin(ctx, p)
	if !ok {
		return
	}
	r := c.call(ctx, request{
		kind: "order", method: http.MethodPost, path: "/v1/logins/codes", key: p.org.key,
		body: map[string]string{"login": at.token, "method": "recovery_email"},
	})
	c.ledger.Check(ledger.Expected, r.status == http.StatusOK || r.status == 0, "an order is answered %d %s", r.status, r.answer().Code)
	if r.status != http.StatusOK {
		return
	}
	p.ordered(1, time.Now())
	c.ledger.Ordered(p.recovery, "code-recover", 1, 0)
	text, ok := c.await(ctx, p.recovery, "code-recover", p.seen)
	if !ok {
		return
	}
	if c.chance(20) {
		c.miss(ctx, p, "/v1/logins/answers", map[string]string{"login": at.token, "method": "recovery_email", "code": other(text)})
	}
	with := code{method: "recovery_email", text: text, use: p.use(fmt.Sprintf("mailed %d", len(p.seen)))}
	again := at
	again.key = nonce()
	c.recovered(ctx, p, with, at, again)
}

// recoverBySaved takes a code from the drawer, in several logins at once, and tries it once more afterwards.
func (c *client) recoverBySaved(ctx context.Context) {
	p := c.pick(func(p *person) bool {
		return p.Enrolled && c.canFail(p, 3) && p.spent < c.spread(len(p.drawer)) && time.Now().After(p.rests)
	})
	if p == nil {
		return
	}
	at := c.passages(ctx, p)
	if at == nil {
		return
	}
	with := code{
		method: "recovery_code", text: p.drawer[p.spent], last: p.spent+1 == len(p.drawer),
		use: p.use(fmt.Sprintf("saved %d/%d", p.enrolments, p.spent)),
	}
	p.spent++
	c.recovered(ctx, p, with, at...)
	if p.spent == len(p.drawer) || c.chance(70) { // with the last code spent, the way is closed
		return
	}
	if later, ok := c.begin(ctx, p); ok {
		c.miss(ctx, p, "/v1/logins/answers", map[string]string{"login": later.token, "method": with.method, "code": with.text})
	}
}

// recovered submits a code of a way back, which is told everywhere and stands in the audit.
func (c *client) recovered(ctx context.Context, p *person, with code, at ...passage) {
	if _, won := c.submit(ctx, p, with, at...); won {
		p.Note("recovery.used", 1, 0)
		c.tell(p, "notice-recovery-used", 0)
		return
	}
	p.Note("recovery.used", 0, 1)
	c.ledger.Ordered(p.email, "notice-recovery-used", 0, 1)
	c.ledger.Ordered(p.recovery, "notice-recovery-used", 0, 1)
}
