package user_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// full is a user with something in every field, and room behind every slice for an append to go wrong in.
func full() user.Factors {
	return user.Factors{
		Organization: "acme", User: "ann", Rev: 4, Epoch: 2, Attempt: []byte("attempt!"),
		Authenticators: slices.Grow([]user.Authenticator{{ID: "t1", Method: org.TOTP, Secret: []byte("sealed"), LastStep: 7, CreatedAt: noon}}, 4),
		RecoveryCodes:  user.RecoveryCodes{Generation: 3, KeyID: 1, Used: 0b101},
		Challenges:     slices.Grow([]user.Challenge{challenge("c1", "l1", user.Recover, noon)}, 4),
		Enrollment:     &user.Enrollment{Login: "l1", ExpiresAt: noon},
		Throttle: throttle.State{
			Consecutive: 2, Failures: slices.Grow([]time.Time{noon.Add(-time.Hour)}, 4), LockedUntil: noon,
		},
		Sends:     slices.Grow([]time.Time{noon}, 4),
		Successes: slices.Grow([]user.Success{{ID: "s1", At: noon}}, 4),
		Entered:   2,
		Deliver:   "c1",
		From:      user.Origin{Address: "192.0.2.7", Browser: 1, System: 2},
		Tried:     user.Try{Right: true, Way: "totp", For: user.SignIn, At: noon, Address: "192.0.2.7"},
	}
}

func TestFullLeavesNoFieldEmpty(t *testing.T) {
	v := reflect.ValueOf(full())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s is empty: the tests below would not see it", v.Type().Field(i).Name)
		}
	}
}

func TestNextRaisesTheRevisionAndOrdersNoMail(t *testing.T) {
	f := full()
	n := f.Next()
	if n.Rev != 5 || n.Epoch != 2 || n.Deliver != "" || n.From != (user.Origin{}) || n.Tried != (user.Try{}) || len(n.Attempt) != 8 || string(n.Attempt) == string(f.Attempt) {
		t.Errorf("revision %d, epoch %d, deliver %q, attempt %x", n.Rev, n.Epoch, n.Deliver, n.Attempt)
	}
	n.Rev, n.Deliver, n.From, n.Tried, n.Attempt = f.Rev, f.Deliver, f.From, f.Tried, f.Attempt
	if !reflect.DeepEqual(n, f) {
		t.Error("Next changed something else")
	}
	if m := f.Next(); string(m.Attempt) == string(f.Next().Attempt) {
		t.Error("two writes have the same attempt id")
	}
}

// What Next gives may be changed in place and appended to: a loser of a race reads its old value again.
func TestNextSharesNothingThatIsChanged(t *testing.T) {
	f := full()
	n := f.Next()
	n.Authenticators[0].LastStep = 99
	n.Challenges[0].Tries = 99
	n.Successes[0].ID = "changed"
	n.Sends[0] = time.Time{}
	n.Throttle.Failures[0] = time.Time{}
	n.Enrollment.Proven = true
	_ = append(n.Authenticators, user.Authenticator{ID: "t2"})
	_ = append(n.Challenges, user.Challenge{ID: "c2"})
	_ = append(n.Successes, user.Success{ID: "s2"})
	_ = append(n.Sends, noon)
	_ = append(n.Throttle.Failures, noon)
	if want := full(); !reflect.DeepEqual(f, want) {
		t.Errorf("the old value changed:\n%+v\nwant\n%+v", f, want)
	}
	if f.Authenticators[:2][1].ID != "" || f.Challenges[:2][1].ID != "" || f.Successes[:2][1].ID != "" ||
		!f.Sends[:2][1].IsZero() || !f.Throttle.Failures[:2][1].IsZero() {
		t.Error("an append wrote behind the old value's slice")
	}
}

// The product's own ways of changing, all of them, one after another.
func TestChangesLeaveTheOldValueAlone(t *testing.T) {
	for name, change := range map[string]func(*user.Factors){
		"order": func(f *user.Factors) {
			_ = f.Order(challenge("c9", "l9", user.ProveLogin, noon.Add(time.Hour)), noon.Add(time.Hour))
		},
		"drop":     func(f *user.Factors) { f.Drop(user.Recover) },
		"miss":     func(f *user.Factors) { f.Miss(user.Try{}, user.Recover, "l1", noon) },
		"remember": func(f *user.Factors) { f.Remember(user.Success{ID: "s2"}); f.Remember(user.Success{ID: "s3"}) },
		"succeed":  func(f *user.Factors) { f.Throttle = f.Throttle.Succeed(noon) },
		"spend":    func(f *user.Factors) { f.RecoveryCodes = f.RecoveryCodes.Spend(1) },
		"wipe":     func(f *user.Factors) { *f = f.Wipe() },
		"reset":    func(f *user.Factors) { *f = f.Reset() },
	} {
		f := full()
		n := f.Next()
		change(&n)
		if !reflect.DeepEqual(f, full()) {
			t.Errorf("%s changed the old value: %+v", name, f)
		}
		if reflect.DeepEqual(n, f) {
			t.Errorf("%s changed nothing", name)
		}
	}
}

