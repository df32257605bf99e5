package enroll_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

const elsewhere = "new@elsewhere.example"

func (f *fixture) move(secret []byte, to string) error {
	_, err := f.Enroll.MoveRecovery(f.t.Context(), f.Application, proofOf(subject(eve), f.Code(f.t, secret)), to, to)
	return err
}

func (f *fixture) confirmMove(code string) (enroll.RecoveryEmail, error) {
	return f.Enroll.ConfirmRecovery(f.t.Context(), f.Application, enroll.Confirmation{Of: subject(eve), Code: code})
}

// holds demands where codes go at now.
func (f *fixture) holds(want string) {
	f.t.Helper()
	p := f.snapshot(eve).Profile
	address, err := f.Keys.Open(p.Recovery(f.Clock.Now()).Sealed, user.RecoveryUse(p.Organization, p.User))
	f.must(err)
	if string(address) != want {
		f.t.Errorf("the recovery email is %s, want %s", address, want)
	}
}

func TestTheRecoveryEmailChangesAfterADelay(t *testing.T) {
	f, secret := offering(t)
	p := f.snapshot(eve).Profile
	before, err := f.Keys.Open(p.RecoveryEmail, user.RecoveryUse(p.Organization, p.User))
	f.must(err)
	f.must(f.move(secret, elsewhere))
	f.holds(string(before))
	_, err = f.confirmMove(otherDigits(f.mailed(user.VerifyRecovery)))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	f.counted(1)
	shown, err := f.confirmMove(f.mailed(user.VerifyRecovery))
	f.must(err)
	if shown.Next != "n•••@elsewhere.example" || !shown.NextAt.Equal(f.Clock.Now().Add(24*time.Hour)) || shown.Address == shown.Next {
		t.Errorf("shown: %+v", shown)
	}
	f.holds(string(before))
	f.Clock.Advance(24*time.Hour - time.Second)
	f.holds(string(before))
	f.Clock.Advance(time.Second)
	f.holds(elsewhere)
	if events := f.events(audit.RecoveryEmailChanged); len(events) != 1 || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
}

// Whoever stands in between can object: a reset and a switch-off forget the address that waits.
func TestAnAddressThatWaitsDiesWithTheFactors(t *testing.T) {
	f, secret := offering(t)
	f.must(f.move(secret, elsewhere))
	_, err := f.confirmMove(f.mailed(user.VerifyRecovery))
	f.must(err)
	_, err = f.Enroll.Reset(t.Context(), f.Administrator, subject(eve), "not me", false)
	f.must(err)
	p := f.snapshot(eve).Profile
	if p.NextRecovery.Known() || !p.Recovery(f.Clock.Now()).Known() {
		t.Errorf("left: %+v", p)
	}
	_, err = f.Enroll.Reset(t.Context(), f.Administrator, subject(eve), "mailbox lost", true)
	f.must(err)
	if f.snapshot(eve).Profile.Recovery(f.Clock.Now()).Known() {
		t.Error("the recovery email was to be cleared")
	}
	if e := f.events(audit.UserReset); e[len(e)-1].Details["recovery_email"] != "cleared" {
		t.Errorf("events: %+v", e)
	}
}

// The address that holds is no change; while another waits, to confirm it once more calls that off.
func TestTheOldAddressCallsTheNewOneOff(t *testing.T) {
	f, secret := offering(t)
	const holds = "private@home.example" // the World's
	f.untouched(func() { refused(t, "what holds", f.move(secret, holds), enroll.ErrSame) })
	f.must(f.move(secret, elsewhere))
	_, err := f.confirmMove(f.mailed(user.VerifyRecovery))
	f.must(err)
	f.Clock.Advance(time.Minute)
	f.must(f.move(secret, holds))
	shown, err := f.confirmMove(f.mailed(user.VerifyRecovery))
	f.must(err)
	f.Clock.Advance(48 * time.Hour)
	f.holds(holds)
	if shown.Next != "" || shown.Address == "" {
		t.Errorf("shown: %+v", shown)
	}
}

