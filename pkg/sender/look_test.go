package sender_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/sender"
	"twofold/pkg/user"
)

// From every state, whatever the provider says: the state after it, and whether that is news.
func TestStates(t *testing.T) {
	verified, pending, failed := sender.Identity{Verified: true}, sender.Identity{}, sender.Identity{Failed: true}
	for _, c := range []struct {
		before org.SenderState
		says   sender.Identity
		after  org.SenderState
		kind   audit.Kind
		told   bool
	}{
		{org.SenderPending, pending, org.SenderPending, "", false},
		{org.SenderPending, verified, org.SenderVerified, audit.SenderVerified, false},
		{org.SenderPending, failed, org.SenderFailed, audit.SenderFailed, false},
		{org.SenderVerified, verified, org.SenderVerified, "", false},
		{org.SenderVerified, pending, org.SenderLost, audit.SenderLost, true},
		{org.SenderVerified, failed, org.SenderLost, audit.SenderLost, true},
		{org.SenderLost, verified, org.SenderVerified, audit.SenderVerified, false},
		{org.SenderLost, pending, org.SenderLost, "", false},
		{org.SenderLost, failed, org.SenderLost, "", false},
		{org.SenderFailed, verified, org.SenderVerified, audit.SenderVerified, false},
		{org.SenderFailed, pending, org.SenderPending, audit.SenderChanged, false},
		{org.SenderFailed, failed, org.SenderFailed, "", false},
	} {
		f := newFixture(t)
		stored := org.Sender{Organization: acme, Rev: 1, Domain: domain, From: "a", State: c.before, ClaimedAt: f.Clock.Now()}
		f.must(f.store.WriteSender(t.Context(), sender.Change{Sender: &stored}))
		c.says.Organization = acme
		f.provider.Set(domain, &c.says)
		v, err := f.look()
		f.must(err)
		events := f.events()
		if v.Sender.State != c.after || f.sender() != v.Sender || (len(events) == 1) != (c.kind != "") || (len(f.told()) == 1) != c.told {
			t.Errorf("%s, %+v: %+v, events %+v", c.before, c.says, v.Sender, events)
		}
		if len(events) == 1 && (events[0].Kind != c.kind || events[0].Role != audit.System || events[0].Key != "" || events[0].Details["domain"] != domain) {
			t.Errorf("%s, %+v: event %+v", c.before, c.says, events[0])
		}
	}
}

func TestAVerifiedDomainIsLostAndFoundAgain(t *testing.T) {
	f := newFixture(t)
	v := f.verified()
	if !v.Sender.VerifiedAt.Equal(f.Clock.Now()) || !v.Sender.FallsBackSince.IsZero() {
		t.Fatalf("verified: %+v", v.Sender)
	}
	f.Clock.Advance(time.Hour)
	lost := f.Clock.Now()
	f.provider.Withdraw(domain)
	v, err := f.look()
	f.must(err)
	f.Clock.Advance(time.Hour)
	again, err := f.look()
	f.must(err)
	if v.Sender != again.Sender || !v.Sender.LostAt.Equal(lost) || !v.Sender.FallsBackSince.Equal(lost) || !slices.Equal(f.told(), []audit.Kind{audit.SenderLost}) {
		t.Errorf("lost: %+v, then %+v", v.Sender, again.Sender)
	}
	f.provider.Publish(domain)
	v, err = f.look()
	f.must(err)
	if v.Sender.State != org.SenderVerified || !v.Sender.LostAt.IsZero() || !v.Sender.FallsBackSince.IsZero() || !v.Sender.VerifiedAt.Equal(f.Clock.Now()) {
		t.Errorf("found again: %+v", v.Sender)
	}
}

// An identity that is gone, or not this organisation's, verifies nothing.
func TestAnIdentityThatIsGoneIsALoss(t *testing.T) {
	for name, identity := range map[string]*sender.Identity{
		"gone": nil, "somebody else's": {Verified: true}, "another organisation's": {Organization: "other", Verified: true},
	} {
		f := newFixture(t)
		f.verified()
		f.provider.Set(domain, identity)
		v, err := f.look()
		f.must(err)
		if v.Sender.State != org.SenderLost {
			t.Errorf("%s: %+v", name, v.Sender)
		}
		for _, r := range v.Records {
			if r.Required {
				t.Errorf("%s: shows records of an identity that is not its own", name)
			}
		}
	}
}

func TestLookFailsHonestly(t *testing.T) {
	f := newFixture(t)
	_, err := f.look()
	refused(t, "no sender", err, access.ErrNotFound)
	_, err = f.put(domain)
	f.must(err)
	f.provider.Publish(domain)
	before := f.sender()
	f.provider.FailNext("Identity", false, errDown)
	_, err = f.look()
	unavailable(t, "the provider", err)
	f.store.FailNext("WriteSender", false, errDown)
	_, err = f.look()
	unavailable(t, "what was found", err)
	for range 3 {
		f.store.FailNext("WriteSender", false, user.ErrConflict)
	}
	_, err = f.look()
	refused(t, "three lost races", err, user.ErrConflict)
	if f.sender() != before {
		t.Error("something was written")
	}
	oda := f.other("other")
	for what, c := range map[string]struct {
		caller access.Caller
		want   error
	}{"another's administrator": {oda, access.ErrNotFound}, "an application": {f.Application, access.ErrRole}} {
		_, err := f.Look(t.Context(), c.caller, acme)
		refused(t, what, err, c.want)
	}
	_, err = f.Look(t.Context(), f.System, acme)
	f.must(err)
}

// Withdrawing the entitlement: the mailer sees that from the organisation; the sender says since when, and all are told.
func TestTheEntitlementComesAndGoes(t *testing.T) {
	f := newFixture(t)
	f.verified()
	f.Clock.Advance(time.Hour)
	f.entitle(false)
	v, err := f.look()
	f.must(err)
	if v.Entitled || !v.Sender.FallsBackSince.Equal(f.Clock.Now()) || v.Sender.State != org.SenderVerified || !slices.Equal(f.told(), []audit.Kind{audit.EntitlementsChanged}) {
		t.Errorf("withdrawn: %+v", v)
	}
	f.entitle(false) // again: nothing
	f.entitle(true)
	v, err = f.look()
	f.must(err)
	if !v.Entitled || !v.Sender.FallsBackSince.IsZero() || len(f.told()) != 0 {
		t.Errorf("granted again: %+v", v)
	}
	f.entitle(false)
	f.provider.Withdraw(domain)
	_, err = f.look()
	f.must(err)
	f.provider.Publish(domain)
	v, err = f.look()
	f.must(err)
	if v.Sender.State != org.SenderVerified || v.Sender.FallsBackSince.IsZero() {
		t.Errorf("verified without the entitlement: %+v", v.Sender)
	}
	f.must(f.Remove(t.Context(), f.Administrator, acme)) // needs none
}

// Who has no domain in use loses none.
func TestAnEntitlementWithoutADomainIsNoLoss(t *testing.T) {
	f := newFixture(t)
	f.entitle(false)
	f.entitle(true)
	_, err := f.put(domain)
	f.must(err)
	before := f.sender()
	f.entitle(false)
	f.entitle(true)
	if f.sender() != before {
		t.Errorf("%+v", f.sender())
	}
}
