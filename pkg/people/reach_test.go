package people_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

const back = "https://portal.vendor.example/back"

// wantedPortal is an application of the vendor's own for acme, or for all.
func wantedPortal(everywhere bool) people.WantedApplication {
	w := people.WantedApplication{ID: "portal", Name: "Portal", Everywhere: everywhere, ReturnAddresses: []string{back}}
	if !everywhere {
		w.Organizations = []string{acme}
	}
	return w
}

func (f *fixture) portal(everywhere bool) org.Application {
	f.t.Helper()
	a, err := f.put(wantedPortal(everywhere))
	f.must(err)
	return a
}

func (f *fixture) put(w people.WantedApplication) (org.Application, error) {
	return f.People.PutApplication(f.t.Context(), f.System, vendor, w)
}

// widened goes both steps.
func (f *fixture) widened(w people.WantedApplication) (org.Application, error) {
	f.t.Helper()
	f.Clock.Advance(user.SendWindow)
	p, err := f.People.ProposeApplication(f.t.Context(), f.System, w)
	if err != nil {
		return org.Application{}, err
	}
	return f.People.ConfirmApplication(f.t.Context(), f.System, w.ID, p.Change.ID, stepup.Word{Code: f.code(f.System)})
}

// at demands a refusal that names a field.
func at(t *testing.T, what string, err error, want *fault.Error, field string) {
	t.Helper()
	if !errors.Is(err, want) || fault.As(err).Field != field {
		t.Errorf("%s: %v at %q, want %v at %q", what, err, fault.As(err).Field, want.Code, field)
	}
}

func TestApplicationsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	with := func(change func(*people.WantedApplication)) people.WantedApplication {
		w := wantedPortal(false)
		change(&w)
		return w
	}
	for what, c := range map[string]struct {
		wanted people.WantedApplication
		want   *fault.Error
		field  string
	}{
		"both":                 {with(func(w *people.WantedApplication) { w.Everywhere = true }), people.ErrReach, "everywhere"},
		"neither":              {with(func(w *people.WantedApplication) { w.Organizations = nil }), people.ErrReach, "organizations"},
		"an unknown one":       {with(func(w *people.WantedApplication) { w.Organizations = []string{acme, "zz", "aa"} }), people.ErrUnknown, "organizations[1]"},
		"one of no name":       {with(func(w *people.WantedApplication) { w.Organizations = []string{acme, ""} }), people.ErrUnknown, "organizations[1]"},
		"one too long":         {with(func(w *people.WantedApplication) { w.Organizations = []string{strings.Repeat("a", 5000)} }), people.ErrUnknown, "organizations[0]"},
		"an id as an audience": {with(func(w *people.WantedApplication) { w.Audience = "crm" }), people.ErrAudience, "audience"},
		"a wildcard": {with(func(w *people.WantedApplication) {
			w.ReturnAddresses = []string{back, "https://*.vendor.example/"}
		}), people.ErrReturnAddress, "return_addresses[1]"},
	} {
		f.kept(func() {
			_, err := f.put(c.wanted)
			at(t, what, err, c.want, c.field)
		})
	}
	f.portal(false)
	for what, w := range map[string]people.WantedApplication{
		"an unknown one": with(func(w *people.WantedApplication) { w.Organizations = []string{"zz"} }),
		"no audience":    with(func(w *people.WantedApplication) { w.Audience = "crm" }),
	} {
		if _, err := f.People.ProposeApplication(t.Context(), f.System, w); fault.As(err).Kind != fault.Unprocessable {
			t.Errorf("%s is proposed: %v", what, err)
		}
	}
	_, err := f.People.ProposeApplication(t.Context(), f.System, wantedPortal(false))
	refused(t, "what is", err, people.ErrSame)
	w := wantedPortal(true)
	w.ID = "nobody"
	_, err = f.People.ProposeApplication(t.Context(), f.System, w)
	refused(t, "nobody", err, access.ErrNotFound)
	_, err = f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "crm", Name: "CRM", ReturnAddresses: []string{"http://crm.example/"}})
	at(t, "an organisation's", err, people.ErrReturnAddress, "return_addresses[0]")
}

