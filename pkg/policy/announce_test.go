package policy_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

var everybody = policy.Announcing{To: org.ToAll}

func (f *fixture) announce(in policy.Announcing) (org.Announcement, error) {
	return f.Policy.Announce(f.t.Context(), f.Administrator, acme, in)
}

func (f *fixture) cancel(id string) {
	f.t.Helper()
	_, err := f.Policy.ChangeAnnouncement(f.t.Context(), f.Administrator, acme, id, org.AnnouncementStopped)
	f.must(err)
}

func (f *fixture) announcements() []org.Announcement {
	f.t.Helper()
	all, err := f.Policy.Announcements(f.t.Context(), f.Administrator, acme)
	f.must(err)
	return all
}

// An announcement by hand is written with an event that all administrators are told of, words and all.
func TestAnnouncingByHand(t *testing.T) {
	f := newFixture(t)
	at := f.Clock.Now().Add(48 * time.Hour)
	a, err := f.announce(policy.Announcing{To: org.ToAll, At: at, Message: "Ask in room 12, Mr. Smith is there at 9.30."})
	f.must(err)
	if a.State != org.Announcing || !a.Due.Equal(at) || a.CreatedBy != "ann" || a.PolicyVersion != 1 || a.Reminds() {
		t.Errorf("made: %+v", a)
	}
	e := f.events(acme, audit.AnnouncementCreated)
	if len(e) != 1 || !e[0].Notify || e[0].Details["announcement"] != a.ID || e[0].Details["to"] != "all" || e[0].Details["message"] == "" || e[0].Details["at"] == "" {
		t.Errorf("events: %+v", e)
	}
	if o := f.organization(acme); o.Announcement != "" {
		t.Errorf("it takes the place of what reminds: %+v", o)
	}
}

func TestWhoAnnouncesByHand(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		caller access.Caller
		want   error
	}{
		"a system administrator":             {f.System, access.ErrRole},
		"an application":                     {f.Application, access.ErrRole},
		"an administrator who may not":       {f.keyed([]access.Permission{access.PolicyWrite}, nil), access.ErrPermission},
		"an administrator of somewhere else": {f.keyed(nil, nil), access.ErrPermission},
	} {
		_, err := f.Policy.Announce(t.Context(), c.caller, acme, everybody)
		refused(t, name, err, c.want)
	}
	_, err := f.Policy.Announce(t.Context(), f.Administrator, "globex", everybody)
	refused(t, "in another organisation", err, access.ErrNotFound)
	if all := f.announcements(); len(all) != 0 {
		t.Errorf("made: %+v", all)
	}
}

// What the mail says of itself, that it has no link, stays true.
func TestMessagesThatAreRefused(t *testing.T) {
	f := newFixture(t)
	for _, m := range []string{
		"https://evil.example", "HTTP://evil", "see evil.example for more", "see evil.co", "WWW evil", "ftp://x", "write to ann@acme",
		"a\nb", "a\rb", "a\u2028b", "a\x00b", "\u202eelpmaxe", " ", strings.Repeat("x", org.MaxMessage+1), "a\xffb",
		"see evil。example", "see ЕВИЛ.рф", "evil．example", "xn--e1awd7f.com", "log-in.acme-sso.net!", "10.0.0.1.nip.io",
		"Set up at https:/\u200b/evil.\u2060example/login", "evil\u2024com", "x\uff20evil", "//evil/x", "http:evil", "mailto:x", "10.0.0.1/x", "evil.exa\u00admple", "a\ufe0fb",
	} {
		_, err := f.announce(policy.Announcing{To: org.ToAll, Message: m})
		refused(t, m, err, policy.ErrMessage)
		if err != nil && strings.Contains(err.Error(), "evil") {
			t.Errorf("the refusal repeats the message: %v", err)
		}
	}
	for _, m := range []string{"At 9.30 in room 1.12 (e.g. with Mr. Smith).", "Grüße, Ihr Helpdesk …", "Fragen? Tel. 12 34", "By 9.30am, or at the latest at 10:15.", strings.Repeat("ü", org.MaxMessage)} {
		a, err := f.announce(policy.Announcing{To: org.ToAll, Message: m})
		if err != nil {
			t.Errorf("%q: %v", m, err)
			continue
		}
		f.cancel(a.ID)
		f.Clock.Advance(24 * time.Hour)
	}
}

func TestDatesOfAnnouncements(t *testing.T) {
	f := newFixture(t)
	now := f.Clock.Now()
	for name, at := range map[string]time.Time{"now": now, "gone": now.Add(-time.Second), "too far": now.Add(org.MaxAnnounceAhead + time.Second)} {
		_, err := f.announce(policy.Announcing{To: org.ToAll, At: at})
		refused(t, name, err, policy.ErrAnnounceAt)
	}
	_, err := f.announce(policy.Announcing{To: org.ToAll, At: now.Add(org.MaxAnnounceAhead)})
	f.must(err)
}

