package policy_test

import (
	"errors"
	"testing"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/sender"
)

// Withdrawn with a step-up or without, the entitlement takes the organisation's sender with it, in the same write.
func TestTheSenderFollowsItsEntitlement(t *testing.T) {
	f := newFixture(t)
	granted := org.Entitlements{TwoFactor: true, Sender: true}
	_, err := f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: granted})
	f.must(err)
	own := org.Sender{Organization: acme, Rev: 1, Domain: "mail.acme.example", From: "a", State: org.SenderVerified, VerifiedAt: f.Clock.Now()}
	f.must(f.store.WriteSender(t.Context(), sender.Change{Sender: &own}))
	fallsBack := func(what string, want bool) {
		t.Helper()
		s, err := f.store.Sender(t.Context(), acme)
		f.must(err)
		if s.FallsBackSince.IsZero() == want || s.State != org.SenderVerified {
			t.Errorf("%s: %+v", what, s)
		}
	}
	fallsBack("granted", false)
	f.forceAcme()
	id, code := f.withdraw()
	f.store.FailNext("Sender", false, errors.New("down"))
	_, err = f.confirmWithdrawal(id, code)
	unavailable(t, "a sender that cannot be read", err)
	_, err = f.confirmWithdrawal(id, code)
	f.must(err)
	fallsBack("withdrawn with a step-up", true)
	_, err = f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: granted})
	f.must(err)
	fallsBack("granted again", false)
}
