package verify_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// ordered begins a login of eve's with a recovery code under way, and gives both.
func (f *fixture) ordered() (token, code string) {
	f.t.Helper()
	token = f.Login(f.t, eve)
	_, err := f.order(token)
	f.must(err)
	return token, f.mailed(eve)
}

func otherDigits(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestAMailedRecoveryCodeLetsInOnce(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token, code := f.ordered()
	got, err := f.answer(token, mail, code[:4]+" "+code[4:])
	f.must(err)
	f.recovered(got, mail, 10)
	_, err = f.answer(token, mail, code)
	refused(t, "the code again", err, verify.ErrRefused)
	f.counted(eve, 1)
}

// recovered demands what every recovery leaves: claims that say so, an event, a notice.
func (f *fixture) recovered(got login.Answer, way string, left int) {
	f.t.Helper()
	claims := f.claims(got)
	if claims.Class != login.ClassRecovery || claims.Recovery != way || !slices.Contains(claims.Methods, "recovery") {
		f.t.Errorf("claims: %+v", claims)
	}
	if got.CodesLeft != left {
		f.t.Errorf("%d saved codes left, want %d", got.CodesLeft, left)
	}
	events := f.events(audit.RecoveryUsed)
	if len(events) != 1 {
		f.t.Fatalf("%d events of a recovery, want 1", len(events))
	}
	e := events[0]
	want := map[string]string{mail: "10", saved: "9"}[way]
	if e.User != eve || e.Actor != "crm" || !e.Notify || e.Details["way"] != way || e.Details["codes_left"] != want ||
		e.Claimed != f.Application.Claimed || e.Seen != f.Application.Seen {
		f.t.Errorf("event: %+v", e)
	}
}

func TestASavedRecoveryCodeLetsInOnce(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	code := f.saved(eve, 3)
	got, err := f.answer(f.Login(t, eve), saved, factor.ShowRecovery(code))
	f.must(err)
	f.recovered(got, saved, 9)
	_, err = f.answer(f.Login(t, eve), saved, code)
	refused(t, "the code again", err, verify.ErrRefused)
	f.counted(eve, 1)
	got, err = f.answer(f.Login(t, eve), saved, f.saved(eve, 4))
	f.must(err)
	if got.CodesLeft != 8 {
		t.Errorf("%d saved codes left, want 8", got.CodesLeft)
	}
}

// Reports and dry runs must know who has no saved code left: the write that uses the last one says so.
func TestTheLastSavedCodeStandsOnTheProfile(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.factors(eve, func(x *user.Factors) {
		for i := range factor.RecoveryCodes - 2 {
			x.RecoveryCodes = x.RecoveryCodes.Spend(i)
		}
	})
	_, err := f.answer(f.Login(t, eve), saved, f.saved(eve, 8))
	f.must(err)
	if f.snapshot(eve).Profile.CodesSpent {
		t.Error("one code is left, and the profile says none")
	}
	_, err = f.answer(f.Login(t, eve), saved, f.saved(eve, 9))
	f.must(err)
	if !f.snapshot(eve).Profile.CodesSpent {
		t.Error("no code is left, and the profile does not say so")
	}
	before := f.snapshot(eve).Profile.Rev
	token, code := f.ordered()
	_, err = f.answer(token, mail, code)
	f.must(err)
	if got := f.snapshot(eve).Profile; got.Rev != before || !got.CodesSpent {
		t.Errorf("a mailed recovery has written the profile again: %+v", got)
	}
}

func TestAWrongRecoveryCodeIsCounted(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token, code := f.ordered()
	_, err := f.answer(token, mail, otherDigits(code))
	refused(t, "a wrong mailed code", err, verify.ErrRefused)
	f.counted(eve, 1)
	if tries := f.Factors(t, eve).Challenges[0].Tries; tries != 1 {
		t.Errorf("%d tries of the code, want 1", tries)
	}
	_, err = f.answer(token, saved, "22223333444455AA")
	refused(t, "a wrong saved code", err, verify.ErrRefused)
	f.counted(eve, 2)
	if tries := f.Factors(t, eve).Challenges[0].Tries; tries != 1 {
		t.Errorf("a saved code's failure is counted against the mailed one: %d tries", tries)
	}
	if n := len(f.events(audit.RecoveryUsed)); n != 0 {
		t.Errorf("%d events of a recovery", n)
	}
	_, err = f.answer(token, mail, code)
	f.must(err)
}

// Each case voids a mailed code in its own way. The answer is that of a wrong one, and counts.
func TestAMailedRecoveryCodeIsVoid(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(f *fixture, token string) string
	}{
		{"when it has expired", func(f *fixture, token string) string {
			f.Clock.Advance(9 * time.Minute)
			late := f.Login(f.t, eve)
			f.factors(eve, func(x *user.Factors) { // as if this login had ordered it
				l, err := login.Parse(f.Keys, late)
				f.must(err)
				x.Challenges[0].Login = l.ID
			})
			f.Clock.Advance(time.Minute)
			return late
		}},
		{"for another login", func(f *fixture, _ string) string { return f.Login(f.t, eve) }},
		{"when the address has changed", func(f *fixture, token string) string {
			f.profile(eve, func(p *user.Profile) {
				digest, err := factor.AddressDigest(f.Keys, storetest.CurrentKey, "new@home.example")
				f.must(err)
				p.RecoveryDigest = digest
			})
			return token
		}},
		{"after five tries", func(f *fixture, token string) string {
			f.factors(eve, func(x *user.Factors) { x.Challenges[0].Tries = user.TriesPerCode })
			return token
		}},
		{"for another purpose", func(f *fixture, token string) string {
			f.factors(eve, func(x *user.Factors) { x.Challenges[0].Purpose = user.VerifyRecovery })
			return token
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.Enrolled(t, eve)
			token, code := f.ordered()
			token = c.given(f, token)
			_, err := f.answer(token, mail, code)
			refused(t, "the code", err, verify.ErrRefused)
			f.counted(eve, 1)
		})
	}
}

