package enroll_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The steps of an enrolment, one after the other, and what each shows and stores.
func TestAnEnrolmentStepByStep(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	proof, err := f.begin(token)
	f.must(err)
	f.step(proof, token, login.DoProve, "u•••@acme.example")
	email, err := f.take(token, coded(f.mailed(user.ProveLogin)))
	f.must(err)
	f.step(email, token, login.DoRecoveryEmail, "")
	verification, err := f.take(token, twice(recovery))
	f.must(err)
	f.step(verification, token, login.DoVerifyRecovery, "e•••@home.example")
	choice, err := f.take(token, coded(f.mailed(user.VerifyRecovery)))
	f.must(err)
	f.step(choice, token, login.DoChooseMethod, "")
	if !slices.Equal(choice.Next.Methods, []org.Method{org.TOTP}) {
		t.Errorf("methods to choose from: %v", choice.Next.Methods)
	}
	confirm, err := f.take(token, chosen)
	f.must(err)
	f.step(confirm, token, login.DoConfirm, "")
	setup := confirm.Next.Setup
	if setup == nil || !strings.HasPrefix(setup.URI, "otpauth://totp/Acme:") || !strings.Contains(setup.URI, setup.Secret) ||
		!bytes.HasPrefix(setup.QR, []byte("\x89PNG")) {
		t.Errorf("set-up: %+v", setup)
	}
	if x := f.Factors(t, eve); len(x.Authenticators) != 0 || len(f.snapshot(eve).Profile.RecoveryEmail) != 0 {
		t.Error("something is active before the last step")
	}
	if n := f.codes(); n != 2 {
		t.Errorf("%d codes went out, want 2", n)
	}
	done, err := f.take(token, coded(f.Code(t, f.phone(confirm))))
	f.must(err)
	if done.Decision.Status != decision.Complete || done.Assertion == "" || done.Next.Do != login.DoNothing {
		t.Errorf("completed with %+v", done)
	}
}

// step demands what every step but the last answers.
func (f *fixture) step(got login.Answer, token string, do login.Do, sentTo string) {
	f.t.Helper()
	if got.Token != token || got.Decision.Status != decision.Enroll || got.Next.Do != do || got.Next.SentTo != sentTo {
		f.t.Errorf("got %+v, want the step %q sent to %q", got, do, sentTo)
	}
	if got.Assertion != "" || len(got.RecoveryCodes) != 0 || (got.Next.Setup != nil) != (do == login.DoConfirm) {
		f.t.Errorf("%s: something was proved or shown too early", do)
	}
	l, err := login.Parse(f.Keys, token)
	f.must(err)
	if e := f.Factors(f.t, eve).Enrollment; e == nil || e.Login != l.ID || !got.Next.ExpiresAt.Truncate(time.Second).Equal(e.ExpiresAt) {
		f.t.Errorf("%s: the enrolment under way is %+v", do, e)
	}
}

// answers is one of each kind; each step takes its own and refuses the rest.
var answers = map[string]enroll.Answer{
	"code": coded("12345678"), "short code": coded("123456"), "recovery email": twice(recovery), "method": chosen, "nothing": {},
}

func TestEveryOtherAnswerIsAtTheWrongStep(t *testing.T) {
	for do, own := range map[login.Do][]string{
		login.DoProve:          {"code", "short code"},
		login.DoRecoveryEmail:  {"recovery email"},
		login.DoVerifyRecovery: {"code", "short code", "recovery email"},
		login.DoChooseMethod:   {"method"},
		login.DoConfirm:        {"code", "short code", "method"},
	} {
		for kind, in := range answers {
			if slices.Contains(own, kind) {
				continue
			}
			t.Run(string(do)+" with "+kind, func(t *testing.T) {
				f := newFixture(t)
				token := f.Login(t, eve)
				f.at(token, do)
				f.untouched(func() {
					_, err := f.take(token, in)
					f.wrongStep(err, do)
				})
			})
		}
	}
}

// wrongStep demands the refusal that names the present step and shows no secret.
func (f *fixture) wrongStep(err error, do login.Do) {
	f.t.Helper()
	refused(f.t, "a wrong step", err, enroll.ErrStep)
	at, ok := fault.As(err).Attached.(login.Answer)
	if !ok || at.Next.Do != do {
		f.t.Errorf("the present step is told as %+v, want %q", fault.As(err).Attached, do)
	}
	if at.Next.Setup != nil || at.Assertion != "" || len(at.RecoveryCodes) > 0 {
		f.t.Error("a refusal shows a secret")
	}
}

