package enroll_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/user"
)

// link is the token in a mail to eve as registered now.
func (f *fixture) link() string {
	f.t.Helper()
	token, err := user.OptOutOf(*f.snapshot(eve).Profile).Token(f.Keys)
	f.must(err)
	return token
}

// out demands whether eve gets announcements no more, in every view.
func (f *fixture) out(want bool) {
	f.t.Helper()
	u, err := f.Enroll.User(f.t.Context(), f.Application, subject(eve))
	f.must(err)
	o, err := f.Enroll.Overview(f.t.Context(), f.Application, subject(eve))
	f.must(err)
	if u.Profile.OptedOutAt.IsZero() == want || o.DeclinedAt.IsZero() == want {
		f.t.Errorf("out since %v and %v, want %t", u.Profile.OptedOutAt, o.DeclinedAt, want)
	}
}

func TestALinkEndsAnnouncements(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	token, before := f.link(), f.snapshot(eve)
	if out, err := f.Enroll.OptedOut(t.Context(), token); err != nil || out {
		t.Errorf("before: %t, %v", out, err)
	}
	f.out(false)
	for range 2 {
		f.must(f.Enroll.OptOut(t.Context(), access.Caller{Seen: "198.51.100.7"}, token))
	}
	f.out(true)
	if out, err := f.Enroll.OptedOut(t.Context(), token); err != nil || !out {
		t.Errorf("afterwards: %t, %v", out, err)
	}
	e := f.events(audit.AnnouncementsDeclined)
	if len(e) != 1 || e[0].Role != audit.Recipient || e[0].User != eve || e[0].Key != "" || e[0].Seen != "198.51.100.7" || e[0].Notify {
		t.Errorf("events: %+v", e)
	}
	after := f.snapshot(eve)
	if after.Factors.Rev != before.Factors.Rev || after.Profile.Rev != before.Profile.Rev+1 {
		t.Error("it touches what verifications race on")
	}
	for range 2 {
		_, err := f.Enroll.SetAnnouncements(t.Context(), f.Application, subject(eve), true)
		f.must(err)
	}
	f.out(false)
	u, err := f.Enroll.SetAnnouncements(t.Context(), f.Application, subject(eve), false)
	f.must(err)
	if u.Profile.OptedOutAt.IsZero() || len(f.events(audit.AnnouncementsWanted)) != 1 {
		t.Errorf("%+v, %d events", u.Profile, len(f.events(audit.AnnouncementsWanted)))
	}
}

// Whatever names nobody is answered the same, and changes nothing.
func TestLinksOfNobody(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	good := f.link()
	stranger, err := user.OptOut{Organization: "globex", User: eve, RegisteredAt: f.snapshot(eve).Profile.RegisteredAt}.Token(f.Keys)
	f.must(err)
	none, err := user.OptOut{Organization: "acme.example", User: "nobody"}.Token(f.Keys)
	f.must(err)
	links := map[string]string{"made up": "AAAA", "elsewhere": stranger, "of nobody": none, "cut": good[:len(good)-1]}
	f.must(f.Enroll.Delete(t.Context(), f.Administrator, subject(eve)))
	links["of who was deleted"] = good
	check := func() {
		t.Helper()
		for name, token := range links {
			_, err := f.Enroll.OptedOut(t.Context(), token)
			refused(t, name, err, access.ErrNotFound)
			refused(t, name, f.Enroll.OptOut(t.Context(), access.Caller{}, token), access.ErrNotFound)
		}
	}
	check()
	f.Clock.Advance(time.Minute)
	_, err = f.Enroll.Register(t.Context(), f.Administrator, subject(eve), address)
	f.must(err)
	links["of who had the id before"] = good
	check()
	f.out(false)
}

// Only the application says what a user wants: an administrator could have everybody told again who declined.
func TestWhoSpeaksForAUser(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.must(f.Enroll.OptOut(t.Context(), access.Caller{}, f.link()))
	_, err := f.Enroll.SetAnnouncements(t.Context(), f.Administrator, subject(eve), true)
	refused(t, "an administrator", err, access.ErrRole)
	_, err = f.Enroll.SetAnnouncements(t.Context(), f.Application, subject("nobody"), true)
	refused(t, "of nobody", err, access.ErrNotFound)
	f.out(true)
}

func TestManyClicksAtOnce(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	token := f.link()
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() { f.must(f.Enroll.OptOut(t.Context(), access.Caller{}, token)) })
	}
	wait.Wait()
	f.out(true)
	if n := len(f.events(audit.AnnouncementsDeclined)); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestOptingOutWithoutAStore(t *testing.T) {
	for _, op := range []memstore.Operation{memstore.Members, memstore.Write} {
		f := newFixture(t)
		f.Login(t, eve)
		f.store.FailNext(op, false, errors.New("down"))
		unavailable(t, string(op), f.Enroll.OptOut(t.Context(), access.Caller{}, f.link()))
		f.out(false)
		f.must(f.Enroll.OptOut(t.Context(), access.Caller{}, f.link()))
		f.out(true)
	}
}
