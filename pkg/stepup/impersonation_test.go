package stepup_test

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/stepup"
)

// impersonating is root's key of a session, in ann's place.
func impersonating(session string) *access.Key {
	return &access.Key{
		ID: session, Role: access.OrganizationAdministrator, Holder: "ann", Organizations: []string{"acme"},
		Impersonation: access.Impersonation{By: "root", Key: "parent", Reason: "ticket"},
	}
}

// Whoever acts in somebody's place is asked for the own second word, and what was proposed in a session ends with it.
func TestAnImpersonatorsChangesAreTheSessionsOwn(t *testing.T) {
	f := newFixture(t)
	ann := f.ann
	f.ann = impersonating("s1")
	if v := f.enter(); v.Administrator.ID != "root" || v.Administrator.Organization != "" {
		t.Errorf("the code goes to %+v", v.Administrator)
	}
	c, code := f.propose(of(stepup.Policy, "a"))
	f.ann = ann
	if err := f.confirm(c, code); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("confirmed by ann herself: %v", err)
	}
	f.ann = impersonating("s2")
	if err := f.confirm(c, code); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("confirmed in another session: %v", err)
	}
	f.now = f.now.Add(1)
	if again, _, err := f.enter().Propose(of(stepup.Policy, "a"), "", f.now); err == nil && again.ID == c.ID {
		t.Error("another session repeats the proposal")
	}
	f.ann = &access.Key{ID: "own", Role: access.SystemAdministrator, Holder: "root", Everywhere: true}
	if err := f.confirm(c, code); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("confirmed outside of the session: %v", err)
	}
	f.ann = impersonating("s1")
	f.must(f.confirm(c, code))
}
