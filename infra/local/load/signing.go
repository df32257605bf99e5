package main

import (
	"context"
	"net/http"
	"time"

	"twofold/infra/local/load/ledger"
)

// ask only begins a login: what most calls of a day are.
func (c *client) ask(ctx context.Context) {
	if p := c.pick(func(*person) bool { return true }); p != nil {
		c.begin(ctx, p)
	}
}

// signIn is a login with a right code. Sometimes its reply is lost on the way, and asked for again.
func (c *client) signIn(ctx context.Context) {
	p := c.ready(0)
	if p == nil {
		return
	}
	at, ok := c.begin(ctx, p)
	if !ok {
		return
	}
	with := c.shown(p)
	if first, won := c.submit(ctx, p, with, at); won && c.chance(30) {
		again, _ := c.submit(ctx, p, with, at)
		c.same(p, first, again)
	}
}

// shown is the code on the phone.
func (c *client) shown(p *person) code {
	text, use := p.show(time.Now())
	return code{method: "totp", text: text, use: use}
}

// signInTwice gives the same code several times at once: as one request said twice, as two requests of one login, or in
// two logins.
func (c *client) signInTwice(ctx context.Context) {
	p := c.ready(2)
	if p == nil {
		return
	}
	if at := c.passages(ctx, p); at != nil {
		c.submit(ctx, p, c.shown(p), at...)
	}
}

// passages are two or three ways to give the same code, of one of the three kinds.
func (c *client) passages(ctx context.Context, p *person) []passage {
	at, ok := c.begin(ctx, p)
	if !ok {
		return nil
	}
	all := []passage{at}
	kind := c.random.IntN(3)
	for range 1 + c.random.IntN(2) {
		again := at
		switch kind {
		case 1:
			again.key = nonce()
		case 2:
			if again, ok = c.begin(ctx, p); !ok {
				return nil
			}
		}
		all = append(all, again)
	}
	return all
}

// stumble is a login with wrong codes before the right one.
func (c *client) stumble(ctx context.Context) {
	p := c.ready(2)
	if p == nil {
		return
	}
	at, ok := c.begin(ctx, p)
	if !ok {
		return
	}
	for range 1 + c.random.IntN(2) {
		c.miss(ctx, p, "/v1/logins/answers", map[string]string{"login": at.token, "code": p.wrong(c.random, time.Now())})
	}
	c.submit(ctx, p, c.shown(p), at)
}

// replay gives the code that was used last once more.
func (c *client) replay(ctx context.Context) {
	p := c.pick(func(p *person) bool { return p.Enrolled && p.step > 0 && c.canFail(p, 1) && time.Now().After(p.rests) })
	if p == nil {
		return
	}
	if at, ok := c.begin(ctx, p); ok {
		c.miss(ctx, p, "/v1/logins/answers", map[string]string{"login": at.token, "code": totp(p.secret, p.step)})
	}
}

// reset takes everything away, sometimes while a right code is on its way, and often enrols anew.
func (c *client) reset(ctx context.Context) {
	race := c.chance(50)
	p := c.pick(func(p *person) bool {
		return p.Enrolled && (!race || p.canShow(time.Now())) && time.Now().After(p.rests) && c.canOrder(p, enrolmentCodes)
	})
	if p == nil {
		return
	}
	var answered chan struct{}
	if race {
		at, ok := c.begin(ctx, p)
		if !ok {
			return
		}
		answered = make(chan struct{})
		with := c.shown(p)
		go func() {
			defer close(answered)
			c.submit(ctx, p, with, at)
		}()
	}
	admin := p.org.admins[c.random.IntN(len(p.org.admins))]
	r := c.call(ctx, request{
		kind: "reset", method: http.MethodPost, path: "/v1/organizations/" + p.Organization + "/users/" + p.User + "/reset", key: admin.key,
		body: map[string]string{"reason": "lost phone"},
	})
	if race {
		<-answered
	}
	fits := r.status == http.StatusOK || r.status == 0 || r.answer().Code == "step_up_required" // after an hour
	c.ledger.Check(ledger.Expected, fits, "a reset is answered %d %s", r.status, r.answer().Code)
	if r.status != http.StatusOK {
		return
	}
	p.Reset()
	p.Note("user.reset", 1, r.lost)
	c.tell(p, "notice-user-reset", r.lost)
	if c.chance(90) {
		c.enroll(ctx, p)
	}
}
