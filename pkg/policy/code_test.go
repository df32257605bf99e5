package policy_test

import (
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
)

// A code is for one administrator, one payload, one base version: of two proposals that differ in any of it,
// even with the same id, neither has the other's code.
func TestACodeIsBoundToItsProposal(t *testing.T) {
	f := newFixture(t)
	_, want := f.proposed(f.forced(7))
	for what, change := range map[string]func(p *policy.Proposal){
		"organisation":  func(p *policy.Proposal) { p.Organization = "globex" },
		"administrator": func(p *policy.Proposal) { p.Administrator = "bob" },
		"id":            func(p *policy.Proposal) { p.ID = "ffffffffffffffff" },
		"payload":       func(p *policy.Proposal) { p.Policy.Status = org.Disabled },
		"base version":  func(p *policy.Proposal) { p.BaseVersion++ },
		"address":       func(p *policy.Proposal) { p.Address = []byte("another") },
	} {
		other := f.slot("ann")
		change(&other)
		code, err := factor.MailedCode(f.Keys, storetest.CurrentKey, other.Mailed())
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
	if seen := f.slot("ann").Seen; seen != f.Administrator.Seen || seen == "" {
		t.Errorf("asked from %q", seen)
	}
}
