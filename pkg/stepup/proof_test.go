package stepup_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

var secret = factor.NewTOTPSecret()

// enrolled makes ann, and root, a user who has an authenticator.
func (f *fixture) enrolled(id string) {
	f.t.Helper()
	factors := user.Factors{Organization: "acme", User: id, Rev: 1}
	sealed, err := storetest.Keys{}.Seal(secret, factors.SecretUse("a"))
	f.must(err)
	factors.Authenticators = []user.Authenticator{{ID: "a", Method: org.TOTP, Secret: sealed}}
	f.user, f.factors[id], f.profiles[id] = id, factors, &user.Profile{Organization: "acme", User: id, Rev: 1}
}

// shown is what the authenticator shows at a time after now.
func (f *fixture) shown(after time.Duration) stepup.Word {
	f.t.Helper()
	code, err := factor.TOTPCode(secret, factor.TOTPStep(f.now.Add(after)))
	f.must(err)
	return stepup.Word{By: stepup.ByTOTP, Code: code}
}

// unshown is what it shows at no time around now.
func (f *fixture) unshown() stepup.Word {
	w := f.shown(0)
	for w == f.shown(0) || w == f.shown(factor.TOTPPeriod) || w == f.shown(-factor.TOTPPeriod) {
		w.Code = other(w.Code)
	}
	return w
}

// applies confirms and writes what a workflow would.
func (f *fixture) applies(c stepup.Change, w stepup.Word) error {
	v, err := f.word(c, w)
	if err != nil {
		return err
	}
	return f.WriteDocket(f.t.Context(), v.Docket.Apply(c.ID, 2, f.now))
}

