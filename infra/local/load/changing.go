package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"twofold/infra/local/load/ledger"
)

// pending is one proposal with the code to confirm it.
type pending struct {
	by       *administrator
	id, code string
}

// changePolicy proposes one change, confirmed by several requests at once, or two changes by two administrators, of
// which one must win.
func (c *client) changePolicy(ctx context.Context) {
	o := c.orgs[c.random.IntN(len(c.orgs))]
	if !o.proposing.TryLock() {
		return
	}
	defer o.proposing.Unlock()
	// An administrator gets five codes in ten minutes: spent at once, there would be no change for the rest of them.
	if time.Since(o.changed) < min(45*time.Second, c.length/60) {
		return
	}
	o.changed = time.Now()
	var able []*administrator
	for _, a := range o.admins {
		if room(&a.orders, time.Now(), 1) {
			able = append(able, a)
		}
	}
	base := o.version.Load()
	rivals := min(1+c.random.IntN(2), len(able))
	var proposals []pending
	for n := range rivals {
		p, ok := c.propose(ctx, o, able[n], base)
		if !ok {
			return
		}
		proposals = append(proposals, p)
	}
	switch rivals {
	case 1:
		proposals = append(proposals, proposals[0], proposals[0])
		fallthrough
	case 2:
		c.confirmAll(ctx, o, base, proposals)
	}
}

// propose has a policy that is another one nearly every time, and harmless to whoever signs in meanwhile.
func (c *client) propose(ctx context.Context, o *organization, by *administrator, base int64) (pending, bool) {
	status := "enabled"
	if c.chance(60) {
		status = "forced"
	}
	r := c.call(ctx, request{
		kind: "propose", method: http.MethodPost, path: "/v1/organizations/" + o.id + "/policy/changes", key: by.key,
		ifMatch: fmt.Sprintf("%q", strconv.FormatInt(base, 10)), body: map[string]any{"policy": map[string]any{
			"status": status, "methods": []string{"totp"}, "grace_days": c.random.IntN(365), "recovery_email_distinct": c.chance(50),
		}},
	})
	fits := r.status == http.StatusCreated || r.status == 0 || r.answer().Code == "nothing_changes"
	c.ledger.Check(ledger.Expected, fits, "a proposal is answered %d %s", r.status, r.answer().Code)
	if r.status != http.StatusCreated {
		return pending{}, false
	}
	by.orders = append(by.orders, time.Now())
	c.ledger.Ordered(by.email, "step-up-policy", 1, 0)
	var made struct{ ID string }
	r.into(&made)
	code, ok := c.await(ctx, by.email, "step-up-policy", by.seen)
	return pending{by, made.ID, code}, ok
}

// confirmAll confirms everything at once: all requests of one proposal have the same result, and of two proposals one
// wins.
func (c *client) confirmAll(ctx context.Context, o *organization, base int64, all []pending) {
	replies := make([]reply, len(all))
	var wait sync.WaitGroup
	for n, p := range all {
		wait.Go(func() {
			replies[n] = c.call(ctx, request{
				kind: "confirm", method: http.MethodPost, path: "/v1/organizations/" + o.id + "/policy/changes/" + p.id + "/confirm",
				key: p.by.key, body: map[string]string{"code": p.code},
			})
		})
	}
	wait.Wait()
	won, unanswered := map[string]bool{}, 0
	for n, r := range replies {
		switch {
		case r.status == http.StatusOK:
			var applied struct{ Version int64 }
			r.into(&applied)
			c.ledger.Check(ledger.OneVersion, applied.Version == base+1, "%s: version %d follows %d", o.id, applied.Version, base)
			c.ledger.Confirmed(o.id, all[n].id, applied.Version)
			o.version.Store(applied.Version)
			won[all[n].id] = true
		case r.is("policy_moved") && all[0].id != all[len(all)-1].id: // a rival won
		case r.status == 0:
			unanswered++
		default:
			c.ledger.Check(ledger.Expected, false, "a confirmation is answered %d %s", r.status, r.answer().Code)
		}
	}
	c.ledger.Check(ledger.OneVersion, len(won) == 1 || unanswered > 0, "%s: %d proposals from version %d won", o.id, len(won), base)
	for _, a := range o.admins { // told only of what protects less
		c.ledger.Ordered(a.email, "notice-policy-changed", 0, len(won))
	}
}
