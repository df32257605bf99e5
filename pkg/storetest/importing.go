package storetest

import (
	"fmt"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// manyTogether: changes of several users are one, all or nothing.
func manyTogether(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	change := func(id string, rev int64) user.Change {
		f := user.Factors{Organization: Organization, User: id, Rev: rev, Attempt: user.NewAttempt()}
		p := user.Profile{Organization: Organization, User: id, Rev: rev, Email: id + "@acme.example", RegisteredAt: second(1)}
		e := w.Event(audit.UserRegistered, id)
		n := user.Notice{Organization: Organization, User: id, Event: e, To: []byte("sealed"), ExpiresAt: second(30)}
		return user.Change{Factors: &f, Profile: &p, Notice: &n, Events: []audit.Event{e}}
	}
	must(t, s.WriteMany(t.Context(), nil))
	all := []user.Change{change("a", 1), change("b", 1), change("c", 1)}
	for range 2 { // the second is a repetition
		must(t, s.WriteMany(t.Context(), all))
	}
	conflict(t, "one who is there already", s.WriteMany(t.Context(), []user.Change{change("d", 1), change("b", 1)}))
	members, err := s.Members(t.Context(), Organization, []string{"a", "b", "c", "d"})
	must(t, err)
	for i, id := range []string{"a", "b", "c"} {
		if m := members[id]; m.Profile == nil || m.Factors.Rev != 1 || string(m.Factors.Attempt) != string(all[i].Factors.Attempt) {
			t.Errorf("%s: %+v", id, m)
		}
	}
	if m := members["d"]; m.Profile != nil || m.Factors.Rev != 0 {
		t.Errorf("of a change that was refused there is %+v", m)
	}
	if n := w.events(t, audit.UserRegistered); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}

// importOrLogin: imports and logins of the same users at once: each user is registered once and enrolled once.
func importOrLogin(t *testing.T, s Contract) {
	const n = 30
	w := NewWorld(t, s)
	var lines []enroll.Line
	for i := range n {
		secret := []byte(fmt.Sprintf("a secret of user-%03d", i))
		lines = append(lines, enroll.Line{User: fmt.Sprintf("user-%03d", i), Account: enroll.Account{Email: "user@acme.example"}, Secret: secret, Plants: true})
	}
	together(4, func(i int) {
		if i > 1 {
			for _, l := range lines {
				_, err := w.On(t, l.User, "")
				demand(t, "a login", err, nil, user.ErrConflict)
			}
			return
		}
		for {
			results, err := w.Enroll.Import(t.Context(), w.Administrator, Organization, lines)
			for _, r := range results {
				demand(t, "a line", r.Err, nil)
			}
			if err == nil {
				return
			}
			demand(t, "an import", err, user.ErrConflict, unavailable)
		}
	})
	for _, l := range lines {
		snap, err := s.Read(t.Context(), w.Application.Credential, Organization, l.User)
		must(t, err)
		if len(snap.Factors.Authenticators) != 1 || snap.Profile == nil || len(snap.Profile.Methods) != 1 {
			t.Errorf("%s: %+v, %+v", l.User, snap.Profile, snap.Factors.Authenticators)
		}
	}
	if registered, enrolled := w.events(t, audit.UserRegistered), w.events(t, audit.UserEnrolled); registered != n || enrolled != n {
		t.Errorf("%d registrations and %d enrolments are recorded, want %d", registered, enrolled, n)
	}
}

// unavailable is what is answered where somebody else was faster at a part of an import.
var unavailable = fault.New(fault.Unavailable, "unavailable", "")
