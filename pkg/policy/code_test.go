package policy_test

import (
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

// A code is for one administrator, one payload, one base version: of two proposals that differ in any of it,
// even with the same id, neither has the other's code.
func TestACodeIsBoundToItsProposal(t *testing.T) {
	f := newFixture(t)
	_, want := f.proposed(f.forced(7))
	for what, change := range map[string]func(d *stepup.Docket, c *stepup.Change){
		"home":          func(d *stepup.Docket, _ *stepup.Change) { d.Organization = "globex" },
		"administrator": func(d *stepup.Docket, _ *stepup.Change) { d.Administrator = "bob" },
		"organisation":  func(_ *stepup.Docket, c *stepup.Change) { c.Organization = "globex" },
		"thing":         func(_ *stepup.Docket, c *stepup.Change) { c.Thing = "key" },
		"id":            func(_ *stepup.Docket, c *stepup.Change) { c.ID = "ffffffffffffffff" },
		"payload":       func(_ *stepup.Docket, c *stepup.Change) { c.Payload = []byte("{}") },
		"base version":  func(_ *stepup.Docket, c *stepup.Change) { c.Base++ },
		"address":       func(_ *stepup.Docket, c *stepup.Change) { c.Address = []byte("another") },
	} {
		d, c := f.docket("ann"), f.waiting("ann")
		change(&d, &c)
		code, err := factor.MailedCode(f.Keys, storetest.CurrentKey, d.Mailed(c))
		f.must(err)
		if code == want {
			t.Errorf("another %s has the same code", what)
		}
	}
}

// The mail says from where the change was asked.
func TestAProposalKnowsFromWhereItWasAsked(t *testing.T) {
	f := newFixture(t)
	_, err := f.propose(f.forced(7))
	f.must(err)
	if seen := f.waiting("ann").Seen; seen != f.Administrator.Seen || seen == "" {
		t.Errorf("asked from %q", seen)
	}
}