func TestWhereTheRecoveryEmailMayNotGo(t *testing.T) {
	f, secret := offering(t)
	f.policy(func(p *org.Policy) { p.RecoveryEmailDistinct = true })
	f.untouched(func() {
		for to, want := range map[string]error{"x@": enroll.ErrAddress, address: enroll.ErrDistinct, "a@b.example,c@d.example": enroll.ErrAddress} {
			refused(t, to, f.move(secret, to), want)
		}
		_, err := f.Enroll.MoveRecovery(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), elsewhere, "other@elsewhere.example")
		refused(t, "two addresses", err, enroll.ErrMismatch)
		_, err = f.confirmMove("12345678")
		refused(t, "nothing begun", err, enroll.ErrPending)
	})
}

// A code for the old address is void once another holds, and the other way round.
func TestCodesBelongToTheAddressThatHolds(t *testing.T) {
	f, secret := offering(t)
	f.byMail(secret)
	f.policy(func(p *org.Policy) { p.Recovery.DelayHours = 0 })
	_, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.RenewCodes, org.Email, "")
	f.must(err)
	code := f.mailed(user.By(user.RenewCodes, org.Email))
	f.must(f.move(secret, elsewhere))
	_, err = f.confirmMove(f.mailed(user.VerifyRecovery))
	f.must(err)
	f.holds(elsewhere)
	_, err = f.Enroll.RenewCodes(t.Context(), f.Application, enroll.Request{Of: subject(eve), Proof: enroll.Proof{Method: org.Email, Code: code}})
	refused(t, "the code that went to the old address", err, enroll.ErrProofRefused)
}

func TestNewRecoveryCodesEndTheOldOnes(t *testing.T) {
	f, secret := offering(t)
	before := f.Factors(t, eve).RecoveryCodes
	codes, err := f.Enroll.RenewCodes(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)))
	f.must(err)
	after := f.Factors(t, eve)
	if len(codes) != 10 || after.RecoveryCodes.Generation != before.Generation+1 || after.RecoveryCodes.Left() != 10 {
		t.Errorf("%d codes of generation %d", len(codes), after.RecoveryCodes.Generation)
	}
	if events := f.events(audit.RecoveryCodesRenewed); len(events) != 1 || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	f.Clock.Advance(30 * time.Second)
	f.policy(func(p *org.Policy) { p.Recovery.MailCodes = true })
	f.store.Deliveries()
	mailed, err := f.Enroll.RenewCodes(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)))
	f.must(err)
	if len(mailed) != 0 || !slices.ContainsFunc(f.store.Deliveries(), func(o mail.Order) bool { return o.Kind == mail.SavedCodesOrder }) {
		t.Errorf("shown although they are to be mailed: %d", len(mailed))
	}
	f.policy(func(p *org.Policy) { p.Recovery.SavedCodes = false })
	f.untouched(func() {
		_, err = f.Enroll.RenewCodes(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)))
		refused(t, "a way that is closed", err, enroll.ErrCodesClosed)
	})
}

func TestABypassCodeIsAnAdministratorsAndGivesWayToNobody(t *testing.T) {
	f, secret := offering(t)
	f.byMail(secret)
	made, err := f.Enroll.MakeBypass(t.Context(), f.Administrator, subject(eve), "phone at home", time.Hour)
	f.must(err)
	if len(made.Code) != 8 || !made.ExpiresAt.Equal(f.Clock.Now().Add(time.Hour)) || f.codes() != 0 {
		t.Errorf("made: %+v", made)
	}
	for _, act := range user.Changes()[:4] {
		_, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), act, org.Email, "")
		f.must(err)
	}
	if _, open := f.Factors(t, eve).Open(user.Bypass, "", f.Clock.Now()); !open {
		t.Error("orders pushed the code out")
	}
	events := f.events(audit.BypassMade)
	if len(events) != 1 || !events[0].Notify || events[0].Reason != "phone at home" || events[0].Actor != "ann" {
		t.Errorf("events: %+v", events)
	}
	again, err := f.Enroll.MakeBypass(t.Context(), f.Administrator, subject(eve), "lost the note", time.Hour)
	f.must(err)
	if again.Code == made.Code {
		t.Error("the same code again")
	}
	f.untouched(func() {
		_, err = f.Enroll.MakeBypass(t.Context(), f.Administrator, subject("adam"), "phone at home", time.Hour)
		if err == nil {
			t.Error("a code for nobody")
		}
	})
}
