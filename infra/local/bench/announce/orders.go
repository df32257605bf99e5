package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

var errNoCode = errors.New("a code did not come within a minute")

// order has somebody new order a code, and gives how long it takes from there to SES.
func (b *bench) order(ctx context.Context) (time.Duration, error) {
	b.api.users++
	id := fmt.Sprintf("visitor-%05d", b.api.users)
	to := id + "@codes.example"
	var login struct{ Login string }
	err := b.api.call(ctx, http.MethodPost, "/v1/logins", b.api.app[visitors], map[string]string{
		"organization": visitors, "user": id, "email": to, "nonce": "nonce-" + id,
	}, &login)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	var ignored struct{}
	if err := b.api.call(ctx, http.MethodPost, "/v1/enrollments", b.api.app[visitors], map[string]string{"login": login.Login}, &ignored); err != nil {
		return 0, err
	}
	timeout := time.After(time.Minute)
	for {
		at, another := b.receipts.came(to)
		if !at.IsZero() {
			return at.Sub(began), nil
		}
		select {
		case <-another:
		case <-timeout:
			return 0, errNoCode
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// ordered makes so many orders, one after the other.
func (b *bench) ordered(ctx context.Context, n int) ([]time.Duration, error) {
	var took []time.Duration
	for range n {
		d, err := b.order(ctx)
		if err != nil {
			return took, err
		}
		took = append(took, d)
	}
	return took, nil
}

// compare orders codes in turns: while the announcement goes on, and while it is paused.
func (b *bench) compare(ctx context.Context, turns, n int) error {
	if _, err := b.ordered(ctx, 5); err != nil { // to warm up
		return err
	}
	for range turns {
		if err := b.pause(ctx); err != nil {
			return err
		}
		took, err := b.ordered(ctx, n)
		if b.without = append(b.without, took...); err != nil {
			return err
		}
		if err := b.resume(ctx); err != nil {
			return err
		}
		took, err = b.ordered(ctx, n)
		if b.with = append(b.with, took...); err != nil {
			return err
		}
	}
	return nil
}

// pause returns when no batch is under way.
func (b *bench) pause(ctx context.Context) error {
	if err := b.api.become(ctx, b.id, "paused"); err != nil {
		return err
	}
	for before := -1; ; {
		a, err := b.api.announcement(ctx, b.id)
		if err != nil || a.Progress.Seen == before {
			return err
		}
		before = a.Progress.Seen
		sleep(ctx, time.Second)
	}
}

// resume returns when mails go out again.
func (b *bench) resume(ctx context.Context) error {
	before, err := b.api.announcement(ctx, b.id)
	if err != nil {
		return err
	}
	if err := b.api.become(ctx, b.id, "active"); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if now, err := b.api.announcement(ctx, b.id); err != nil || now.Progress.Seen > before.Progress.Seen {
			return err
		}
		sleep(ctx, 100*time.Millisecond)
	}
	return ctx.Err()
}
