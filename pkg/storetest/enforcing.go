package storetest

import (
	"errors"
	"fmt"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// membersReturn reads more users than one request of any store takes.
func membersReturn(t *testing.T, s Contract) {
	const n = 120
	var ids []string
	for i := range n {
		id := fmt.Sprintf("user#%03d", i)
		ids = append(ids, id)
		switch i % 3 {
		case 0:
			p := user.Profile{Organization: Organization, User: id, Rev: 1, Email: id, RegisteredAt: second(i % 60)}
			must(t, s.Write(t.Context(), user.Change{Profile: &p}))
		case 1:
			f := user.Factors{Organization: Organization, User: id, Rev: 1, Epoch: int64(i), Attempt: []byte("a")}
			must(t, s.Write(t.Context(), user.Change{Factors: &f}))
		}
	}
	trap := user.Profile{Organization: Organization + ".trap", User: ids[2], Rev: 1, RegisteredAt: second(1)}
	must(t, s.Write(t.Context(), user.Change{Profile: &trap}))
	got, err := s.Members(t.Context(), Organization, ids)
	must(t, err)
	if len(got) != n {
		t.Fatalf("%d users, want %d", len(got), n)
	}
	for i, id := range ids {
		m := got[id]
		if (m.Profile != nil) != (i%3 == 0) || m.Profile != nil && (m.Profile.User != id || m.Profile.Email != id) {
			t.Errorf("%s: profile %+v", id, m.Profile)
		}
		if want := int64(i % 3 % 2 * i); m.Factors.User != id || m.Factors.Organization != Organization || m.Factors.Epoch != want {
			t.Errorf("%s: factors %+v", id, m.Factors)
		}
	}
	none, err := s.Members(t.Context(), Organization, nil)
	must(t, err)
	if len(none) != 0 {
		t.Errorf("nobody asked for, and got %+v", none)
	}
}

// requiredOnce: of many who set the same, one changes something.
func requiredOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Enrolled(t, somebody)
	changed := collect(10, func(int) bool {
		for {
			e, err := w.Policy.Enforce(t.Context(), w.Administrator, policy.Subject{Organization: Organization, User: somebody},
				user.Enforcement{Kind: user.Required})
			if !errors.Is(err, user.ErrConflict) {
				must(t, err)
				return e.Changed
			}
		}
	})
	n := 0
	for _, c := range changed {
		if c {
			n++
		}
	}
	if events := w.events(t, audit.UserRequired); n != 1 || events != 1 || w.Factors(t, somebody).Epoch != 1 {
		t.Errorf("%d changes, %d events, epoch %d; want one of each", n, events, w.Factors(t, somebody).Epoch)
	}
}

// requirementRace: whichever comes first, a verification that came second belongs to a login that has ended.
func requirementRace(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	token := w.Login(t, somebody)
	var answered error
	together(2, func(i int) {
		if i == 0 {
			answered = w.answer(t, token, string(org.TOTP), w.Code(t, secret))
			return
		}
		for {
			_, err := w.Policy.Enforce(t.Context(), w.Administrator, policy.Subject{Organization: Organization, User: somebody},
				user.Enforcement{Kind: user.Required})
			if !errors.Is(err, user.ErrConflict) {
				must(t, err)
				return
			}
		}
	})
	if answered != nil && !errors.Is(answered, login.ErrEnded) && !errors.Is(answered, user.ErrConflict) {
		t.Errorf("the verification: %v", answered)
	}
	if err := w.answer(t, token, string(org.TOTP), w.Code(t, secret)); !errors.Is(err, login.ErrEnded) {
		t.Errorf("a login of before: %v", err)
	}
}
