package enroll_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var confirmByMail = user.By(user.Confirm, org.Email)

// offering is a world whose policy allows the app and mail, with eve enrolled by her app.
func offering(t *testing.T) (*fixture, []byte) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	f.codes()
	return f, secret
}

func (f *fixture) add(code string, m org.Method) (enroll.Pending, error) {
	return f.Enroll.Add(f.t.Context(), f.Application, proofOf(subject(eve), code), m, "")
}

func (f *fixture) confirm(code, name string) (enroll.Authenticator, error) {
	return f.Enroll.ConfirmAuthenticator(f.t.Context(), f.Application, enroll.Confirmation{Of: subject(eve), Code: code, Name: name})
}

// byMail gives eve codes by mail as another authenticator; the app's present code is used up.
func (f *fixture) byMail(secret []byte) enroll.Authenticator {
	f.t.Helper()
	_, err := f.add(f.Code(f.t, secret), org.Email)
	f.must(err)
	a, err := f.confirm(f.mailed(confirmByMail), "")
	f.must(err)
	f.Clock.Advance(30 * time.Second)
	f.codes()
	return a
}

func TestAnAuthenticatorCountsOnceItsFirstCodeWasRight(t *testing.T) {
	f, secret := offering(t)
	pending, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	if pending.Sent.To == "" || pending.Setup != nil || f.codes() != 1 {
		t.Errorf("pending: %+v", pending)
	}
	if x := f.Factors(t, eve); len(x.Authenticators) != 1 || len(f.snapshot(eve).Profile.Methods) != 1 {
		t.Error("it counts before its first code")
	}
	_, err = f.confirm(otherDigits(f.mailed(confirmByMail)), "")
	refused(t, "a wrong code", err, enroll.ErrRefused)
	f.counted(1)
	a, err := f.confirm(f.mailed(confirmByMail), "Mailbox")
	f.must(err)
	if a.Method != org.Email || a.Name != "Mailbox" || a.Default || a.SentTo == "" {
		t.Errorf("active: %+v", a)
	}
	if p := f.snapshot(eve).Profile; !slices.Equal(p.Methods, []org.Method{org.TOTP, org.Email}) {
		t.Errorf("methods on the profile: %v", p.Methods)
	}
	if events := f.events(audit.AuthenticatorAdded); len(events) != 1 || !events[0].Notify || events[0].Details["method"] != "email" {
		t.Errorf("events: %+v", events)
	}
	_, err = f.confirm("12345678", "")
	refused(t, "once more", err, enroll.ErrPending)
}

func TestASecondAppIsAnAuthenticatorOfItsOwn(t *testing.T) {
	f, secret := offering(t)
	pending, err := f.add(f.Code(t, secret), org.TOTP)
	f.must(err)
	second := f.phone(login.Answer{Next: login.Next{Setup: pending.Setup}})
	_, err = f.confirm(f.Code(t, secret), "")
	refused(t, "a code of the first app", err, enroll.ErrRefused)
	a, err := f.confirm(f.Code(t, second), "Tablet")
	f.must(err)
	f.Clock.Advance(30 * time.Second)
	f.must(f.Enroll.Remove(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, second)), f.Factors(t, eve).Authenticators[0].ID))
	if all, err := f.Enroll.Authenticators(t.Context(), f.Application, subject(eve)); err != nil || len(all) != 1 || all[0].ID != a.ID || !all[0].Default {
		t.Errorf("left: %+v, %v", all, err)
	}
	f.Clock.Advance(30 * time.Second)
	_, err = f.add(f.Code(t, secret), org.TOTP)
	refused(t, "a proof by the removed app", err, enroll.ErrProofRefused)
}

// What is refused anyway costs no code.
func TestWhatCannotBeAdded(t *testing.T) {
	for name, c := range map[string]struct {
		given func(f *fixture, secret []byte)
		m     org.Method
		want  error
	}{
		"an unknown method":       {func(*fixture, []byte) {}, "passkey", enroll.ErrMethod},
		"what the policy denies":  {func(*fixture, []byte) {}, org.SMS, enroll.ErrMethod},
		"mail twice":              {func(f *fixture, s []byte) { f.byMail(s) }, org.Email, enroll.ErrHasMethod},
		"mail without an address": {func(f *fixture, _ []byte) { f.profile(func(p *user.Profile) { p.RecoveryEmail = nil }) }, org.Email, enroll.ErrNoRecovery},
		"more than there may be":  {crowd, org.TOTP, enroll.ErrTooMany},
		"to a user who is locked out": {func(f *fixture, _ []byte) {
			f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Hour) })
		}, org.Email, enroll.ErrProofRefused},
	} {
		f, secret := offering(t)
		c.given(f, secret)
		f.untouched(func() {
			_, err := f.add(f.Code(t, secret), c.m)
			refused(t, name, err, c.want)
		})
	}
}