// One at a time, and three a day, so that a key cannot bury users in mail; cancelling them gives none back.
func TestAnnouncementsByHandAreFew(t *testing.T) {
	f := newFixture(t)
	for range org.MaxByHandADay {
		a, err := f.announce(everybody)
		f.must(err)
		_, err = f.announce(everybody)
		refused(t, "a second one", err, policy.ErrAnnouncing)
		_, err = f.Policy.ChangeAnnouncement(t.Context(), f.Administrator, acme, a.ID, org.AnnouncementPaused)
		f.must(err)
		_, err = f.announce(everybody)
		refused(t, "beside a paused one", err, policy.ErrAnnouncing)
		f.cancel(a.ID)
		f.Clock.Advance(time.Hour)
	}
	_, err := f.announce(everybody)
	refused(t, "a fourth", err, policy.ErrAnnounced)
	if wait := fault.As(err).RetryAfter; wait != 21*time.Hour {
		t.Errorf("wait %v", wait)
	}
	f.Clock.Advance(21 * time.Hour)
	_, err = f.announce(everybody)
	f.must(err)
}

func TestOnlyOneOfManyAtOnceAnnounces(t *testing.T) {
	f := newFixture(t)
	var wait sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wait.Go(func() { _, errs[i] = f.announce(everybody) })
	}
	wait.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if !errors.Is(err, policy.ErrAnnouncing) {
			t.Errorf("answered %v", err)
		}
	}
	if made != 1 || len(f.announcements()) != 1 || len(f.events(acme, audit.AnnouncementCreated)) != 1 {
		t.Errorf("%d were told that theirs was made, %d were", made, len(f.announcements()))
	}
}

// A repetition gives what the first one made, however it stands by then; another body does not.
func TestAnnouncingIsRepeated(t *testing.T) {
	f := newFixture(t)
	in := policy.Announcing{To: org.ToAll, Message: "Soon.", IdempotencyKey: "k1"}
	f.store.FailNext(memstore.WriteOrganization, true, errors.New("the reply is lost"))
	_, err := f.announce(in)
	unavailable(t, "a lost reply", err)
	first := f.announcements()[0]
	f.cancel(first.ID)
	got, err := f.announce(in)
	f.must(err)
	if got.ID != first.ID || got.State != org.AnnouncementStopped {
		t.Errorf("repeated: %+v", got)
	}
	for _, other := range []policy.Announcing{
		{To: org.ToUnenrolled, Message: "Soon.", IdempotencyKey: "k1"}, {To: org.ToAll, IdempotencyKey: "k1"},
		{To: org.ToAll, Message: "Soon.", IdempotencyKey: "k1", At: f.Clock.Now().Add(time.Hour)},
	} {
		_, err := f.announce(other)
		refused(t, "another body", err, policy.ErrKeyReused)
	}
	colleague := f.keyed(access.Permissions(), nil)
	if got, err := f.Policy.Announce(t.Context(), colleague, acme, in); err != nil || got.ID == first.ID {
		t.Errorf("by another key: %+v, %v", got, err)
	}
	f.cancel(f.announcements()[0].ID)
	f.Clock.Advance(10 * time.Minute)
	if got, err := f.announce(in); err != nil || got.ID == first.ID {
		t.Errorf("ten minutes later: %+v, %v", got, err)
	}
}

func TestWhatThereIsToAnnounce(t *testing.T) {
	f := newFixture(t)
	_, err := f.announce(policy.Announcing{To: org.ToAll, Reminders: true})
	faulty(t, "reminders where nothing forces", err, "nothing_to_announce", "reminders")
	f.must(f.alter(func(o *org.Organization) { o.Policy.Status = org.Disabled }))
	_, err = f.announce(everybody)
	refused(t, "a disabled policy", err, policy.ErrNothingOffered)
	f.must(f.alter(func(o *org.Organization) { o.Policy.Status, o.Entitlements.TwoFactor = org.Forced, false }))
	_, err = f.announce(everybody)
	refused(t, "without the entitlement", err, policy.ErrNothingOffered)
	f.must(f.alter(func(o *org.Organization) { o.Entitlements.TwoFactor = true }))
	a, err := f.announce(policy.Announcing{To: org.ToAll, Reminders: true})
	f.must(err)
	if o := f.organization(acme); o.Announcement != a.ID || !a.Reminds() {
		t.Errorf("%+v, %+v", o, a)
	}
}

func (f *fixture) alter(change func(*org.Organization)) error {
	o := f.organization(acme)
	o.Rev++
	change(o)
	return f.store.WriteOrganization(f.t.Context(), acme, policy.Change{Organization: o})
}

func TestAnnouncingWithoutAStore(t *testing.T) {
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Announcements, memstore.WriteOrganization} {
		f := newFixture(t)
		f.store.FailNext(op, false, errors.New("down"))
		_, err := f.announce(everybody)
		unavailable(t, string(op), err)
		if n := len(f.announcements()) + len(f.events(acme, audit.AnnouncementCreated)); n != 0 {
			t.Errorf("%s: %d things made", op, n)
		}
	}
}
