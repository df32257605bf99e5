package people_test

import (
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

// narrowed is ann's key with a part of what she may.
func (f *fixture) narrowed(scope ...access.Permission) access.Caller {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Scope = "ann", []string{acme}, scope
	f.must(f.store.WritePeople(f.t.Context(), people.Change{Keys: []access.Key{key.Under(access.Permissions())}}))
	return f.acting(text)
}

// All changes of an administrator share one budget of codes, so a key for reports must not be able to spend it.
func TestANarrowedKeyProposesNothingOfOneself(t *testing.T) {
	f := newFixture(t)
	name := "Ann"
	_, err := f.People.ProposeSelf(t.Context(), f.narrowed(access.ReportsRead), acme, people.Own{Name: &name})
	refused(t, "a narrowed key", err, access.ErrNarrowed)
	if d, err := f.store.Docket(t.Context(), acme, "ann"); err != nil || d != nil {
		t.Errorf("the docket: %+v, %v", d, err)
	}
	_, err = f.People.ProposeSelf(t.Context(), f.Administrator, acme, people.Own{Name: &name})
	f.must(err)
}
