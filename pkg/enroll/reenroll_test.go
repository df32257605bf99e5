package enroll_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// recovered takes eve back in with a saved code and gives the answer.
func (f *fixture) recovered(index int) login.Answer {
	f.t.Helper()
	x := f.Factors(f.t, eve)
	code, err := factor.RecoveryCode(f.Keys, x.RecoveryCodes.KeyID, x.RecoverySet(), index)
	f.must(err)
	in := verify.Answer{Login: f.Login(f.t, eve), Way: string(login.SavedRecovery), Code: code, IdempotencyKey: "recovery"}
	a, err := f.Verify.Answer(f.t.Context(), f.Application, in)
	f.must(err)
	return a
}

func reenrolls(p *org.Policy) { p.Recovery.Reenroll = true }

// Whoever took a way back sets everything up anew, in the same login, and is let in by that.
func TestAWayBackIsFollowedByAnEnrolment(t *testing.T) {
	f, old := offering(t)
	f.policy(reenrolls)
	f.must(f.store.Write(t.Context(), user.Change{Device: &user.Device{Organization: "acme.example", User: eve, ID: "device", Rev: 1}}))
	a := f.recovered(0)
	if a.Assertion != "" || a.Decision.Status != decision.Enroll || a.Decision.Reason != decision.Recovered || a.Next.Do != login.DoEnroll {
		t.Fatalf("after the way back: %+v", a)
	}
	at, err := f.begin(a.Token)
	f.must(err)
	if at.Decision.Reason != decision.Recovered {
		t.Errorf("explained by %+v", at.Decision)
	}
	if at.Next.Do != login.DoChooseMethod {
		t.Errorf("the enrolment begins at %q: the way back was proof enough, and the recovery email stays", at.Next.Do)
	}
	confirm, err := f.take(a.Token, chosen)
	f.must(err)
	fresh := f.phone(confirm)
	_, err = f.take(a.Token, coded(f.Code(t, old)))
	refused(t, "a code of the app that was lost", err, enroll.ErrRefused)
	done, err := f.take(a.Token, coded(f.Code(t, fresh)))
	f.must(err)
	claims := f.claims(done)
	if claims.Recovery != string(login.SavedRecovery) || claims.Class != login.ClassRecovery || len(done.RecoveryCodes) != 10 {
		t.Errorf("claims: %+v", claims)
	}
	x, p := f.Factors(t, eve), f.snapshot(eve).Profile
	devices, err := f.store.Devices(t.Context(), "acme.example", eve)
	f.must(err)
	if len(x.Authenticators) != 1 || x.RecoveryCodes.Left() != 10 || len(devices) != 0 || !p.Recovery(f.Clock.Now()).Known() {
		t.Errorf("left: %+v, %d devices", x, len(devices))
	}
	if events := f.events(audit.UserReenrolled); len(events) != 1 || !events[0].Notify || events[0].Details["after"] != "recovery_code" {
		t.Errorf("events: %+v", events)
	}
	f.Clock.Advance(30 * time.Second)
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, eve), Way: "totp", Code: f.Code(t, old)})
	refused(t, "the lost app at the next login", err, verify.ErrRefused)
}

// Where the policy does not demand it the user is let in, and may do so all the same.
func TestAWayBackOffersAnEnrolment(t *testing.T) {
	f, _ := offering(t)
	a := f.recovered(0)
	if a.Assertion == "" || a.Decision.Status != decision.Complete || a.Next.Do != login.DoEnroll {
		t.Fatalf("after the way back: %+v", a)
	}
	_, err := f.take(a.Token, enroll.Answer{Method: "email"})
	f.must(err)
	_, err = f.take(a.Token, coded(f.mailed(confirmByMail)))
	f.must(err)
	if x := f.Factors(t, eve); !slices.Equal(x.Methods(), []org.Method{org.Email}) {
		t.Errorf("methods: %v", x.Methods())
	}
}