// More than there was needs a second word, whatever it is more of; the field says what.
func TestAWideningNeedsASecondWord(t *testing.T) {
	f := newFixture(t)
	f.portal(false)
	for field, change := range map[string]func(*people.WantedApplication){
		"everywhere":       func(w *people.WantedApplication) { w.Organizations, w.Everywhere = nil, true },
		"organizations":    func(w *people.WantedApplication) { w.Organizations = []string{acme, "globex"} },
		"audience":         func(w *people.WantedApplication) { w.Audience = "urn:vendor:other" },
		"return_addresses": func(w *people.WantedApplication) { w.ReturnAddresses = append(w.ReturnAddresses, back+"/2") },
	} {
		f.kept(func() {
			w := wantedPortal(false)
			w.Name = "New" // what could be done at once is not done either
			change(&w)
			_, err := f.put(w)
			at(t, field, err, people.ErrWider, field)
		})
	}
	made := f.vendorsKey(people.NewKey{Holder: people.Holder{Application: "portal"}})
	w := wantedPortal(true)
	w.Audience, w.ReturnAddresses = "https://api.vendor.example", []string{back, back + "/2"}
	next, err := f.widened(w)
	f.must(err)
	if k := f.key(made.ID); !next.Everywhere || !k.Everywhere || k.Organizations != nil || k.Audience != w.Audience || !k.Vendor {
		t.Errorf("widened: %+v, the key %+v", next, k)
	}
	e := f.systems(audit.ApplicationWidened)
	if len(e) != 1 || !e[0].Notify || e[0].Details["every_organization"] != "false → true" || e[0].Details["return_addresses_added"] != back+"/2" ||
		!strings.HasSuffix(e[0].Details["audience"], " → https://api.vendor.example") {
		t.Errorf("events: %+v", e)
	}
}

// Less than there was holds for every key with the next request.
func TestANarrowingReachesEveryKey(t *testing.T) {
	f := newFixture(t)
	f.portal(true)
	w := wantedPortal(false)
	w.Organizations = []string{"zz"}
	_, err := f.put(w)
	at(t, "named in place of all", err, people.ErrUnknown, "organizations[0]")
	first := f.vendorsKey(people.NewKey{Holder: people.Holder{Application: "portal"}})
	second := f.vendorsKey(people.NewKey{Holder: people.Holder{Application: "portal"}, ExpiresAt: f.Clock.Now().Add(48 * time.Hour)})
	next := f.portal(false)
	for _, id := range []string{first.ID, second.ID} {
		if k := f.key(id); k.Everywhere || !slices.Equal(k.Organizations, []string{acme}) {
			t.Errorf("narrowed, a key is %+v", k)
		}
	}
	if !slices.Equal(next.Keys, []string{first.ID, second.ID}) || next.Rev != 4 {
		t.Errorf("the application is %+v", next)
	}
	f.kept(func() { f.portal(false) })
	w = wantedPortal(false)
	w.Name, w.ReturnAddresses = "Other", nil
	next, err = f.put(w)
	f.must(err)
	if next.Name != "Other" || len(next.ReturnAddresses) != 0 {
		t.Errorf("the application is %+v", next)
	}
	if e := f.systems(audit.ApplicationChanged); len(e) != 2 || e[0].Details["organizations_added"] != acme || e[1].Details["return_addresses_removed"] != back {
		t.Errorf("events: %+v", e)
	}
	f.must(f.People.RemoveApplication(t.Context(), f.System, vendor, "portal"))
	if f.key(first.ID).RevokedAt.IsZero() || f.key(second.ID).RevokedAt.IsZero() || !f.systems(audit.ApplicationRemoved)[0].Notify {
		t.Error("a key outlives its application")
	}
}

