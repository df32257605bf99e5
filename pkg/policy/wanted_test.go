package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
)

func (f *fixture) want(c access.Caller, w policy.Wanted) (policy.Proposed, error) {
	return f.Policy.Propose(f.t.Context(), c, acme, w, f.organization(acme).Policy.Version)
}

// lose takes a user's second factor away.
func (f *fixture) lose(id string) {
	f.t.Helper()
	_, err := f.Enroll.Reset(f.t.Context(), f.AddAdministrator(f.t, "support"), enroll.Subject{Organization: acme, User: id}, "lost", false)
	f.must(err)
}

func TestWhoForcesHasASecondFactorOrKnows(t *testing.T) {
	f := newFixture(t)
	f.Link(t, "ann", "eve")
	f.untouched(func() {
		_, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(7)})
		refused(t, "a user who is not there", err, policy.ErrYourself)
	})
	f.Enrolled(t, "eve")
	f.proposed(f.forced(7))
	f.lose("eve")
	f.untouched(func() {
		_, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(8)})
		refused(t, "a user who lost it", err, policy.ErrYourself)
	})
	p, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(7), Acknowledged: true})
	f.must(err)
	if p.Change.Told["acknowledge_not_enrolled"] != "true" {
		t.Errorf("told: %v", p.Change.Told)
	}
	got, err := f.confirm(p.Change.ID, f.mailed("ann"))
	f.must(err)
	if got.Status != org.Forced {
		t.Errorf("confirmed as %+v", got)
	}
	f.Clock.Advance(time.Hour)
	f.proposed(f.forced(8)) // it is forced already, so nothing begins
}

// What the administrator had at the proposal must be there at the confirmation. The acknowledgement is part of what the code is for.
func TestTheEnrolmentIsJudgedAgain(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	f.Link(t, "ann", "eve")
	id, code := f.proposed(f.forced(7))
	f.lose("eve")
	f.untouched(func() {
		_, err := f.confirm(id, code)
		refused(t, "lost between", err, policy.ErrYourself)
	})
	p, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(7), Acknowledged: true})
	f.must(err)
	if p.Change.ID == id || f.mailed("ann") == code {
		t.Error("the acknowledgement is none of the proposal's")
	}
	_, err = f.confirm(p.Change.ID, f.mailed("ann"))
	f.must(err)
}

func TestNobodyElseIsAsked(t *testing.T) {
	f := newFixture(t)
	_, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(7)})
	f.must(err) // she is no user
	f.Link(t, "ann", "eve")
	off := f.policy(func(p *org.Policy) { p.Status = org.Disabled })
	_, err = f.want(f.Administrator, policy.Wanted{Policy: off})
	f.must(err)
	root, err := f.store.Keys(t.Context(), f.System.Credential.ID)
	f.must(err)
	session, text := access.NewSession(&root[0], acme, "ann", access.Permissions(), "ticket", f.Clock.Now())
	f.must(f.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{session}}))
	credential, err := access.Parse(text)
	f.must(err)
	_, err = f.want(access.Caller{Credential: credential}, policy.Wanted{Policy: f.forced(7)})
	f.must(err)
}

// An enrolment that cannot be read is an outage, never taken for one that is there.
func TestAnEnrolmentThatCannotBeRead(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	f.Link(t, "ann", "eve")
	f.untouched(func() {
		f.store.FailNext(memstore.Recipient, false, errors.New("down"))
		_, err := f.want(f.Administrator, policy.Wanted{Policy: f.forced(7)})
		unavailable(t, "an outage", err)
	})
}