func crowd(f *fixture, _ []byte) {
	f.factors(func(x *user.Factors) {
		for len(x.Authenticators) < user.MaxAuthenticators {
			x.Authenticators = append(x.Authenticators, user.Authenticator{ID: user.NewID(), Method: org.TOTP, Secret: x.Authenticators[0].Secret})
		}
	})
}

// One proof, one change, however many ask at once.
func TestOneProofServesOneChange(t *testing.T) {
	f, secret := offering(t)
	code := f.Code(t, secret)
	var wait sync.WaitGroup
	won := make(chan bool, 20)
	for range 20 {
		wait.Go(func() {
			_, err := f.add(code, org.Email)
			won <- err == nil
		})
	}
	wait.Wait()
	close(won)
	n := 0
	for ok := range won {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d changes were made with one proof", n)
	}
}

// A code that was ordered for one act, or that let somebody in, proves nothing else.
func TestACodeOfAnotherActIsNoProof(t *testing.T) {
	f, secret := offering(t)
	f.byMail(secret)
	of := subject(eve)
	_, err := f.Enroll.OrderProof(t.Context(), f.Application, of, user.SwitchOff, org.Email, "")
	f.must(err)
	code := f.mailed(user.By(user.SwitchOff, org.Email))
	byMail := enroll.Request{Of: of, Proof: enroll.Proof{Method: org.Email, Code: code}}
	_, err = f.Enroll.RenewCodes(t.Context(), f.Application, byMail)
	refused(t, "new codes with a code for the switch-off", err, enroll.ErrProofRefused)
	f.counted(1)
	_, err = f.Enroll.Disable(t.Context(), f.Application, byMail)
	f.must(err)
}

func TestTheLastAuthenticatorStays(t *testing.T) {
	f, secret := offering(t)
	id := f.Factors(t, eve).Authenticators[0].ID
	f.untouched(func() {
		err := f.Enroll.Remove(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), id)
		refused(t, "the last one", err, enroll.ErrLast)
		err = f.Enroll.Remove(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), "0000000000000000")
		refused(t, "one that there is not", err, access.ErrNotFound)
	})
}

func TestARemovedAuthenticatorTakesDevicesAndCodesWithIt(t *testing.T) {
	f, secret := offering(t)
	a := f.byMail(secret)
	f.must(f.store.Write(t.Context(), user.Change{Device: &user.Device{Organization: "acme.example", User: eve, ID: "device", Rev: 1}}))
	_, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.AddMethod, org.Email, "")
	f.must(err)
	f.must(f.Enroll.Remove(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), a.ID))
	devices, err := f.store.Devices(t.Context(), "acme.example", eve)
	f.must(err)
	if x := f.Factors(t, eve); len(devices) != 0 || len(x.Challenges) != 0 || len(x.Authenticators) != 1 {
		t.Errorf("left: %d devices, %+v", len(devices), x)
	}
	if p := f.snapshot(eve).Profile; !slices.Equal(p.Methods, []org.Method{org.TOTP}) {
		t.Errorf("methods on the profile: %v", p.Methods)
	}
	if events := f.events(audit.AuthenticatorRemoved); len(events) != 1 || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
}

func TestNamesAndTheDefaultNeedNoProof(t *testing.T) {
	f, secret := offering(t)
	a := f.byMail(secret)
	named, err := f.Enroll.Rename(t.Context(), f.Application, subject(eve), a.ID, "Work")
	f.must(err)
	first, err := f.Enroll.Prefer(t.Context(), f.Application, subject(eve), a.ID)
	f.must(err)
	if named.Name != "Work" || named.Default || !first.Default || first.Name != "Work" {
		t.Errorf("named %+v, preferred %+v", named, first)
	}
	if p := f.snapshot(eve).Profile; !slices.Equal(p.Methods, []org.Method{org.Email, org.TOTP}) {
		t.Errorf("methods on the profile: %v", p.Methods)
	}
	f.untouched(func() {
		_, err := f.Enroll.Rename(t.Context(), f.Application, subject(eve), a.ID, "Work")
		f.must(err)
		_, err = f.Enroll.Prefer(t.Context(), f.Application, subject(eve), a.ID)
		f.must(err)
		_, err = f.Enroll.Rename(t.Context(), f.Application, subject(eve), "0000000000000000", "x")
		refused(t, "one that there is not", err, access.ErrNotFound)
	})
	if n := len(f.events(audit.AuthenticatorChanged)); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}

