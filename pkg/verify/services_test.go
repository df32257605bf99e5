package verify_test

import (
	"errors"
	"slices"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func (f *fixture) with(service string) error {
	_, err := f.begin(verify.Begin{User: eve, Email: "eve@acme.example", Nonce: "n", Service: service})
	return err
}

// A dry run tells whose mail client would be refused, so a profile knows which services a user has.
func TestTheFirstLoginWithAServiceIsPutOnRecord(t *testing.T) {
	f := newFixture(t)
	f.must(f.with("imap")) // registers too, in the same write
	if p := f.snapshot(eve).Profile; p.Rev != 1 || !slices.Equal(p.Services, []string{"imap"}) {
		t.Errorf("a first login with imap leaves %+v", p)
	}
	f.untouched(eve, func() {
		for _, service := range []string{"imap", "web", ""} {
			f.must(f.with(service))
		}
	})
	f.must(f.with("smtp"))
	events := f.events(audit.ServiceUsed)
	if len(events) != 2 || events[0].Details["service"] != "imap" || events[1].Details["service"] != "smtp" || events[1].Notify {
		t.Errorf("events: %+v", events)
	}
	if n := len(f.events(audit.UserRegistered)); n != 1 {
		t.Errorf("%d events of the registration", n)
	}
}

func TestNoMoreThanEightServicesAreRemembered(t *testing.T) {
	f := newFixture(t)
	for _, service := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		f.must(f.with(service))
	}
	if p := f.snapshot(eve).Profile; len(p.Services) != user.MaxServices || p.Rev != user.MaxServices {
		t.Errorf("%d services, revision %d", len(p.Services), p.Rev)
	}
}

// A service that cannot be put on record is an outage like any other, and a race is run again.
func TestAServiceInAnOutage(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.store.FailNext(memstore.Write, false, errors.New("down"))
	if err := f.with("imap"); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	f.store.FailNext(memstore.Write, false, user.ErrConflict)
	f.must(f.with("imap"))
	if n := len(f.events(audit.ServiceUsed)); n != 1 {
		t.Errorf("%d events", n)
	}
}
