package attack_test

import (
	"net/http"

	"github.com/google/uuid"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
	"twofold/pkg/user"
)

// announcing writes a policy that forces, with its announcement, and gives the announcement's id.
func (t *tenant) announcing() string {
	t.t.Helper()
	_, o, err := t.store.Announcement(t.t.Context(), t.id, "none")
	t.must(err)
	id, now := uuid.Must(uuid.NewV7()).String(), t.clock.Now()
	o.Rev++
	o.Policy.Version++
	o.Policy.Status, o.Policy.EnforceFrom, o.Policy.GraceDays, o.Announcement = org.Forced, now, 14, id
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o, Announcement: &org.Announcement{
		ID: id, Organization: t.id, Rev: 1, PolicyVersion: o.Policy.Version, CreatedAt: now, CreatedBy: "ann", State: org.Announcing, Due: now,
		Attempt: user.NewAttempt(),
	}}))
	return id
}

func announcementSamples() []sample {
	return []sample{
		{"all announcements", "list-announcements", func(t *tenant) request { t.announcing(); return t.read(t.path("/announcements")) }, 0, 0},
		{"an announcement", "get-announcement", func(t *tenant) request { return t.read(t.path("/announcements/" + t.announcing())) }, 0, 0},
		{"an announcement by hand", "create-announcement", func(t *tenant) request { return t.byHand(fields{"audience": "all", "message": "Ask in room 12."}) }, 201, 0},
		{"an announcement with reminders", "create-announcement", func(t *tenant) request {
			t.announcing()
			_, o, err := t.store.Announcement(t.t.Context(), t.id, "none")
			t.must(err)
			o.Rev++
			o.Announcement = "" // nothing reminds
			t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o}))
			return t.byHand(fields{"reminders": true})
		}, 201, 0},
		{"a page to opt out", "get-opt-out", func(t *tenant) request {
			t.login(eve)
			return request{method: http.MethodGet, path: t.optOut(eve)}
		}, 0, 0},
		{"an opt-out", "post-opt-out", func(t *tenant) request {
			t.login(eve)
			return oneClick(t.optOut(eve))
		}, 200, 0},
		{"announcements declined", "put-announcements", func(t *tenant) request {
			t.login(eve)
			return request{key: t.app, method: http.MethodPut, path: t.path("/users/" + eve + "/announcements"), body: fields{"wanted": false}}
		}, 200, 0},
		{"an announcement paused", "change-announcement", func(t *tenant) request {
			return t.direct(http.MethodPatch, "/announcements/"+t.announcing(), fields{"state": "paused"})
		}, 200, 0},
	}
}

// byHand announces with an idempotency key.
func (t *tenant) byHand(body fields) request {
	r := t.direct(http.MethodPost, "/announcements", body)
	r.idempotency = "announcement-1"
	return r
}

// optOut is the path that ends announcements to a user.
func (t *tenant) optOut(id string) string {
	t.t.Helper()
	found, err := t.store.Registered(t.t.Context(), t.id, []string{id})
	t.must(err)
	token, err := user.OptOutOf(found[id]).Token(t.rings[seal.Contacts])
	t.must(err)
	return "/v1/announcements/opt-outs/" + token
}

// oneClick is what a mail program sends (RFC 8058 §3.2).
func oneClick(path string) request {
	return request{method: http.MethodPost, path: path, body: "List-Unsubscribe=One-Click", mediaType: "application/x-www-form-urlencoded"}
}