// With the same key a repetition is answered as the first was, although the proof is used up.
func TestALostReplyOfAChange(t *testing.T) {
	f, secret := offering(t)
	in := proofOf(subject(eve), f.Code(t, secret))
	in.IdempotencyKey = "add"
	f.store.FailNext("Write", true, errors.New("reply lost"))
	_, err := f.Enroll.Add(t.Context(), f.Application, in, org.Email, "")
	unavailable(t, "the first try", err)
	f.untouched(func() {
		again, err := f.Enroll.Add(t.Context(), f.Application, in, org.Email, "")
		f.must(err)
		if again.Sent.To == "" || again.ExpiresAt.IsZero() {
			t.Errorf("again: %+v", again)
		}
	})
	confirmation := enroll.Confirmation{Of: subject(eve), Code: f.mailed(confirmByMail), Name: "Mail", IdempotencyKey: "confirm"}
	f.store.FailNext("Write", true, errors.New("reply lost"))
	_, err = f.Enroll.ConfirmAuthenticator(t.Context(), f.Application, confirmation)
	unavailable(t, "the first try", err)
	f.untouched(func() {
		a, err := f.Enroll.ConfirmAuthenticator(t.Context(), f.Application, confirmation)
		f.must(err)
		if a.Method != org.Email || a.Name != "Mail" {
			t.Errorf("again: %+v", a)
		}
	})
	if f.codes() != 1 {
		t.Error("a code was sent twice")
	}
}

// A changed password and a stricter rule end what is being changed.
func TestWhatIsBeingChangedDiesWithTheEpoch(t *testing.T) {
	f, secret := offering(t)
	_, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	code := f.mailed(confirmByMail)
	f.must(f.Enroll.PasswordChanged(t.Context(), f.Application, subject(eve)))
	_, err = f.confirm(code, "")
	refused(t, "after the password was changed", err, enroll.ErrPending)
}

func TestAnythingElseThatIsBegunDropsWhatWaits(t *testing.T) {
	f, secret := offering(t)
	_, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	f.Clock.Advance(30 * time.Second)
	_, err = f.Enroll.MoveRecovery(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), "new@home.example", "new@home.example")
	f.must(err)
	_, err = f.confirm(f.mailed(confirmByMail), "")
	refused(t, "the authenticator", err, enroll.ErrPending)
}

func TestAMethodThatIsWithdrawnBeforeItIsAdded(t *testing.T) {
	f, secret := offering(t)
	_, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	code := f.mailed(confirmByMail)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP} })
	f.untouched(func() {
		_, err := f.confirm(code, "")
		refused(t, "its first code", err, enroll.ErrMethod)
	})
}

func TestTheConfirmingCodeOnceMore(t *testing.T) {
	f, secret := offering(t)
	_, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	_, err = f.Enroll.ResendConfirmation(t.Context(), f.Application, subject(eve))
	f.must(err)
	if n := f.codes(); n != 1 {
		t.Errorf("%d codes went out within a minute", n)
	}
	first := f.mailed(confirmByMail)
	f.Clock.Advance(user.SendInterval)
	sent, err := f.Enroll.ResendConfirmation(t.Context(), f.Application, subject(eve))
	f.must(err)
	if f.codes() != 1 || sent.To == "" || f.mailed(confirmByMail) == first {
		t.Errorf("sent: %+v", sent)
	}
	_, err = f.confirm(first, "")
	refused(t, "the code before", err, enroll.ErrRefused)
	_, err = f.confirm(f.mailed(confirmByMail), "")
	f.must(err)
}

// A lock holds for the first code of what is being changed, and for sending it.
func TestAConfirmationIsLockedToo(t *testing.T) {
	f, secret := offering(t)
	_, err := f.add(f.Code(t, secret), org.Email)
	f.must(err)
	code := f.mailed(confirmByMail)
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	f.untouched(func() {
		_, err := f.confirm(code, "")
		refused(t, "the right code", err, enroll.ErrRefused)
		_, err = f.Enroll.ResendConfirmation(t.Context(), f.Application, subject(eve))
		unsent(t, "another code", err)
		_, err = f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.AddMethod, org.Email, "")
		unsent(t, "a code for a proof", err)
	})
}

// unsent demands what is told to whoever is locked and gave no code.
func unsent(t *testing.T, what string, err error) {
	t.Helper()
	refused(t, what, err, login.ErrRefused)
	if said := fault.As(err); said.Message != login.ErrNotSent.Message || said.Field != "" {
		t.Errorf("%s: told %v", what, err)
	}
}