func TestAProposalIsOfOneApplicationAndOneState(t *testing.T) {
	f := newFixture(t)
	f.portal(false)
	other := wantedPortal(false)
	other.ID = "other"
	_, err := f.put(other)
	f.must(err)
	p, err := f.People.ProposeApplication(t.Context(), f.System, wantedPortal(true))
	f.must(err)
	again, err := f.People.ApplicationProposal(t.Context(), f.System, "portal", p.Change.ID)
	if err != nil || again.Change.ID != p.Change.ID {
		t.Errorf("read again: %+v, %v", again, err)
	}
	_, err = f.People.ApplicationProposal(t.Context(), f.System, "other", p.Change.ID)
	refused(t, "read as another's", err, access.ErrNotFound)
	code := f.code(f.System)
	f.kept(func() {
		_, err = f.People.ConfirmApplication(t.Context(), f.System, "other", p.Change.ID, stepup.Word{Code: code})
		refused(t, "confirmed for another", err, access.ErrNotFound)
		_, err = f.People.ConfirmApplication(t.Context(), f.System, "portal", p.Change.ID, stepup.Word{Code: otherDigits(code)})
		if err == nil {
			t.Error("confirmed with another code")
		}
	})
	for range 2 { // the second is a repetition
		a, err := f.People.ConfirmApplication(t.Context(), f.System, "portal", p.Change.ID, stepup.Word{Code: code})
		if err != nil || !a.Everywhere {
			t.Errorf("confirmed: %+v, %v", a, err)
		}
	}
	if len(f.systems(audit.ApplicationWidened)) != 1 {
		t.Error("it was done twice")
	}
	f.portal(false)
	f.Clock.Advance(user.SendWindow)
	p, err = f.People.ProposeApplication(t.Context(), f.System, wantedPortal(true))
	f.must(err)
	w := wantedPortal(false)
	w.Name = "Moved"
	_, err = f.put(w)
	f.must(err)
	f.kept(func() {
		_, err = f.People.ConfirmApplication(t.Context(), f.System, "portal", p.Change.ID, stepup.Word{Code: f.code(f.System)})
		refused(t, "after a change", err, people.ErrMoved)
	})
}

// An organisation's own application has the return addresses that it is given, and nothing of what the vendor's have.
func TestAnOrganisationsApplicationReachesNothingMore(t *testing.T) {
	f := newFixture(t)
	w := people.WantedApplication{ID: "shop", Name: "Shop", ReturnAddresses: []string{back + "/2", back, back}, Organizations: []string{"globex"}, Everywhere: true, Audience: "urn:x:y"}
	a, err := f.People.PutApplication(t.Context(), f.Administrator, acme, w)
	f.must(err)
	if !slices.Equal(a.ReturnAddresses, []string{back, back + "/2"}) || a.Everywhere || a.Organizations != nil || a.Audience != "" {
		t.Errorf("made: %+v", a)
	}
	made := f.issued(f.Administrator, people.NewKey{Holder: people.Holder{Application: "shop"}})
	if k := f.key(made.ID); k.Vendor || k.Everywhere || k.Addressee() != "shop" || k.Qualified() != acme+"/shop" || !slices.Equal(k.Organizations, []string{acme}) || !slices.Equal(k.ReturnAddresses, a.ReturnAddresses) {
		t.Errorf("its key: %+v", k)
	}
	for _, c := range []struct {
		addresses []string
		told      audit.Kind
	}{{[]string{back}, audit.ApplicationChanged}, {[]string{back, back + "/3"}, audit.ApplicationWidened}} {
		w.ReturnAddresses = c.addresses
		_, err := f.People.PutApplication(t.Context(), f.Administrator, acme, w)
		f.must(err)
		if k := f.key(made.ID); !slices.Equal(k.ReturnAddresses, c.addresses) {
			t.Errorf("its key: %+v, want %v", k, c.addresses)
		}
		all := f.events(c.told)
		if len(all) != 1 || all[0].Notify != (c.told == audit.ApplicationWidened) {
			t.Errorf("%v: %+v", c.addresses, all)
		}
	}
}
