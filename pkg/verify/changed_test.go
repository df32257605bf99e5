package verify_test

import (
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/verify"
)

func subject(id string) enroll.Subject {
	return enroll.Subject{Organization: storetest.Organization, User: id}
}

// What changed between the beginning of a login and its answer is told with the new decision; nothing is judged.
func TestADecisionThatChangedIsTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		given  func(f *fixture)
		status decision.Status
		reason decision.Reason
	}{
		{"policy disabled", func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) },
			decision.Complete, decision.PolicyDisabled},
		{"entitlement withdrawn", func(f *fixture) { f.organization(func(o *org.Organization) { o.Entitlements.TwoFactor = false }) },
			decision.Complete, decision.NotAvailable},
		{"user exempted", exempt, decision.Complete, decision.IsExempt},
		{"method no longer allowed", anotherMethod, decision.Challenge, decision.MethodNotAllowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			secret := f.Enrolled(t, eve)
			token := f.Login(t, eve)
			c.given(f)
			f.untouched(eve, func() {
				for _, code := range []string{f.Code(t, secret), f.wrong(secret)} {
					_, err := f.answer(token, totp, code)
					f.changed(token, err, c.status, c.reason)
				}
			})
		})
	}
}

func (f *fixture) changed(token string, err error, status decision.Status, reason decision.Reason) {
	f.t.Helper()
	refused(f.t, "an answer", err, verify.ErrChanged)
	anew, ok := fault.As(err).Attached.(login.Answer)
	if !ok {
		f.t.Fatalf("no decision is attached to %v", err)
	}
	if anew.Decision.Status != status || anew.Decision.Reason != reason || anew.Assertion != "" {
		f.t.Errorf("attached: %+v", anew)
	}
	before, err := login.Parse(f.Keys, token)
	f.must(err)
	after, err := login.Parse(f.Keys, anew.Token)
	f.must(err)
	if after.PolicyVersion != f.snapshot(eve).Organization.Policy.Version || after.Nonce != before.Nonce || after.ID != before.ID {
		f.t.Errorf("the login goes on as %+v, was %+v", after, before)
	}
}

// Where the method is still allowed a moved policy does not stop a login.
func TestALoginGoesOnWhereItsMethodIsStillAllowed(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 3 })
	got, err := f.answer(token, totp, f.Code(t, secret))
	f.must(err)
	if v := f.claims(got).PolicyVersion; v != 2 {
		t.Errorf("asserted under version %d of the policy, want the present one", v)
	}
}

// The token that came with the new decision is good for it.
func TestTheNewLoginGoesOn(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	anotherMethod(f)
	_, err := f.answer(token, totp, f.Code(t, secret))
	refused(t, "under the policy before", err, verify.ErrChanged)
	anew := fault.As(err).Attached.(login.Answer)
	got, err := f.answer(anew.Token, totp, f.Code(t, secret))
	f.must(err)
	if f.claims(got).Nonce != "nonce" {
		t.Error("the login lost its nonce")
	}
}

func TestALoginOfAnotherServiceProvesNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	got, err := f.begin(verify.Begin{User: eve, Nonce: "n", Service: "imap"})
	f.must(err)
	f.untouched(eve, func() {
		_, err := f.answer(got.Token, totp, f.Code(t, secret))
		f.changed(got.Token, err, decision.Denied, decision.AppPasswordsNotBought)
	})
}
