package storetest

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

func conflict(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, user.ErrConflict) {
		t.Errorf("%s: got %v, want a conflict", what, err)
	}
}

func secondWriter(t *testing.T, s Contract) {
	ctx := t.Context()
	base := user.Factors{Organization: Organization, User: somebody}
	first, second := base.Next(), base.Next()
	second.Epoch = 99
	must(t, s.Write(ctx, user.Change{Factors: &first}))
	conflict(t, "a second first write", s.Write(ctx, user.Change{Factors: &second}))
	left, right := first.Next(), first.Next()
	left.Epoch = 1
	right.Epoch = 99
	must(t, s.Write(ctx, user.Change{Factors: &left}))
	conflict(t, "a write from a stale revision", s.Write(ctx, user.Change{Factors: &right}))
	ahead := left.Next()
	ahead.Rev += 5
	conflict(t, "a write from a revision that never was", s.Write(ctx, user.Change{Factors: &ahead}))
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	if snap.Factors.Epoch != 1 || snap.Factors.Rev != 2 {
		t.Errorf("a write that lost left epoch %d, revision %d", snap.Factors.Epoch, snap.Factors.Rev)
	}
	p := user.Profile{Organization: Organization, User: somebody, Rev: 1, Email: "a@b.example", RegisteredAt: fullProfile().RegisteredAt}
	must(t, s.Write(ctx, user.Change{Profile: &p}))
	other := p
	other.Email = "c@d.example"
	conflict(t, "another first profile", s.Write(ctx, user.Change{Profile: &other}))
}

// halfTheSame: a part that stands there already says nothing about the parts beside it.
func halfTheSame(t *testing.T, s Contract) {
	ctx := t.Context()
	f, p := user.Factors{Organization: Organization, User: somebody}.Next(), fullProfile()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	other := f
	other.Attempt, other.Epoch = user.NewAttempt(), 99
	conflict(t, "other factors beside the same profile", s.Write(ctx, user.Change{Factors: &other, Profile: &p}))
	less := p
	less.SuspendedAt = time.Time{}
	conflict(t, "the same profile but for what it leaves out", s.Write(ctx, user.Change{Profile: &less}))
	event := audit.Event{ID: "e", At: second(1), Kind: audit.UserRegistered, Organization: Organization}
	conflict(t, "an event beside the same profile", s.Write(ctx, user.Change{Profile: &p, Events: []audit.Event{event}}))
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Organization: fullChange().Organization}))
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Organization: fullChange().Organization}))
	for what, change := range map[string]policy.Change{
		"an event beside the same organisation":     {Events: []audit.Event{event}},
		"keys beside the same organisation":         {Keys: fullChange().Keys},
		"people beside the same organisation":       {Administrators: fullChange().Administrators},
		"applications beside the same organisation": {Applications: fullChange().Applications},
		"a history beside the same organisation":    {History: fullChange().History},
	} {
		change.Organization = fullChange().Organization
		conflict(t, what, s.WriteOrganization(ctx, Organization, change))
	}
}

// repeatedWrite: a write whose acknowledgement was lost is sent again, and must not be taken for somebody else's.
func repeatedWrite(t *testing.T, s Contract) {
	ctx := t.Context()
	event := audit.Event{ID: "e1", At: second(1), Kind: audit.UserEnrolled, Organization: Organization, User: somebody}
	f := user.Factors{Organization: Organization, User: somebody}.Next()
	p := fullProfile()
	docket := fullDocket()
	whole := fullChange()
	whole.Events = []audit.Event{{ID: "e2", At: second(1), Kind: audit.OrganizationCreated, Organization: Organization}}
	for range 3 {
		must(t, s.Write(ctx, user.Change{Factors: &f}))
	}
	f = f.Next()
	for range 3 {
		must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p, Events: []audit.Event{event}}))
		must(t, s.WriteOrganization(ctx, Organization, policy.Change{Docket: &docket}))
		must(t, s.WriteOrganization(ctx, Organization, whole))
	}
	// Nothing in this one has an id of its own: only all of it together can be recognised.
	plain := *fullChange().Organization
	plain.ID = "plain"
	for range 3 {
		must(t, s.WriteOrganization(ctx, "plain", policy.Change{Organization: &plain, History: &plain.Policy}))
	}
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	if snap.Factors.Rev != 2 || snap.Profile.Rev != 1 || snap.Organization.Rev != 1 {
		t.Error("a repeated write was written again")
	}
	events, _, err := s.Events(ctx, Organization, report.EventQuery{Limit: 10})
	must(t, err)
	if len(events) != 2 {
		t.Errorf("%d events, want 2", len(events))
	}
}