// An answer before the beginning answers nothing: it is told to begin, and leaves nothing behind.
func TestAnAnswerBeforeTheBeginning(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.untouched(func() {
		for _, in := range []enroll.Answer{twice(recovery), chosen, coded("12345678"), {}} {
			_, err := f.take(token, in)
			f.wrongStep(err, login.DoEnroll)
		}
	})
}

// A policy that moves takes a method away before it is active: the enrolment goes on with the choice of another.
func TestAMethodThatIsWithdrawnBeforeItsFirstCode(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
	f.untouched(func() {
		_, err := f.take(token, coded(f.Code(t, secret)))
		f.wrongStep(err, login.DoChooseMethod)
	})
	now, err := f.take(token, enroll.Answer{Method: "email"})
	f.must(err)
	if now.Next.Do != login.DoConfirm || !slices.Equal(now.Next.Methods, []org.Method{org.Email}) {
		t.Errorf("goes on with %+v", now.Next)
	}
}

// Where the policy opens no saved codes nobody is given any.
func TestNoCodesThatOpenNothing(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.policy(func(p *org.Policy) { p.Recovery.SavedCodes, p.Recovery.MailCodes = false, true })
	token := f.Login(t, eve)
	done, err := f.take(token, coded(f.Code(t, f.phone(f.at(token, login.DoConfirm)))))
	f.must(err)
	if x := f.Factors(t, eve); len(done.RecoveryCodes) != 0 || done.CodesLeft != 0 || x.RecoveryCodes.Left() != 0 || x.RecoveryCodes.Generation != 1 || x.Deliver != "" {
		t.Errorf("given %d codes, %+v", len(done.RecoveryCodes), x.RecoveryCodes)
	}
}

// Guessing in a later login does not take the earlier one's enrolment away: only its beginning does.
func TestAWrongCodeBeforeTheBeginningTakesNothingOver(t *testing.T) {
	f := newFixture(t)
	earlier := f.Login(t, eve)
	secret := f.phone(f.at(earlier, login.DoConfirm))
	_, err := f.take(f.Login(t, eve), coded("12345678"))
	f.wrongStep(err, login.DoEnroll)
	_, err = f.take(earlier, coded(f.Code(t, secret)))
	f.must(err)
}

// Beginning again says where the enrolment stands, and neither sends nor changes anything.
func TestBeginningAgainSaysWhereItStands(t *testing.T) {
	for _, do := range []login.Do{
		login.DoProve, login.DoRecoveryEmail, login.DoVerifyRecovery, login.DoChooseMethod, login.DoConfirm,
	} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.at(token, do)
		f.codes()
		f.untouched(func() {
			again, err := f.begin(token)
			f.must(err)
			if again.Next.Do != do || (again.Next.Setup != nil) != (do == login.DoConfirm) {
				t.Errorf("at %q, told %+v", do, again.Next)
			}
		})
		if n := f.codes(); n != 0 {
			t.Errorf("at %q beginning again sent %d codes", do, n)
		}
	}
}

func TestWhatCannotBeACodeCostsNoTry(t *testing.T) {
	for do, malformed := range map[login.Do][]string{
		login.DoProve:          {"123456", "1234567x", "123456789"},
		login.DoVerifyRecovery: {"123456"},
		login.DoConfirm:        {"12345678", "12345", "12345x"},
	} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.at(token, do)
		f.untouched(func() {
			for _, code := range malformed {
				_, err := f.take(token, coded(code))
				refused(t, string(do)+" "+code, err, enroll.ErrCode)
			}
		})
	}
}

func TestAWrongCodeIsAllThatItChanges(t *testing.T) {
	for _, do := range []login.Do{login.DoProve, login.DoVerifyRecovery, login.DoConfirm} {
		f := newFixture(t)
		token := f.Login(t, eve)
		at := f.at(token, do)
		var wrong, right string
		switch do {
		case login.DoProve:
			right = f.mailed(user.ProveLogin)
		case login.DoVerifyRecovery:
			right = f.mailed(user.VerifyRecovery)
		case login.DoConfirm:
			right = f.Code(t, f.phone(at))
		}
		if wrong = otherDigits(right); do == login.DoConfirm {
			wrong = f.wrong(f.phone(at))
		}
		before := f.Factors(t, eve)
		_, err := f.take(token, coded(wrong))
		refused(t, string(do), err, enroll.ErrRefused)
		f.counted(1)
		after := f.Factors(t, eve)
		if after.Deliver != "" || do != login.DoConfirm && after.Challenges[0].Tries != 1 || !reflect.DeepEqual(after.Enrollment, before.Enrollment) {
			t.Errorf("%s: a wrong code left %+v", do, after)
		}
		_, err = f.take(token, coded(right))
		f.must(err)
	}
}
