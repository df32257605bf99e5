package factor

import (
	"fmt"
	"testing"
	"time"
)

// rfcSecret is the seed of the vectors in RFC 4226 appendix D and, for SHA-1, RFC 6238 appendix B.
var rfcSecret = []byte("12345678901234567890")

const never = -1 << 62 // a last step before all others

// RFC 4226 appendix D: the counter is the step.
func TestRFC4226Vectors(t *testing.T) {
	codes := []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"}
	for counter, code := range codes {
		now := time.Unix(int64(counter)*30, 0)
		if step, ok := MatchTOTP(rfcSecret, code, now, never); !ok || step != int64(counter) {
			t.Errorf("counter %d: step %d, %v", counter, step, ok)
		}
	}
}

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
func TestRFC6238Vectors(t *testing.T) {
	for _, v := range []struct {
		unix int64
		step int64
		code string
	}{
		{59, 0x1, "287082"},
		{1111111109, 0x23523EC, "081804"},
		{1111111111, 0x23523ED, "050471"},
		{1234567890, 0x273EF07, "005924"},
		{2000000000, 0x3F940AA, "279037"},
		{20000000000, 0x27BC86AA, "353130"},
	} {
		now := time.Unix(v.unix, 0)
		if got := TOTPStep(now); got != v.step {
			t.Errorf("%d lies in step %#x, want %#x", v.unix, got, v.step)
		}
		if step, ok := MatchTOTP(rfcSecret, v.code, now, never); !ok || step != v.step {
			t.Errorf("%d: step %#x, %v", v.unix, step, ok)
		}
	}
}

// codeAt is the code that an authenticator app shows at a time: one of the vectors above.
const (
	shownCode = "005924"
	shownStep = int64(0x273EF07)
)

func TestClockSkew(t *testing.T) {
	begin := time.Unix(shownStep*30, 0)
	for _, c := range []struct {
		offset time.Duration // of the server's clock from the beginning of the code's step
		want   bool
	}{
		{0, true}, {29 * time.Second, true},
		{-time.Second, true}, {-30 * time.Second, true}, {-31 * time.Second, false},
		{30 * time.Second, true}, {59 * time.Second, true}, {60 * time.Second, false},
		{-90 * time.Second, false}, {90 * time.Second, false},
	} {
		step, ok := MatchTOTP(rfcSecret, shownCode, begin.Add(c.offset), never)
		if ok != c.want || ok && step != shownStep {
			t.Errorf("offset %v: step %d, %v, want %v", c.offset, step, ok, c.want)
		}
	}
}

// A phone whose clock is 30 s off is understood at any moment of the step, one that is 90 s off at none.
func TestAPhoneThatIsOff(t *testing.T) {
	for second := range int64(30) {
		phone := time.Unix(shownStep*30+second, 0)
		for _, off := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
			if _, ok := MatchTOTP(rfcSecret, shownCode, phone.Add(off), never); !ok {
				t.Errorf("second %d, %v off: refused", second, off)
			}
		}
		for _, off := range []time.Duration{-90 * time.Second, 90 * time.Second} {
			if _, ok := MatchTOTP(rfcSecret, shownCode, phone.Add(off), never); ok {
				t.Errorf("second %d, %v off: accepted", second, off)
			}
		}
	}
}

// After a code was accepted, neither it nor an older one is good again, wherever within the window (RFC 6238 §5.2).
func TestNoStepTwice(t *testing.T) {
	for drift := int64(-1); drift <= 1; drift++ {
		now := time.Unix((shownStep+drift)*30+7, 0)
		for _, c := range []struct {
			last int64
			want bool
		}{{never, true}, {shownStep - 1, true}, {shownStep, false}, {shownStep + 1, false}, {shownStep + 2, false}} {
			if _, ok := MatchTOTP(rfcSecret, shownCode, now, c.last); ok != c.want {
				t.Errorf("server %d steps ahead, last step %+d: %v, want %v", drift, c.last-shownStep, ok, c.want)
			}
		}
	}
}

// The counters 0, 1, 2 of RFC 4226: after the newest was accepted, the two older ones, still in the window, are dead.
func TestOlderStepsDieWithANewerOne(t *testing.T) {
	now := time.Unix(1*30, 0)
	step, ok := MatchTOTP(rfcSecret, "359152", now, never)
	if !ok || step != 2 {
		t.Fatalf("step %d, %v", step, ok)
	}
	for _, older := range []string{"755224", "287082", "359152"} {
		if _, ok := MatchTOTP(rfcSecret, older, now, step); ok {
			t.Errorf("%s is accepted after a later code", older)
		}
	}
}

func TestWhatIsNoCodeNeverMatches(t *testing.T) {
	now := time.Unix(shownStep*30, 0)
	for _, typed := range []string{"", "00592", "0059240", "5924", " 005924", "005924\n", "005925", "００５９２４", "94287082"} {
		if _, ok := MatchTOTP(rfcSecret, typed, now, never); ok {
			t.Errorf("%q matches", typed)
		}
	}
	other := append([]byte(nil), rfcSecret...)
	other[19] ^= 1
	if _, ok := MatchTOTP(other, shownCode, now, never); ok {
		t.Error("matches under another secret")
	}
}

func TestSecretsAre160BitsAndNeverTheSame(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		secret := NewTOTPSecret()
		if len(secret) != 20 {
			t.Fatalf("a secret of %d bytes", len(secret))
		}
		seen[string(secret)] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d different secrets of 100", len(seen))
	}
}

// Design §9 and RFC 6238: the parameters that every app understands.
func TestParameters(t *testing.T) {
	if got := fmt.Sprint(TOTPDigits, TOTPPeriod, TOTPSecretBytes, MailedDigits, RecoveryCodes); got != "6 30s 20 8 10" {
		t.Errorf("got %s", got)
	}
}
