package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// allow gives an administrator as many resets in the hour as there are, before any kill and before mails are counted.
func (w *world) allow(ctx context.Context, o *organization, a *administrator) error {
	path := "/v1/organizations/" + o.id + "/allowances/changes"
	r := w.call(ctx, request{kind: "allow", method: http.MethodPost, path: path, key: a.key, body: map[string]any{"users": 1000, "reason": "load"}})
	var made struct{ ID string }
	r.into(&made)
	a.orders = append(a.orders, time.Now())
	code, ok := w.await(ctx, a.email, "step-up-allowance", a.seen)
	if !ok {
		return fmt.Errorf("load: %s of %s got no code", a.id, o.id)
	}
	r = w.call(ctx, request{kind: "allow", method: http.MethodPost, path: path + "/" + made.ID + "/confirm", key: a.key, body: map[string]any{"code": code}})
	if r.status != http.StatusOK {
		return fmt.Errorf("load: %s of %s may not reset: status %d", a.id, o.id, r.status)
	}
	return nil
}
