package verify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func (f *fixture) keyed(token, way, code, key string) (login.Answer, error) {
	return f.Verify.Answer(f.t.Context(), f.Application, verify.Answer{Login: token, Way: way, Code: code, IdempotencyKey: key})
}

// unavailable demands the answer to a failure of something that we depend on.
func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want that a part cannot be reached", what, err)
	}
}

func TestARetryGetsTheSameClaims(t *testing.T) {
	for _, way := range []string{totp, mail, saved} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		token, mailed := f.ordered()
		code := map[string]string{totp: f.Code(t, secret), mail: mailed, saved: f.saved(eve, 0)}[way]
		first, err := f.keyed(token, way, code, "k")
		f.must(err)
		f.Clock.Advance(2 * time.Minute)
		f.untouched(eve, func() {
			again, err := f.keyed(token, way, code, "k")
			f.must(err)
			if again.Assertion != first.Assertion || again.CodesLeft != first.CodesLeft || f.claims(again).ID == "" {
				t.Errorf("%s: first %+v, again %+v", way, first, again)
			}
		})
	}
}

// Whatever of a request is another makes it another request, and the code is used up.
func TestOnlyTheSameRequestIsARetry(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	_, err := f.keyed(token, totp, code, "k")
	f.must(err)
	_, err = f.keyed(f.Login(t, eve), totp, code, "k")
	refused(t, "another login", err, verify.ErrRefused)
	_, err = f.keyed(token, totp, code, "another")
	refused(t, "another key", err, verify.ErrRefused)
	_, err = f.keyed(token, totp, code, "")
	refused(t, "no key", err, verify.ErrRefused)
	_, err = f.keyed(token, totp, f.wrong(secret), "k")
	refused(t, "another code", err, verify.ErrRefused)
	f.counted(eve, 4)
}

func TestARetryThroughAnotherApplicationIsRefused(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	_, err := f.keyed(token, totp, code, "k")
	f.must(err)
	key, text := access.NewKey(access.Application, f.Clock.Now())
	key.Holder, key.Organizations = "shop", []string{storetest.Organization}
	f.must(f.store.WriteOrganization(t.Context(), storetest.Organization, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	_, err = f.Verify.Answer(t.Context(), access.Caller{Credential: credential}, verify.Answer{
		Login: token, Way: totp, Code: code, IdempotencyKey: "k",
	})
	refused(t, "another application", err, login.ErrInvalid)
}

func TestWithoutAKeyNothingIsRepeated(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	_, err := f.answer(token, totp, code)
	f.must(err)
	_, err = f.answer(token, totp, code)
	refused(t, "the same without a key", err, verify.ErrRefused)
}

func TestTheLastTwoSuccessesAreRemembered(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	for i := range 3 {
		_, err := f.keyed(token, saved, f.saved(eve, i), "k")
		f.must(err)
	}
	for i, remembered := range []bool{false, true, true} {
		_, err := f.keyed(token, saved, f.saved(eve, i), "k")
		if remembered && err != nil {
			t.Errorf("retry of success %d: %v", i, err)
		} else if !remembered {
			refused(t, "retry of the third to last", err, verify.ErrRefused)
		}
	}
}

// A retry asks for what was proven, so a lock or another policy since does not burn it; a reset does.
func TestARetryOutlivesALockButNoReset(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	first, err := f.keyed(token, totp, code, "k")
	f.must(err)
	locked(f)
	f.policy(func(p *org.Policy) { p.GraceDays = 1 })
	again, err := f.keyed(token, totp, code, "k")
	f.must(err)
	if again.Assertion != first.Assertion {
		t.Error("the claims are others")
	}
	_, err = f.Enroll.Reset(t.Context(), f.Administrator, subject(eve), "lost phone", false)
	f.must(err)
	_, err = f.keyed(token, totp, code, "k")
	refused(t, "a retry after a reset", err, login.ErrEnded)
}

// failing is a signer that fails as often as it is told.
type failing struct {
	storetest.Keys
	times int
}

func (s *failing) Sign(ctx context.Context, a login.Assertion) (string, error) {
	if s.times--; s.times >= 0 {
		return "", errors.New("KMS is down")
	}
	return s.Keys.Sign(ctx, a)
}

func TestAFailureToSignLosesNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.Verify.Signer = &failing{times: 2}
	token, code := f.Login(t, eve), f.Code(t, secret)
	for range 2 {
		got, err := f.keyed(token, totp, code, "k")
		unavailable(t, "signing", err)
		if got.Assertion != "" {
			t.Error("an assertion came with the failure")
		}
	}
	f.counted(eve, 0)
	got, err := f.keyed(token, totp, code, "k")
	f.must(err)
	if at := f.claims(got).AuthTime; !at.Equal(f.Clock.Now().Truncate(time.Second)) {
		t.Errorf("proven at %v", at)
	}
}

func TestAnAnswerThatCannotBeStoredIsNotJudged(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	f.untouched(eve, func() {
		for _, submitted := range []string{code, f.wrong(secret)} {
			f.store.FailNext("Write", false, errors.New("throttled"))
			_, err := f.keyed(token, totp, submitted, "k")
			unavailable(t, "a write that failed", err)
			f.store.FailNext("Read", false, errors.New("throttled"))
			_, err = f.keyed(token, totp, submitted, "k")
			unavailable(t, "a read that failed", err)
		}
	})
	_, err := f.keyed(token, totp, code, "k")
	f.must(err)
}

// Failed but persisted: the caller heard nothing, the state knows everything.
func TestAnAnswerWhoseAcknowledgementIsLost(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	f.store.FailNext("Write", true, errors.New("reset by peer"))
	_, err := f.keyed(token, totp, f.wrong(secret), "w")
	unavailable(t, "a wrong code", err)
	f.counted(eve, 1)
	f.store.FailNext("Write", true, errors.New("reset by peer"))
	_, err = f.keyed(token, totp, code, "k")
	unavailable(t, "a right code", err)
	f.untouched(eve, func() {
		got, err := f.keyed(token, totp, code, "k")
		f.must(err)
		if f.claims(got).Subject != eve {
			t.Error("the retry proved nothing")
		}
	})
	_, err = f.keyed(token, totp, code, "another")
	refused(t, "the used code under another key", err, verify.ErrRefused)
}

// Who loses the race three times hears of the conflict, whether the code was right or wrong, and may try again.
func TestThreeLostRacesTellNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	var texts []string
	f.untouched(eve, func() {
		for _, submitted := range []string{code, f.wrong(secret)} {
			for range 3 {
				f.store.FailNext("Write", false, user.ErrConflict)
			}
			got, err := f.keyed(token, totp, submitted, "k")
			refused(t, "three lost races", err, user.ErrConflict)
			if got.Assertion != "" || got.Token != "" {
				t.Error("an answer came with the conflict")
			}
			texts = append(texts, err.Error())
		}
	})
	if texts[0] != texts[1] {
		t.Errorf("right and wrong differ: %q, %q", texts[0], texts[1])
	}
	f.store.FailNext("Write", false, user.ErrConflict)
	f.store.FailNext("Write", false, user.ErrConflict)
	_, err := f.keyed(token, totp, code, "k")
	f.must(err)
}
