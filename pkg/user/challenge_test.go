package user_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func challenge(id, login string, p user.Purpose, now time.Time) user.Challenge {
	return user.Challenge{ID: id, Login: login, Purpose: p, KeyID: 1, Address: []byte("digest"), ExpiresAt: now.Add(user.CodeLife)}
}

// order puts a challenge under way that must be admitted.
func order(t *testing.T, f *user.Factors, c user.Challenge, now time.Time) {
	t.Helper()
	if err := f.Order(c, now); err != nil {
		t.Fatalf("the order of %s is refused: %v", c.ID, err)
	}
}

func refused(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	if !errors.Is(err, user.ErrTooSoon) {
		t.Fatalf("got %v, want too soon", err)
	}
	if got := fault.As(err).RetryAfter; got != wait {
		t.Errorf("told to wait %v, want %v", got, wait)
	}
}

func TestNumbers(t *testing.T) {
	got := fmt.Sprint(user.CodeLife, user.SendInterval, user.SendLimit, user.SendWindow, user.TriesPerCode, user.MaxChallenges)
	if want := "10m0s 1m0s 5 10m0s 5 3"; got != want {
		t.Errorf("the numbers are %s, design §7 and §9 say %s", got, want)
	}
}

func TestAMinuteBetweenCodesOfOnePurpose(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	if f.Deliver != "c1" || len(f.Sends) != 1 || !f.Challenges[0].SentAt().Equal(noon) {
		t.Errorf("after an order: deliver %q, sends %v", f.Deliver, f.Sends)
	}
	refused(t, f.Order(challenge("c2", "l2", user.Recover, noon), noon.Add(59*time.Second)), time.Second)
	if len(f.Challenges) != 1 || f.Challenges[0].ID != "c1" || f.Deliver != "c1" || len(f.Sends) != 1 {
		t.Errorf("a refused order changed something: %+v", f)
	}
	order(t, &f, challenge("c3", "l1", user.VerifyRecovery, noon), noon.Add(time.Second)) // another purpose need not wait
	order(t, &f, challenge("c4", "l2", user.Recover, noon.Add(time.Minute)), noon.Add(time.Minute))
	if _, open := f.Open(user.Recover, "l1", noon.Add(time.Minute)); open {
		t.Error("the earlier code of the purpose is still good")
	}
}

func TestFiveCodesInTenMinutes(t *testing.T) {
	var f user.Factors
	purposes := []user.Purpose{user.Recover, user.VerifyRecovery, user.ProveLogin}
	at := noon
	for i := range 5 {
		order(t, &f, challenge(fmt.Sprint("c", i), "l1", purposes[i%3], at), at)
		at = at.Add(time.Minute)
	}
	refused(t, f.Order(challenge("c6", "l1", purposes[2], at), at), 5*time.Minute)
	// Using up or dropping the codes sends none back.
	for _, p := range purposes {
		f.Drop(p)
	}
	refused(t, f.Order(challenge("c6", "l1", purposes[2], at), at), 5*time.Minute)
	free := noon.Add(10 * time.Minute)
	if got := f.ResendAt(purposes[2], at); !got.Equal(free) {
		t.Errorf("the next code may be ordered at %v, want %v", got, free)
	}
	refused(t, f.Order(challenge("c6", "l1", purposes[2], free), free.Add(-1)), 1)
	order(t, &f, challenge("c6", "l1", purposes[2], free), free)
	refused(t, f.Order(challenge("c7", "l1", purposes[1], free), free), time.Minute)
}

// Whatever the order of purposes and times, no ten minutes see more than five mails.
func TestNoSequenceOfOrdersBeatsTheLimit(t *testing.T) {
	purposes := []user.Purpose{user.Recover, user.VerifyRecovery, user.ProveLogin}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 9))
		var f user.Factors
		var sent []time.Time
		at := noon
		for i := range 300 {
			at = at.Add(time.Duration(r.Int64N(int64(90 * time.Second))))
			p := purposes[r.IntN(3)]
			f = f.Next()
			if r.IntN(3) == 0 {
				f.Drop(p)
			}
			if f.Order(challenge(fmt.Sprint("c", i), "l1", p, at), at) == nil {
				sent = append(sent, at)
			}
			if len(f.Challenges) > user.MaxChallenges || len(f.Sends) > user.SendLimit {
				t.Fatalf("seed %d: %d challenges, %d sends: the item grows", seed, len(f.Challenges), len(f.Sends))
			}
		}
		for i := user.SendLimit; i < len(sent); i++ {
			if sent[i].Sub(sent[i-user.SendLimit]) < user.SendWindow {
				t.Fatalf("seed %d: six mails within %v", seed, sent[i].Sub(sent[i-user.SendLimit]))
			}
		}
		if len(sent) < 50 {
			t.Fatalf("seed %d: only %d mails: the test is idle", seed, len(sent))
		}
	}
}

