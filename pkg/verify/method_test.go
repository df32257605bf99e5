package verify_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const email = string(org.Email)

var byMail = user.By(user.SignIn, org.Email)

// mailbox is a world in which eve has codes by mail, and those only.
func mailbox(t *testing.T) *fixture {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	f.factors(eve, func(x *user.Factors) {
		x.Authenticators = []user.Authenticator{{ID: "a1b2c3d4e5f60718", Method: org.Email, CreatedAt: f.Clock.Now()}}
	})
	return f
}

func (f *fixture) orderBy(token, way string) (login.Answer, error) {
	return f.Verify.Order(f.t.Context(), f.Application, token, way, "")
}

// code is the one under way of a purpose.
func (f *fixture) code(p user.Purpose) string {
	f.t.Helper()
	x := f.Factors(f.t, eve)
	for _, c := range x.Challenges {
		if c.Purpose == p {
			code, err := factor.MailedCode(f.Keys, c.KeyID, x.Mailed(c))
			f.must(err)
			return code
		}
	}
	f.t.Fatalf("no code of purpose %q is under way", p)
	return ""
}

func TestACodeByMailLetsInOnce(t *testing.T) {
	f := mailbox(t)
	token := f.Login(t, eve)
	_, err := f.answer(token, email, "12345678")
	refused(t, "before any was ordered", err, verify.ErrRefused)
	f.Clock.Advance(time.Minute)
	ordered, err := f.orderBy(token, email)
	f.must(err)
	if ordered.Next.SentTo != "recovery email" || ordered.Next.ExpiresAt.IsZero() || f.codes() != 1 {
		t.Errorf("ordered: %+v", ordered.Next)
	}
	code := f.code(byMail)
	got, err := f.answer(token, email, code[:4]+"-"+code[4:])
	f.must(err)
	if c := f.claims(got); c.Class != login.ClassEmail || !slices.Equal(c.Methods, []string{"otp", "email"}) || c.Recovery != "" {
		t.Errorf("claims: %+v", c)
	}
	if a := f.Factors(t, eve).Authenticators[0]; a.LastUsed().IsZero() {
		t.Error("its use is not noted")
	}
	_, err = f.answer(token, email, code)
	refused(t, "the code again", err, verify.ErrRefused)
}

func TestOneCodeByMailOneSuccess(t *testing.T) {
	f := mailbox(t)
	token := f.Login(t, eve)
	_, err := f.orderBy(token, email)
	f.must(err)
	code := f.code(byMail)
	var wait sync.WaitGroup
	results := make(chan error, 30)
	for range 30 {
		wait.Go(func() { _, err := f.answer(token, email, code); results <- err })
	}
	wait.Wait()
	close(results)
	n := 0
	for err := range results {
		if err == nil {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d successes with one code", n)
	}
}

// A code by mail is good for the login that ordered it, for its own method, for ten minutes and five tries, and for the address
// that holds.
func TestWhenACodeByMailIsVoid(t *testing.T) {
	for name, ruin := range map[string]func(f *fixture, token *string, way *string, code *string){
		"another login": func(f *fixture, token, _, _ *string) { *token = f.Login(t, eve) },
		"as a recovery": func(_ *fixture, _, way, _ *string) { *way = bypass },
		"ten minutes":   func(f *fixture, token, _, _ *string) { f.Clock.Advance(user.CodeLife - time.Millisecond) },
		"another address": func(f *fixture, _, _, _ *string) {
			f.profile(eve, func(p *user.Profile) { p.RecoveryDigest = []byte("another") })
		},
		"one that holds":   func(f *fixture, _, _, _ *string) { f.profile(eve, takenOver(f.Clock.Now())) },
		"five wrong tries": func(f *fixture, token, _, code *string) { f.wrongTries(*token, *code) },
		"another code":     func(f *fixture, _, _, code *string) { *code = otherDigits(*code) },
	} {
		f := mailbox(t)
		token, way := f.Login(t, eve), email
		_, err := f.orderBy(token, email)
		f.must(err)
		code := f.code(byMail)
		ruin(f, &token, &way, &code)
		if name == "ten minutes" {
			f.Clock.Advance(time.Millisecond)
			token = f.Login(t, eve)
		}
		_, err = f.answer(token, way, code)
		refused(t, name, err, verify.ErrRefused)
	}
}

func takenOver(now time.Time) func(p *user.Profile) {
	return func(p *user.Profile) {
		p.NextRecovery = user.NextContact{Contact: user.Contact{Sealed: []byte("x"), Digest: []byte("another")}, From: now}
	}
}

func (f *fixture) wrongTries(token, code string) {
	for range user.TriesPerCode {
		f.answer(token, email, otherDigits(code))
		f.Clock.Advance(time.Minute)
	}
}

// The mailbox that is the only factor is no way back from itself; with another factor it is.
func TestAMailboxIsNoWayBackFromItself(t *testing.T) {
	f := mailbox(t)
	a, err := f.begin(verify.Begin{User: eve, Email: "user@acme.example", Nonce: "nonce-123"})
	f.must(err)
	if slices.Contains(a.Next.WaysBack, login.MailedRecovery) || !slices.Contains(a.Next.WaysBack, login.SavedRecovery) {
		t.Errorf("ways back: %v", a.Next.WaysBack)
	}
	_, err = f.order(a.Token)
	refused(t, "the order", err, verify.ErrWayClosed)
	f.factors(eve, func(x *user.Factors) {
		x.Authenticators = append(x.Authenticators, user.Authenticator{ID: user.NewID(), Method: org.TOTP})
	})
	_, err = f.order(f.Login(t, eve))
	f.must(err)
}

func TestSwitchingTheMethodWithinALogin(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	f.factors(eve, func(x *user.Factors) {
		x.Authenticators = append(x.Authenticators, user.Authenticator{ID: user.NewID(), Method: org.Email})
	})
	token := f.Login(t, eve)
	_, err := f.orderBy(token, email)
	f.must(err)
	_, err = f.answer(token, totp, f.wrong(secret))
	refused(t, "a wrong code of the app", err, verify.ErrRefused)
	f.Clock.Advance(time.Minute)
	_, err = f.answer(token, email, f.code(byMail))
	f.must(err)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP} })
	_, err = f.orderBy(token, email)
	refused(t, "a method that was removed meanwhile", err, verify.ErrChanged)
	_, err = f.Verify.Order(t.Context(), f.Application, f.Login(t, eve), email, "")
	refused(t, "in a later login too", err, verify.ErrChanged)
}

