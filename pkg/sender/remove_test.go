package sender_test

import (
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func TestRemoveReleasesAndDeletes(t *testing.T) {
	f := newFixture(t)
	f.verified()
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	if s := f.sender(); s != (org.Sender{Organization: acme, Rev: 3, Discarded: domain}) || s.Address() != "" {
		t.Errorf("sender %+v", s)
	}
	if c := f.claim(domain); !c.ReleasedAt.Equal(f.Clock.Now()) || !c.Verified || len(f.provider.Domains()) != 0 {
		t.Errorf("claim %+v, identities %v", c, f.provider.Domains())
	}
	if !slices.Equal(f.told(), []audit.Kind{audit.SenderRemoved}) {
		t.Error("nobody is told")
	}
	before := len(f.events())
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	if len(f.events()) != before {
		t.Error("a repetition changed something")
	}
	_, err := f.look()
	refused(t, "what is removed", err, access.ErrNotFound)
}

func TestRemoveIsRepairedByRepeatingIt(t *testing.T) {
	for name, breaks := range map[string]func(f *fixture){
		"the write":                   func(f *fixture) { f.store.FailNext("WriteSender", false, errDown) },
		"the write's acknowledgement": func(f *fixture) { f.store.FailNext("WriteSender", true, errDown) },
		"reading the claim":           func(f *fixture) { f.store.FailNext("DomainClaim", false, errDown) },
		"looking at the identity":     func(f *fixture) { f.provider.FailNext("Identity", false, errDown) },
		"deleting the identity":       func(f *fixture) { f.provider.FailNext("Delete", false, errDown) },
		"the answer to deleting it":   func(f *fixture) { f.provider.FailNext("Delete", true, errDown) },
	} {
		f := newFixture(t)
		_, err := f.put(domain)
		f.must(err)
		breaks(f)
		unavailable(t, name, f.Remove(t.Context(), f.Administrator, acme))
		f.must(f.Remove(t.Context(), f.Administrator, acme))
		if len(f.provider.Domains()) != 0 || f.claim(domain).ReleasedAt.IsZero() || len(f.events()) != 2 || len(f.told()) != 0 {
			t.Errorf("%s: identities %v, events %+v", name, f.provider.Domains(), f.events())
		}
	}
}

// An identity that could not be deleted is deleted by the next change, before it would be forgotten.
func TestALeftoverIsDeletedByTheNextChange(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(domain)
	f.must(err)
	f.provider.FailNext("Delete", false, errDown)
	unavailable(t, "deleting", f.Remove(t.Context(), f.Administrator, acme))
	for _, next := range []string{"b.acme.example", "c.acme.example"} {
		_, err = f.put(next)
		f.must(err)
		if !slices.Equal(f.provider.Domains(), []string{next}) {
			t.Errorf("identities %v", f.provider.Domains())
		}
	}
}

// The system administrator may end a claim: of a domain, say, that its claimant does not own.
func TestWhoMayRemove(t *testing.T) {
	f := newFixture(t)
	oda := f.other("other")
	_, err := f.put(domain)
	f.must(err)
	for what, c := range map[string]struct {
		caller access.Caller
		want   error
	}{"another's administrator": {oda, access.ErrNotFound}, "an application": {f.Application, access.ErrRole}} {
		refused(t, what, f.Remove(t.Context(), c.caller, acme), c.want)
	}
	for range 3 {
		f.store.FailNext("WriteSender", false, user.ErrConflict)
	}
	refused(t, "three lost races", f.Remove(t.Context(), f.System, acme), user.ErrConflict)
	f.must(f.Remove(t.Context(), f.System, acme))
	if events := f.events(); events[len(events)-1].Actor != "root" {
		t.Errorf("event %+v", events[len(events)-1])
	}
}