func TestWipeKillsWhateverWasIssued(t *testing.T) {
	f := full()
	before := f.Mailed(f.Challenges[0])
	n := f.Wipe()
	if n.Epoch != f.Epoch+1 || n.Rev != f.Rev+1 || n.Deliver != "" {
		t.Errorf("epoch %d, revision %d, deliver %q", n.Epoch, n.Rev, n.Deliver)
	}
	if n.Enrolled() || n.Challenges != nil || n.Successes != nil || n.Enrollment != nil {
		t.Errorf("something outlives it: %+v", n)
	}
	if n.RecoveryCodes.Left() != 0 {
		t.Errorf("%d saved codes are left", n.RecoveryCodes.Left())
	}
	for i := range factor.RecoveryCodes {
		if !n.RecoveryCodes.Spent(i) {
			t.Errorf("saved code %d is still good", i)
		}
	}
	if renewed := n.RecoveryCodes.Renew(1); renewed.Generation != f.RecoveryCodes.Generation+1 {
		t.Errorf("the next codes are of generation %d: codes of old would come back", renewed.Generation)
	}
	if n.Mailed(f.Challenges[0]).Epoch == before.Epoch {
		t.Error("a mailed code from before is derived the same")
	}
}

// A switch-off and enrolling again buy no guesses; only the suspension ends, which belonged to what is gone.
func TestWipeKeepsTheFailures(t *testing.T) {
	f := full()
	if n := f.Wipe(); n.Throttle.Consecutive != 2 || len(n.Throttle.Failures) != 1 || len(n.Sends) != 1 {
		t.Errorf("failures %+v, sends %v", n.Throttle, n.Sends)
	}
	f.Throttle.Consecutive = throttle.SuspendAfter
	n := f.Wipe()
	if n.Throttle.Suspended() || len(n.Throttle.Failures) != 1 {
		t.Errorf("suspended %v, failures %v", n.Throttle.Suspended(), n.Throttle.Failures)
	}
}

func TestResetAlsoEndsTheFailures(t *testing.T) {
	f := full()
	n := f.Reset()
	if !reflect.DeepEqual(n.Throttle, throttle.State{}) {
		t.Errorf("failures %+v", n.Throttle)
	}
	if n.Epoch != f.Epoch+1 || n.Enrolled() || n.Challenges != nil || n.RecoveryCodes.Left() != 0 {
		t.Errorf("something outlives it: %+v", n)
	}
	if len(n.Sends) != 1 {
		t.Error("a reset buys further mails")
	}
}

func TestRememberKeepsTheLastTwo(t *testing.T) {
	var f user.Factors
	for i := range 4 {
		f.Remember(user.Success{ID: fmt.Sprint("s", i)})
	}
	if len(f.Successes) != 2 || f.Successes[0].ID != "s2" || f.Successes[1].ID != "s3" {
		t.Errorf("remembered are %+v", f.Successes)
	}
}

func TestMethodsEachOnceTheDefaultFirst(t *testing.T) {
	f := user.Factors{Authenticators: []user.Authenticator{{Method: org.TOTP}, {Method: org.Email}, {Method: org.TOTP}}}
	if got := f.Methods(); !slices.Equal(got, []org.Method{org.TOTP, org.Email}) || !f.Enrolled() {
		t.Errorf("got %v", got)
	}
	if (user.Factors{}).Enrolled() || (user.Factors{}).Methods() != nil {
		t.Error("a user without authenticators is enrolled")
	}
}

// Sealed things open for their own use only.
func TestUsesDiffer(t *testing.T) {
	uses := map[string]string{}
	for _, f := range []user.Factors{{Organization: "acme", User: "ann"}, {Organization: "acm", User: "eann"}, {Organization: "acme", User: "bob"}} {
		for name, use := range map[string][]byte{
			"t1": f.SecretUse("t1"), "t2": f.SecretUse("t2"), "email": user.RecoveryUse(f.Organization, f.User),
		} {
			who := f.Organization + "/" + f.User + "/" + name
			if before, taken := uses[string(use)]; taken {
				t.Errorf("%s and %s have the same use", before, who)
			}
			uses[string(use)] = who
		}
	}
}

func TestMailedAndRecoverySetNameTheirUser(t *testing.T) {
	f := full()
	want := factor.Mailed{Purpose: "recover", Organization: "acme", User: "ann", Challenge: "c1", Address: []byte("digest"), Epoch: 2}
	if got := f.Mailed(f.Challenges[0]); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := f.RecoverySet(); got != (factor.RecoverySet{Organization: "acme", User: "ann", Generation: 3}) {
		t.Errorf("got %+v", got)
	}
}