func TestAnOrderNamesAnAuthenticatorOfTheMethod(t *testing.T) {
	f := mailbox(t)
	for _, id := range []string{"0000000000000000", "x"} {
		_, err := f.Verify.Order(t.Context(), f.Application, f.Login(t, eve), email, id)
		refused(t, id, err, verify.ErrAuthenticator)
	}
	_, err := f.Verify.Order(t.Context(), f.Application, f.Login(t, eve), email, "a1b2c3d4e5f60718")
	f.must(err)
}

// An administrator's code lets in once, whoever's login it is, and counts as a recovery.
func TestABypassCodeLetsInOnce(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	_, err := f.answer(f.Login(t, eve), bypass, "12345678")
	refused(t, "where none was made", err, verify.ErrRefused)
	f.Clock.Advance(time.Minute)
	made, err := f.Enroll.MakeBypass(t.Context(), f.Administrator, subjectOf(eve), "phone at home", time.Hour)
	f.must(err)
	_, err = f.answer(f.Login(t, eve), bypass, otherDigits(made.Code))
	refused(t, "a wrong one", err, verify.ErrRefused)
	if c, _ := f.Factors(t, eve).Open(user.Bypass, "", f.Clock.Now()); c.Tries != 1 {
		t.Errorf("%d tries are counted against the code", c.Tries)
	}
	f.Clock.Advance(time.Minute)
	got, err := f.answer(f.Login(t, eve), bypass, made.Code)
	f.must(err)
	if c := f.claims(got); c.Class != login.ClassRecovery || c.Recovery != bypass {
		t.Errorf("claims: %+v", c)
	}
	if e := f.events(audit.RecoveryUsed); len(e) != 1 || e[0].Details["way"] != bypass {
		t.Errorf("events: %+v", e)
	}
	_, err = f.answer(f.Login(t, eve), bypass, made.Code)
	refused(t, "once more", err, verify.ErrRefused)
	f.Clock.Advance(time.Minute)
	late, err := f.Enroll.MakeBypass(t.Context(), f.Administrator, subjectOf(eve), "again", time.Hour)
	f.must(err)
	f.Clock.Advance(time.Hour)
	_, err = f.answer(f.Login(t, eve), bypass, late.Code)
	refused(t, "after its time", err, verify.ErrRefused)
}
