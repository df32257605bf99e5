package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func vendorsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WritePeople(ctx, fullPeople())) // with an application of the same id in an organisation
	a := org.Application{
		ID: "crm", Name: "CRM", Keys: []string{"fedcba98765432100123"}, CreatedAt: second(1), Rev: 1, Audience: "urn:vendor:crm",
		Organizations: []string{Organization, "other"}, ReturnAddresses: []string{"https://a.example/", "https://b.example/"},
	}
	k := access.Key{
		ID: "fedcba98765432100123", Digest: []byte("digest"), Role: access.Application, Holder: "crm", Vendor: true, Audience: a.Audience, ReturnAddresses: []string{"https://crm.vendor.example/back"},
		Organizations: a.Organizations, CreatedAt: second(1),
	}
	for range 2 { // the second is a repetition
		must(t, s.WritePeople(ctx, people.Change{Applications: []org.Application{a}, Keys: []access.Key{k}}))
	}
	got, err := s.Application(ctx, access.VendorHome, "crm")
	must(t, err)
	same(t, "application", got, &a)
	same(t, "key", keyOf(t, s, k.ID), &k)
	read, none, err := s.ReadOrganization(ctx, access.Credential{ID: k.ID}, access.VendorHome)
	must(t, err)
	same(t, "key", read, &k)
	if none != nil {
		t.Error("the vendor's home is an organisation")
	}
	own, err := s.Application(ctx, Organization, "crm")
	must(t, err)
	same(t, "the organisation's of that id", own, &fullPeople().Applications[0])
	a.Rev, a.Everywhere, a.Organizations, a.ReturnAddresses, a.Audience = 2, true, nil, nil, "urn:vendor:other"
	k.Everywhere, k.Organizations, k.Audience, k.ReturnAddresses = true, nil, a.Audience, nil
	must(t, s.WritePeople(ctx, people.Change{Applications: []org.Application{a}, Altered: []access.Key{k}}))
	all, err := s.Applications(ctx, access.VendorHome)
	must(t, err)
	same(t, "applications", all, []org.Application{a})
	same(t, "the altered key", keyOf(t, s, k.ID), &k)
	a.Rev, a.Everywhere, a.Organizations, a.Audience = 3, false, []string{"other"}, ""
	k.Everywhere, k.Organizations, k.Audience, k.Vendor = false, a.Organizations, "", false
	must(t, s.WritePeople(ctx, people.Change{Applications: []org.Application{a}, Altered: []access.Key{k}}))
	got, err = s.Application(ctx, access.VendorHome, "crm")
	must(t, err)
	same(t, "what is left of the application", got, &a)
	same(t, "what is left of the key", keyOf(t, s, k.ID), &k)
}

func knownOrganizations(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	stray := org.Application{ID: "crm", Organization: "nowhere", CreatedAt: second(1), Rev: 1} // which makes no organisation
	must(t, s.WritePeople(t.Context(), people.Change{Applications: []org.Application{stray}}))
	ids := []string{"nowhere"}
	for i := range 150 {
		ids = append(ids, fmt.Sprintf("nowhere-%d", i))
	}
	known, err := w.Store.KnownOrganizations(t.Context(), append(ids, Organization)...)
	must(t, err)
	same(t, "known", known, []string{Organization})
	known, err = s.KnownOrganizations(t.Context())
	must(t, err)
	if len(known) != 0 {
		t.Errorf("of none, known are %v", known)
	}
}

// oneColleague: the first system administrators have no roster. Removing each other at once, from every side, they make one, and one remains.
func oneColleague(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	ids, callers := []string{"root"}, []access.Caller{w.System}
	for _, id := range []string{"cai", "dan", "eve"} {
		key, text := access.NewKey(access.SystemAdministrator, w.Clock.Now())
		key.Holder = id
		event := audit.Event{ID: "boot " + id, At: w.Clock.Now(), Kind: audit.SystemBootstrapped}
		must(t, s.CreateSystemAdministrator(t.Context(), key, id, id+"@vendor.example", event))
		ids, callers = append(ids, id), append(callers, caller(t, text))
	}
	errs := collect(4*len(ids), func(i int) error {
		for {
			err := w.People.RemoveAdministrator(t.Context(), callers[(i+1)%len(ids)], access.VendorHome, ids[i%len(ids)])
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, people.ErrLastColleague, access.ErrNotFound, access.ErrUnauthenticated)
	left, err := s.Administrators(t.Context(), access.VendorHome)
	must(t, err)
	if len(left) == 0 {
		t.Fatal("nobody is left")
	}
	// Who would have removed whom may be gone themselves, so several may be left: one of them removes all, and cannot go.
	last := callers[slices.Index(ids, left[0].ID)]
	for _, other := range left[1:] {
		must(t, w.People.RemoveAdministrator(t.Context(), last, access.VendorHome, other.ID))
	}
	if err := w.People.RemoveAdministrator(t.Context(), last, access.VendorHome, left[0].ID); !errors.Is(err, people.ErrLastColleague) {
		t.Errorf("the last one goes: %v", err)
	}
	left, err = s.Administrators(t.Context(), access.VendorHome)
	must(t, err)
	roster, err := s.Roster(t.Context(), access.VendorHome)
	must(t, err)
	if len(left) != 1 || roster == nil || !slices.Equal(roster.Writers, []string{left[0].ID}) {
		t.Errorf("left: %+v, the roster: %+v", left, roster)
	}
}

// reachesWhatItSays: whoever narrows an application while others issue keys for it, no key reaches further than the application.
func reachesWhatItSays(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	wanted := people.WantedApplication{ID: "portal", Name: "Portal", Everywhere: true}
	_, err := w.People.PutApplication(t.Context(), w.System, access.VendorHome, wanted)
	must(t, err)
	k, err := w.People.ProposeKey(t.Context(), w.System, access.VendorHome, people.NewKey{Holder: people.Holder{Application: "portal"}})
	must(t, err)
	code := w.mailed(t, access.VendorHome, "root")
	wanted.Everywhere, wanted.Organizations = false, []string{Organization}
	errs := collect(10, func(i int) error {
		for {
			var err error
			if i%2 == 0 {
				_, err = w.People.ConfirmKey(t.Context(), w.System, access.VendorHome, k.Change.ID, stepup.Word{Code: code})
			} else {
				_, err = w.People.PutApplication(t.Context(), w.System, access.VendorHome, wanted)
			}
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, people.ErrShown, people.ErrMoved)
	portal, err := s.Application(t.Context(), access.VendorHome, "portal")
	must(t, err)
	keys, err := s.Keys(t.Context(), portal.Keys...)
	must(t, err)
	for _, key := range keys {
		if key.Everywhere || !slices.Equal(key.Organizations, []string{Organization}) {
			t.Errorf("a key reaches further than its application: %+v", key)
		}
	}
	if portal.Everywhere || len(keys) > 1 {
		t.Errorf("the application is %+v", portal)
	}
}