func TestACodeBelongsToItsLoginAndPurpose(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	for name, c := range map[string]struct {
		purpose user.Purpose
		login   string
		want    bool
	}{
		"its own":         {user.Recover, "l1", true},
		"another login":   {user.Recover, "l2", false},
		"no login":        {user.Recover, "", false},
		"another purpose": {user.VerifyRecovery, "l1", false},
		"no purpose":      {"", "l1", false},
	} {
		if got, open := f.Open(c.purpose, c.login, noon); open != c.want || open && got.ID != "c1" {
			t.Errorf("%s: %v", name, open)
		}
	}
}

func TestACodeExpires(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	end := noon.Add(10 * time.Minute)
	if _, open := f.Open(user.Recover, "l1", end.Add(-1)); !open {
		t.Error("expired before its time")
	}
	if _, open := f.Open(user.Recover, "l1", end); open {
		t.Error("good after its time")
	}
	order(t, &f, challenge("c2", "l2", user.ProveLogin, end), end)
	if len(f.Challenges) != 1 {
		t.Errorf("%d challenges: the expired one is kept", len(f.Challenges))
	}
}

func TestFiveWrongTriesEndACode(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	order(t, &f, challenge("c2", "l1", user.ProveLogin, noon), noon)
	for n := 1; n <= 5; n++ {
		if _, open := f.Open(user.Recover, "l1", noon); !open {
			t.Fatalf("closed after %d tries", n-1)
		}
		f.Miss(user.Try{}, user.Recover, "l1", noon)
	}
	if _, open := f.Open(user.Recover, "l1", noon); open {
		t.Error("open after five wrong tries")
	}
	if _, open := f.Open(user.ProveLogin, "l1", noon); !open {
		t.Error("the tries closed the code of another purpose")
	}
	if f.Throttle.Consecutive != 5 {
		t.Errorf("%d failures of the user, want 5", f.Throttle.Consecutive)
	}
}

// A new code brings new tries for itself but none for the user (NIST SP 800-63B-4 §3.1.3.2).
func TestANewCodeKeepsTheFailures(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	for range 4 {
		f.Miss(user.Try{}, user.Recover, "l1", noon)
	}
	later := noon.Add(time.Minute)
	order(t, &f, challenge("c2", "l1", user.Recover, later), later)
	if f.Throttle.Consecutive != 4 || f.Challenges[0].Tries != 0 {
		t.Errorf("%d failures, %d tries", f.Throttle.Consecutive, f.Challenges[0].Tries)
	}
	f.Miss(user.Try{}, user.Recover, "l1", later)
	if _, locked := f.Throttle.Locked(later); !locked {
		t.Error("the fifth failure does not lock")
	}
}

func TestAMissWithoutACodeCountsAgainstTheUser(t *testing.T) {
	var f user.Factors
	order(t, &f, challenge("c1", "l1", user.Recover, noon), noon)
	f.Miss(user.Try{}, "", "l1", noon)
	f.Miss(user.Try{}, user.Recover, "l2", noon)
	if f.Throttle.Consecutive != 2 || f.Challenges[0].Tries != 0 {
		t.Errorf("%d failures, %d tries", f.Throttle.Consecutive, f.Challenges[0].Tries)
	}
}

func TestAFourthChallengeDropsTheOldest(t *testing.T) {
	var f user.Factors
	for i, p := range []user.Purpose{"a", "b", "c", "d"} {
		order(t, &f, challenge(fmt.Sprint("c", i), "l1", p, noon), noon)
	}
	if len(f.Challenges) != 3 || f.Challenges[0].ID != "c1" || f.Challenges[2].ID != "c3" {
		t.Errorf("left are %+v", f.Challenges)
	}
}
