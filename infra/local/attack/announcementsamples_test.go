package attack_test

import (
	"net/http"

	"github.com/google/uuid"

	"twofold/pkg/org"
	"twofold/pkg/policy"
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
		{"an announcement paused", "change-announcement", func(t *tenant) request {
			return t.direct(http.MethodPatch, "/announcements/"+t.announcing(), fields{"state": "paused"})
		}, 200, 0},
	}
}
