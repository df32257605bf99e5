package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"twofold/infra/local/load/ledger"
	"twofold/infra/local/receiver"
)

// hooks is what the organisations' webhooks and the vendor's bus have taken, by the events' ids.
type hooks struct {
	mu    sync.Mutex
	taken map[string]bool // "<host> <id>"
}

// take notes a post that was taken, whatever its sender was told.
func (h *hooks) take(p receiver.Post) {
	if !p.Taken() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.taken == nil {
		h.taken = map[string]bool{}
	}
	h.taken[p.Host+" "+p.Header["webhook-id"]] = true
}

func (h *hooks) has(host, id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.taken[host+" "+id]
}

func hostOf(o *organization) string { return o.id + ".example" }

// hook has an organisation's events go out.
func (w *world) hook(ctx context.Context, o *organization) error {
	r := w.call(ctx, request{kind: "webhook", method: http.MethodPut, path: "/v1/organizations/" + o.id + "/webhook", key: o.admins[0].key, body: map[string]any{
		"url": "https://" + hostOf(o) + "/events",
	}})
	if r.status != http.StatusCreated {
		return fmt.Errorf("load: %s gets no webhook: status %d", o.id, r.status)
	}
	return nil
}

// sicken has the webhooks' receivers fail now and then, each for a few posts.
func (w *world) sicken(ctx context.Context, random *rand.Rand) {
	answers := []string{"503", "500", receiver.HangUp, receiver.LoseReply}
	for ctx.Err() == nil {
		sleep(ctx, time.Duration(1+random.IntN(5))*time.Second)
		w.stack.Receiver.Answer("", answers[random.IntN(len(answers))], 1+random.IntN(3))
	}
}

// drained waits until all that is to go out has, and until what failed for now was done. What an instance held when it was killed comes back
// at once: with SQS it would in its time.
func (w *world) drained(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			w.stack.SQS.Hurry("OutgoingCalls")
			sleep(ctx, time.Second)
		}
	}()
	return w.stack.Drain(ctx)
}

// hooked compares what the webhook of an organisation has taken with the audit since it was set.
func (w *world) hooked(o *organization, events []event) {
	since := false
	for _, e := range events {
		since = since || e.Kind == "webhook.set"
		if since {
			w.ledger.Check(ledger.Hooked, w.hooks.has(hostOf(o), e.ID), "%s of %s in %s did not go out", e.Kind, e.User, o.id)
		}
	}
}