func (f *fixture) refuses(what string, c stepup.Change, w stepup.Word, want error) {
	f.t.Helper()
	if _, err := f.word(c, w); !errors.Is(err, want) {
		f.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestAnAuthenticatorsCodeConfirmsOneThingOnce(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	first, _ := f.propose(of("a", ""))
	second, _ := f.propose(of("b", ""))
	w := f.shown(0)
	f.must(f.applies(first, w))
	tried := f.factors["eve"].Tried
	if want := (user.Try{Right: true, Way: "totp", For: user.StepUp, At: f.now}); tried != want {
		t.Errorf("recorded as %+v", tried)
	}
	if n := f.factors["eve"].Authenticators[0].LastStep; n != factor.TOTPStep(f.now) {
		t.Errorf("the step used last is %d", n)
	}
	f.refuses("the same code for another change", second, w, stepup.ErrRefused)
	f.refuses("the one before it", second, f.shown(-factor.TOTPPeriod), stepup.ErrRefused)
	f.must(f.applies(second, f.shown(factor.TOTPPeriod)))
	if got := f.factors["eve"].Throttle; got.Consecutive != 0 || len(got.Failures) != 2 {
		t.Errorf("a right code leaves %+v", got)
	}
}

// The reply may have been lost: the code that was used up for a change is told from every other, and changes nothing any more.
func TestTheSameCodeAgainIsTheSameAnswer(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	c, mailed := f.propose(of("a", ""))
	w := f.shown(0)
	f.must(f.applies(c, w))
	f.user = "adam" // the change may have been of that very thing
	rev := f.factors["eve"].Rev
	v, err := f.word(c, w)
	f.must(err)
	if v.Docket.Proof != nil || f.factors["eve"].Rev != rev {
		t.Error("the repetition uses something up")
	}
	f.must(f.confirm(c, mailed))
	f.refuses("a code that was not used for it", c, f.shown(factor.TOTPPeriod), stepup.ErrRefused)
	f.refuses("a guess", c, f.unshown(), stepup.ErrRefused)
	if n := len(f.factors["eve"].Throttle.Failures); n != 2 || f.enter().Docket.Throttle.Consecutive != 2 {
		t.Errorf("%d were counted", n)
	}
}

func TestAChangeThatTheMailConfirmedHasNoStep(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	c, mailed := f.propose(of("a", ""))
	f.must(f.applies(c, stepup.Word{Code: mailed}))
	f.refuses("a right code for what is confirmed", c, f.shown(0), stepup.ErrRefused)
	step0, err := factor.TOTPCode(secret, 0)
	f.must(err)
	f.refuses("the code of no step", c, stepup.Word{By: stepup.ByTOTP, Code: step0}, stepup.ErrRefused)
}

func TestAWrongCodeIsCountedTwice(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	c, mailed := f.propose(of("a", ""))
	for range user.TriesPerCode {
		f.refuses("a guess", c, f.unshown(), stepup.ErrRefused)
	}
	d := f.enter().Docket
	if d.Changes[0].Tries != user.TriesPerCode || d.Throttle.Consecutive != user.TriesPerCode || f.factors["eve"].Throttle.Consecutive != user.TriesPerCode {
		t.Errorf("counted: %+v, %+v", d, f.factors["eve"].Throttle)
	}
	if tried := f.factors["eve"].Tried; tried.Right || tried.Void || tried.Way != "totp" || tried.For != user.StepUp {
		t.Errorf("recorded as %+v", tried)
	}
	f.refuses("the right one while locked", c, f.shown(0), stepup.ErrRefused)
	f.now = f.now.Add(time.Minute)
	f.refuses("the right one after its tries", c, f.shown(0), stepup.ErrEnded)
	f.refuses("the mailed one after its tries", c, stepup.Word{Code: mailed}, stepup.ErrEnded)
}

// Tries at login and here are one budget, and a lock looks like a wrong code.
func TestAUserWhoIsLockedOrSuspendedConfirmsNothing(t *testing.T) {
	for what, state := range map[string]throttle.State{
		"locked":    {Consecutive: throttle.FreeTries, LockedUntil: noon.Add(time.Second)},
		"suspended": {Consecutive: throttle.SuspendAfter},
	} {
		f := newFixture(t)
		f.enrolled("eve")
		c, _ := f.propose(of("a", ""))
		factors := f.factors["eve"]
		factors.Throttle = state
		f.factors["eve"] = factors
		f.refuses(what, c, f.shown(0), stepup.ErrRefused)
		f.refuses(what+", wrong", c, f.unshown(), stepup.ErrRefused)
		if f.factors["eve"].Throttle.Consecutive != state.Consecutive || f.enter().Docket.Throttle.Consecutive != 0 {
			t.Errorf("%s: a try that was not evaluated was counted", what)
		}
	}
}

func TestTheGuessThatSuspendsIsTold(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	c, _ := f.propose(of("a", ""))
	factors := f.factors["eve"]
	factors.Throttle.Consecutive = throttle.SuspendAfter - 1
	f.factors["eve"] = factors
	f.refuses("a guess", c, f.unshown(), stepup.ErrRefused)
	if len(f.events) != 1 || f.events[0].Kind != audit.UserSuspended || f.events[0].User != "eve" || f.events[0].Actor != "ann" || !f.events[0].Notify {
		t.Errorf("events: %+v", f.events)
	}
	if f.profiles["eve"].SuspendedAt.IsZero() {
		t.Error("the profile does not know")
	}
}

// Nobody confirms with an authenticator that is not there, and nobody in another's place with any.
func TestWhereThereIsNoAuthenticator(t *testing.T) {
	root := &access.Key{ID: "own", Role: access.SystemAdministrator, Holder: "root", Everywhere: true}
	for what, c := range map[string]func(*fixture){
		"no user":                func(f *fixture) { f.user = "" },
		"a user who is gone":     func(f *fixture) { delete(f.profiles, "eve") },
		"a user without":         func(f *fixture) { f.factors["eve"] = user.Factors{Organization: "acme", User: "eve", Rev: 1} },
		"a system administrator": func(f *fixture) { f.ann = root },
		"an impersonator":        func(f *fixture) { f.ann = impersonating("s1") },
		"another method": func(f *fixture) {
			factors := f.factors["eve"]
			factors.Authenticators[0].Method = org.Email
		},
	} {
		f := newFixture(t)
		f.enrolled("eve")
		c(f)
		change, mailed := f.propose(of("a", ""))
		f.refuses(what, change, f.shown(0), stepup.ErrUnavailable)
		if f.enter().Docket.Throttle.Consecutive != 0 {
			t.Errorf("%s: counted", what)
		}
		f.must(f.confirm(change, mailed))
	}
}

func TestWhoHasNoSecondFactorAsAUser(t *testing.T) {
	f := newFixture(t)
	unenrolled := func(v stepup.Visit) bool {
		t.Helper()
		is, err := v.Unenrolled(t.Context())
		f.must(err)
		return is
	}
	if unenrolled(f.enter()) {
		t.Error("an administrator who is no user")
	}
	f.enrolled("eve")
	c, _ := f.propose(of("a", ""))
	if unenrolled(f.enter()) {
		t.Error("a user who has one")
	}
	v, err := f.word(c, f.shown(0))
	f.must(err)
	f.factors["eve"], f.reads = user.Factors{Organization: "acme", User: "eve", Rev: 1}, 0
	if unenrolled(v) || f.reads != 0 {
		t.Error("who has just shown it is asked again")
	}
	if !unenrolled(f.enter()) {
		t.Error("a user who lost it")
	}
	delete(f.profiles, "eve")
	if !unenrolled(f.enter()) {
		t.Error("a user who is gone")
	}
	f.ann, f.reads = impersonating("s1"), 0
	if unenrolled(f.enter()) || f.reads != 0 {
		t.Error("an impersonator is asked")
	}
}

func TestAnAuthenticatorThatCannotBeReadIsAnOutage(t *testing.T) {
	f := newFixture(t)
	f.enrolled("eve")
	c, _ := f.propose(of("a", ""))
	v := f.enter()
	down := func(what string, err error) {
		t.Helper()
		if fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
	f.fails = errors.New("down")
	_, err := v.Confirm(t.Context(), access.Caller{}, c, f.shown(0), f.now)
	down("reading", err)
	_, err = v.Unenrolled(t.Context())
	down("asking", err)
	f.fails = nil
	factors := f.factors["eve"]
	factors.Authenticators[0].Secret = []byte("somebody else's")
	_, err = v.Confirm(t.Context(), access.Caller{}, c, f.shown(0), f.now)
	down("a secret that does not open", err)
	f.enrolled("eve")
	f.lost = true
	if _, err = v.Confirm(t.Context(), access.Caller{}, c, f.unshown(), f.now); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a guess that lost its race: %v", err)
	}
}
