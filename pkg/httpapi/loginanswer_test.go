package httpapi

import (
	"bytes"
	"strings"
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/login"
)

// What does not hold in an answer is absent, so that an application may ask for presence: a zero is an answer too.
func TestAnAnswerHasOnlyWhatHolds(t *testing.T) {
	for days, want := range map[int]bool{0: false, 9: true} {
		var wire bytes.Buffer
		a := login.Answer{Decision: decision.Decision{Status: decision.Challenge}, Next: login.Next{Do: login.DoAnswer, RememberDays: days}}
		if err := format.Marshal(&wire, showAnswer(a)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(wire.String(), `"remember_days"`); got != want {
			t.Errorf("remembering for %d days: %s", days, &wire)
		}
		for _, absent := range []string{"until", "assertion", "device_token", "recovery_codes", "setup", "sent_to", "methods"} {
			if strings.Contains(wire.String(), `"`+absent) {
				t.Errorf("%s is there: %s", absent, &wire)
			}
		}
	}
}