// The code of a purpose answers no other, although the challenge is live and the login the same.
func TestACodeOfAnotherPurposeIsNoRecovery(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token, _ := f.ordered()
	x := f.Factors(t, eve)
	other := x.Challenges[0]
	other.Purpose = user.VerifyRecovery
	code, err := factor.MailedCode(f.Keys, other.KeyID, x.Mailed(other))
	f.must(err)
	_, err = f.answer(token, mail, code)
	refused(t, "a code of another purpose", err, verify.ErrRefused)
}

// Five wrong answers void the code, not only for the time that they lock the user out.
func TestFiveTriesVoidACode(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token, code := f.ordered()
	for range user.TriesPerCode {
		_, err := f.answer(token, mail, otherDigits(code))
		refused(t, "a wrong code", err, verify.ErrRefused)
	}
	f.Clock.Advance(time.Minute)
	_, err := f.answer(token, mail, code)
	refused(t, "the right code", err, verify.ErrRefused)
	f.counted(eve, user.TriesPerCode+1)
}

func TestARecoveryThatThePolicyClosesIsNotEvaluated(t *testing.T) {
	for way, closed := range map[string]func(p *org.Policy){
		mail:  func(p *org.Policy) { p.Recovery.MailedCode = false },
		saved: func(p *org.Policy) { p.Recovery.SavedCodes = false },
	} {
		f := newFixture(t)
		f.Enrolled(t, eve)
		token, code := f.ordered()
		if way == saved {
			code = f.saved(eve, 0)
		}
		f.policy(closed)
		f.untouched(eve, func() {
			_, err := f.answer(token, way, code)
			refused(t, way, err, verify.ErrWayClosed)
		})
	}
}

func TestACodeOfAnOldGenerationIsDead(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	old := f.saved(eve, 0)
	f.factors(eve, func(x *user.Factors) { x.RecoveryCodes = x.RecoveryCodes.Renew(storetest.CurrentKey) })
	_, err := f.answer(f.Login(t, eve), saved, old)
	refused(t, "a code of the generation before", err, verify.ErrRefused)
	_, err = f.answer(f.Login(t, eve), saved, f.saved(eve, 0))
	f.must(err)
}