// Neither a login that took none, nor another one, nor one too late may replace anything.
func TestNobodyElseEnrolsAnew(t *testing.T) {
	f, secret := offering(t)
	f.policy(reenrolls)
	f.recovered(0)
	_, err := f.begin(f.Login(t, eve))
	refused(t, "another login", err, enroll.ErrEnrolled)
	token := f.Login(t, eve)
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: token, Way: "totp", Code: f.Code(t, secret)})
	f.must(err)
	_, err = f.begin(token)
	refused(t, "a login with the app", err, enroll.ErrEnrolled)
	late := f.recovered(1)
	f.Clock.Advance(login.EnrollingLife)
	_, err = f.begin(late.Token)
	refused(t, "half an hour later", err, login.ErrEnded)
	void := f.recovered(2)
	f.must(f.Enroll.PasswordChanged(t.Context(), f.Application, subject(eve)))
	_, err = f.begin(void.Token)
	refused(t, "after a changed password", err, login.ErrEnded)
	open := f.recovered(3)
	f.policy(func(p *org.Policy) { p.Status = org.Disabled })
	_, err = f.begin(open.Token)
	refused(t, "under a policy that asks for nothing", err, enroll.ErrNotOffered)
}

// A method that is not allowed any more buys an enrolment and no more, past the grace.
func TestAnOldMethodBuysAnEnrolment(t *testing.T) {
	f, secret := offering(t)
	f.policy(func(p *org.Policy) { p.Status, p.Methods = org.Forced, []org.Method{org.Email} })
	token := f.Login(t, eve)
	in := verify.Answer{Login: token, Way: "totp", Code: f.Code(t, secret), IdempotencyKey: "old"}
	for _, try := range []string{"first", "repeated"} {
		a, err := f.Verify.Answer(t.Context(), f.Application, in)
		f.must(err)
		if a.Assertion != "" || a.Decision.Status != decision.Enroll || a.Decision.Reason != decision.MethodNotAllowed || a.Next.Do != login.DoEnroll {
			t.Fatalf("%s: %+v", try, a)
		}
		token = a.Token
	}
	_, err := f.take(token, chosen)
	refused(t, "the old method again", err, enroll.ErrMethod)
	_, err = f.take(token, enroll.Answer{Method: "email"})
	f.must(err)
	done, err := f.take(token, coded(f.mailed(confirmByMail)))
	f.must(err)
	if claims := f.claims(done); claims.Class != login.ClassEmail || claims.Recovery != "" || !slices.Equal(claims.Methods, []string{"otp", "email"}) {
		t.Errorf("claims: %+v", claims)
	}
	if a := f.events(audit.UserReenrolled); len(a) != 1 || a[0].Details["after"] != "" {
		t.Errorf("events: %+v", a)
	}
}

// An enrolment by mail: the code goes to the recovery email, and completes it.
func TestAnEnrolmentByMail(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	f.codes()
	confirm, err := f.take(token, enroll.Answer{Method: "email"})
	f.must(err)
	if confirm.Next.Do != login.DoConfirm || confirm.Next.SentTo != "e•••@home.example" || confirm.Next.Setup != nil || f.codes() != 1 {
		t.Errorf("confirm: %+v", confirm.Next)
	}
	_, err = f.take(token, coded("123456"))
	refused(t, "a code of an app", err, enroll.ErrCode)
	_, err = f.take(token, coded(otherDigits(f.mailed(confirmByMail))))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	f.counted(1)
	in := enroll.Answer{Login: token, Code: f.mailed(confirmByMail), IdempotencyKey: "done"}
	done, err := f.Enroll.Answer(t.Context(), f.Application, in)
	f.must(err)
	again, err := f.Enroll.Answer(t.Context(), f.Application, in)
	f.must(err)
	if f.claims(done).ID != f.claims(again).ID || f.claims(done).Class != login.ClassEmail {
		t.Error("the repetition after a lost reply has other claims")
	}
}