func userAllOrNothing(t *testing.T, s Contract) {
	ctx := t.Context()
	f, p := user.Factors{Organization: Organization, User: somebody}.Next(), fullProfile()
	taken := audit.Event{ID: "taken", At: second(1), Kind: audit.UserEnrolled, Organization: Organization}
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p, Events: []audit.Event{taken}}))
	next, stale, fresh := f.Next(), p, p.Next()
	next.Epoch, stale.Email, fresh.Email = 99, "lost@acme.example", "lost@acme.example"
	event := audit.Event{ID: "lost", At: second(2), Kind: audit.UserReset, Organization: Organization}
	conflict(t, "a stale profile", s.Write(ctx, user.Change{Factors: &next, Profile: &stale, Events: []audit.Event{event}}))
	other := f
	other.Attempt, other.Epoch = user.NewAttempt(), 99
	conflict(t, "stale factors", s.Write(ctx, user.Change{Factors: &other, Profile: &fresh, Events: []audit.Event{event}}))
	taken.Kind = audit.UserReset
	conflict(t, "a taken event", s.Write(ctx, user.Change{Factors: &next, Profile: &fresh, Events: []audit.Event{event, taken}}))
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	if snap.Factors.Epoch == 99 || snap.Profile.Email != p.Email || snap.Profile.Rev != 1 {
		t.Error("a part of a change that lost was written")
	}
	events, _, err := s.Events(ctx, Organization, report.EventQuery{Limit: 10})
	must(t, err)
	if len(events) != 1 {
		t.Errorf("%d events, want 1", len(events))
	}
}

func organizationAllOrNothing(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WriteOrganization(ctx, Organization, fullChange()))
	renamed := *fullChange().Organization
	renamed.Rev, renamed.Name = 2, "Renamed"
	key := access.Key{ID: "ffffffffffffffffffff", Digest: []byte("d"), Role: access.Reader, Holder: "h"}
	event := audit.Event{ID: "lost", At: second(2), Kind: audit.OrganizationChanged, Organization: Organization}
	known := org.Administrator{ID: "ann", Organization: Organization, Email: "thief@evil.example"}
	conflict(t, "a known administrator", s.WriteOrganization(ctx, Organization, policy.Change{
		Organization: &renamed, Administrators: []org.Administrator{known}, Keys: []access.Key{key}, Events: []audit.Event{event},
	}))
	conflict(t, "a known application", s.WriteOrganization(ctx, Organization, policy.Change{
		Applications: []org.Application{{ID: "crm", Organization: Organization, Name: "Evil"}}, Keys: []access.Key{key},
	}))
	stale := renamed
	stale.Rev = 5
	conflict(t, "a stale organisation", s.WriteOrganization(ctx, Organization, policy.Change{
		Organization: &stale, Keys: []access.Key{key}, Events: []audit.Event{event},
	}))
	stolen := fullChange().Keys[0]
	stolen.Digest = []byte("another")
	conflict(t, "a known key", s.WriteOrganization(ctx, Organization, policy.Change{Organization: &renamed, Keys: []access.Key{stolen}}))
	history := fullPolicy()
	conflict(t, "a known version", s.WriteOrganization(ctx, Organization, policy.Change{Organization: &renamed, History: &history}))
	found, organization, err := s.ReadOrganization(ctx, access.Credential{ID: key.ID}, Organization)
	must(t, err)
	same(t, "organisation", organization, fullChange().Organization)
	if found != nil {
		t.Error("a key of a change that lost was written")
	}
	events, _, err := s.Events(ctx, Organization, report.EventQuery{Limit: 10})
	must(t, err)
	if len(events) != 0 {
		t.Error("an event of a change that lost was written")
	}
}

func firstKeyOnce(t *testing.T, s Contract) {
	ctx := t.Context()
	key, _ := access.NewKey(access.SystemAdministrator, second(1))
	key.Holder = "root"
	event := audit.Event{ID: "boot", At: second(1), Kind: audit.SystemBootstrapped}
	for range 2 {
		must(t, s.CreateSystemAdministrator(ctx, key, "Root", "root@vendor.example", event))
	}
	other := key
	other.Digest = []byte("another")
	event.ID = "boot2"
	conflict(t, "another key of the same id", s.CreateSystemAdministrator(ctx, other, "Root", "root@vendor.example", event))
	key.Everywhere, key.Vendor = true, true
	same(t, "key", keyOf(t, s, key.ID), &key)
	root, err := s.Administrator(ctx, "", key.Holder)
	must(t, err)
	if root == nil || root.Rev != 1 || len(root.Keys) != 1 || root.Keys[0] != key.ID {
		t.Errorf("the system administrator is %+v", root)
	}
	events, _, err := s.Events(ctx, "", report.EventQuery{Limit: 5})
	must(t, err)
	if len(events) != 1 || events[0].ID != "boot" || events[0].Organization != "" {
		t.Errorf("the system's log holds %+v", events)
	}
}
