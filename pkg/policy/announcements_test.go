package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// announced confirms a policy with or without a word about announcing it, and gives all announcements.
func (f *fixture) announced(p org.Policy, announce *bool) ([]org.Announcement, error) {
	f.t.Helper()
	id, code := f.proposed(p)
	_, err := f.Policy.Confirm(f.t.Context(), f.Administrator, acme, id, policy.Confirmation{Word: stepup.Word{Code: code}, Announce: announce})
	f.Clock.Advance(user.SendWindow)
	all, listed := f.Policy.Announcements(f.t.Context(), f.Administrator, acme)
	f.must(listed)
	return all, err
}

// Forcing is announced unless somebody says otherwise; what follows only where somebody says so; and what forces nobody never.
func TestForcingIsAnnounced(t *testing.T) {
	yes, no := true, false
	f := newFixture(t)
	forced := func(days int) org.Policy {
		return f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, days })
	}
	for _, c := range []struct {
		name     string
		policy   org.Policy
		announce *bool
		want     int
		err      error
	}{
		{"an announcement of nothing", f.policy(func(p *org.Policy) { p.RecoveryEmailDistinct = true }), &yes, 0, policy.ErrNoAnnouncement},
		{"forcing in silence", forced(7), &no, 0, nil},
		{"an edit", forced(8), nil, 0, nil},
		{"an edit that is announced", forced(9), &yes, 1, nil},
		{"the end of it", f.policy(func(p *org.Policy) { p.Status = org.Enabled }), nil, 1, nil},
		{"forcing again", forced(7), nil, 2, nil},
	} {
		got, err := f.announced(c.policy, c.announce)
		if !errors.Is(err, c.err) || len(got) != c.want {
			t.Errorf("%s: %v, %d announcements, want %d", c.name, err, len(got), c.want)
		}
	}
	all, err := f.Policy.Announcements(t.Context(), f.System, acme)
	f.must(err)
	a, o := all[0], f.organization(acme)
	if a.ID != o.Announcement || a.PolicyVersion != o.Policy.Version || a.State != org.Announcing || a.CreatedBy != "ann" || !a.Due.Equal(a.CreatedAt) {
		t.Errorf("the latest: %+v of %+v", a, o)
	}
	if events := f.events(acme, audit.AnnouncementCreated); len(events) != 2 || events[1].Details["announcement"] != a.ID {
		t.Errorf("the events: %+v", events)
	}
}

// Enforcement that nobody gave a date begins with its confirmation, and goes on from there whatever else is edited.
func TestEnforcementWithoutADateBeginsWithItsConfirmation(t *testing.T) {
	f := newFixture(t)
	began := f.Clock.Now().Truncate(time.Second)
	for _, days := range []int{7, 9} {
		id, code := f.proposed(f.forced(days))
		got, err := f.confirm(id, code)
		f.must(err)
		if !got.EnforceFrom.Equal(began) || got.GraceDays != days {
			t.Errorf("enforced from %v with %d days", got.EnforceFrom, got.GraceDays)
		}
		f.Clock.Advance(user.SendWindow)
	}
	if _, err := f.propose(f.forced(9)); !errors.Is(err, policy.ErrNothing) {
		t.Errorf("proposing what stands, without the date: %v", err)
	}
}

func TestWhoMayChangeAnAnnouncement(t *testing.T) {
	f := newFixture(t)
	all, err := f.announced(f.forced(7), nil)
	f.must(err)
	change := func(c access.Caller, id string, to org.AnnouncementState) error {
		_, err := f.Policy.ChangeAnnouncement(t.Context(), c, acme, id, to)
		return err
	}
	refused(t, "a system administrator", change(f.System, all[0].ID, org.AnnouncementPaused), access.ErrRole)
	refused(t, "an unknown one", change(f.Administrator, "none", org.AnnouncementPaused), access.ErrNotFound)
	for range 2 {
		f.must(change(f.Administrator, all[0].ID, org.AnnouncementPaused))
	}
	if events := f.events(acme, audit.AnnouncementChanged); len(events) != 1 || events[0].Details["state"] != "active → paused" {
		t.Errorf("the events: %+v", events)
	}
	f.store.FailNext("WriteAnnouncement", false, errors.New("down"))
	unavailable(t, "without a store", change(f.Administrator, all[0].ID, org.Announcing))
	got, err := f.Policy.Announcement(t.Context(), f.Administrator, acme, all[0].ID)
	f.must(err)
	if got.State != org.AnnouncementPaused {
		t.Errorf("it is %s", got.State)
	}
}

// keyed is another key of ann's, with these permissions.
func (f *fixture) keyed(permissions []access.Permission, scope []access.Permission) access.Caller {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions, key.Scope = "ann", []string{acme}, permissions, scope
	f.must(f.store.WriteOrganization(f.t.Context(), acme, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	return access.Caller{Credential: credential}
}

// What comes with forcing comes for whoever may force; telling everybody again is for who may announce.
func TestAnnouncingAgainNeedsThePermission(t *testing.T) {
	f := newFixture(t)
	yes := true
	decides := f.keyed([]access.Permission{access.PolicyWrite}, nil)
	confirm := func(p org.Policy, announce *bool) error {
		id, code := f.proposed(p)
		_, err := f.Policy.Confirm(t.Context(), decides, acme, id, policy.Confirmation{Word: stepup.Word{Code: code}, Announce: announce})
		f.Clock.Advance(user.SendWindow)
		return err
	}
	f.must(confirm(f.forced(7), &yes))
	refused(t, "an edit announced", confirm(f.forced(8), &yes), access.ErrPermission)
	f.must(confirm(f.forced(8), nil))
}

// The one before is out of date from the confirmation on, whatever a tick has seen, and is not gone on with.
func TestAnAnnouncementThatIsReplaced(t *testing.T) {
	f := newFixture(t)
	yes := true
	first, err := f.announced(f.forced(7), nil)
	f.must(err)
	all, err := f.announced(f.forced(8), &yes)
	f.must(err)
	if len(all) != 2 || all[0].State != org.Announcing || all[1].State != org.AnnouncementPassed {
		t.Errorf("they are %+v", all)
	}
	_, err = f.Policy.ChangeAnnouncement(t.Context(), f.Administrator, acme, first[0].ID, org.Announcing)
	refused(t, "going on with the first", err, org.ErrAnnouncement)
}

// A key that was narrowed to something else cannot spend the administrator's codes on allowances.
func TestANarrowedKeyAsksForNoAllowance(t *testing.T) {
	f := newFixture(t)
	ask := func(scope ...access.Permission) error {
		_, err := f.Policy.ProposeAllowance(t.Context(), f.keyed(scope, scope), acme, policy.Allowance{Users: 20, Reason: "stolen"})
		return err
	}
	refused(t, "for reports", ask(access.ReportsRead), access.ErrNarrowed)
	f.must(ask(access.UsersReset))
}
