package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// invitationCode is an invitation as it is mailed: eight groups of four.
var invitationCode = regexp.MustCompile(`\b[2-9A-Z]{4}(-[2-9A-Z]{4}){7}\b`)

var permissions = []string{
	"policy:write", "users:write", "users:reset", "reports:read", "audit:read", "announcements:write", "keys:write",
}

// invite makes another administrator of an organisation as one does: proposed by somebody, confirmed, accepted.
func (w *world) invite(ctx context.Context, o *organization, by, a *administrator) error {
	path := "/v1/organizations/" + o.id
	var change struct{ ID string }
	w.call(ctx, request{kind: "invite", method: http.MethodPost, path: path + "/administrators", key: by.key, body: map[string]any{
		"administrator": a.id, "email": a.email, "permissions": permissions,
	}}).into(&change)
	by.orders = append(by.orders, time.Now())
	code, err := w.mailed(ctx, by.email, "step-up-administrator", eightDigits, by.seen)
	if err != nil {
		return err
	}
	w.call(ctx, request{kind: "invite", method: http.MethodPost, path: path + "/administrators/changes/" + change.ID + "/confirm", key: by.key,
		body: map[string]string{"code": code}})
	invitation, err := w.mailed(ctx, a.email, "invitation", invitationCode, a.seen)
	if err != nil {
		return err
	}
	var made struct{ Key string }
	r := w.call(ctx, request{kind: "accept", method: http.MethodPost, path: path + "/invitations",
		body: map[string]string{"administrator": a.id, "invitation": invitation}})
	r.into(&made)
	if a.key = made.Key; a.key == "" {
		return fmt.Errorf("load: %s of %s could not be made: status %d", a.id, o.id, r.status)
	}
	w.secrets.add(a.key)
	return nil
}

// mailed waits for a mail of a kind with a code that nobody has read yet.
func (w *world) mailed(ctx context.Context, to, tag string, form *regexp.Regexp, seen map[string]bool) (string, error) {
	for until := time.Now().Add(patience); time.Now().Before(until) && ctx.Err() == nil; sleep(ctx, 20*time.Millisecond) {
		for _, m := range w.stack.Mailbox(to) {
			if code := form.FindString(m.Text); m.Tags["kind"] == tag && code != "" && !seen[code] {
				seen[code] = true
				w.secrets.add(code)
				return code, nil
			}
		}
	}
	return "", fmt.Errorf("load: no %s was mailed to %s", tag, to)
}
