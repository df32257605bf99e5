package dynamo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func triedAgain(t *testing.T, f user.Factors) user.Try {
	t.Helper()
	back, err := decodeFactors(encoded(t, f))
	if err != nil {
		t.Fatal(err)
	}
	return back.Tried
}

// TestEveryTryIsReadBack: whatever can be tried is a word that is stored, and comes back with the time at which it was counted.
func TestEveryTryIsReadBack(t *testing.T) {
	ways := []string{string(org.TOTP), string(org.Email), string(org.SMS), string(login.MailedRecovery), string(login.SavedRecovery), string(login.Bypass), user.TicketWay}
	acts := slices.Concat(user.Changes(), []user.Act{user.SignIn, user.Confirm, user.Prove, user.VerifyMailbox, user.StepUp})
	for _, way := range ways {
		for _, act := range acts {
			for _, address := range []string{"", "192.0.2.7", "2001:db8::7"} {
				f := user.Factors{Organization: "acme", User: "u", Rev: 1}
				f.Miss(user.Try{Way: way, For: act, Address: address}, user.Recover, "l", at)
				want := user.Try{Way: way, For: act, Void: true, At: at.Truncate(time.Second).Add(time.Second), Address: address}
				if got := triedAgain(t, f); got != want {
					t.Fatalf("wrong: %+v, want %+v", got, want)
				}
				f.Hit(user.Try{Way: way, For: act, Address: address}, at)
				want.Right, want.Void, want.At = true, false, at.Truncate(time.Second)
				if got := triedAgain(t, f); got != want {
					t.Fatalf("right: %+v, want %+v", got, want)
				}
			}
		}
	}
	if len(triedWays) > 16 || len(triedFor) > 16 {
		t.Error("there is no room for so many words")
	}
}

// TestATryThatCannotBeReadIsNone: no request may fail for what nothing rests on.
func TestATryThatCannotBeReadIsNone(t *testing.T) {
	f := user.Factors{Organization: "acme", User: "u", Rev: 1}
	f.Hit(user.Try{Way: "totp", For: user.SignIn}, now)
	i := encoded(t, f)
	whole := i[factorsTried].(*types.AttributeValueMemberB).Value
	for name, packed := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-1], "of a later version": append([]byte{packVersion + 1}, whole[1:]...),
		"an unknown way": {packVersion, 0, 0xf1}, "no way": {packVersion, 0, 0x01}, "an unknown act": {packVersion, 0, 0x1f},
	} {
		i[factorsTried] = &types.AttributeValueMemberB{Value: packed}
		if got, err := decodeFactors(i); err != nil || got.Tried != (user.Try{}) {
			t.Errorf("%s: %+v, %v", name, got.Tried, err)
		}
	}
}

// TestOnlyTheAddressOfATryIsLeftOut, and only where there is no room for it.
func TestOnlyTheAddressOfATryIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		of   user.Factors
		kept bool
	}{"verified": {verified(), true}, "enrolling by SMS": {texted(), false}, "under attack": {alarmed(), true}} {
		f := c.of
		got := triedAgain(t, f)
		if kept := got.Address != ""; kept != c.kept || got.Way != user.TicketWay || got.For != user.StepUp || !got.Void || got.At.IsZero() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	fuller := texted()
	fuller.User = strings.Repeat("ü", 64)
	fuller.Throttle.Failures = fuller.Throttle.Failures[:throttle.Cap-4] // sixteen bytes
	if got := triedAgain(t, fuller); got.Address == "" {
		t.Errorf("there is room: %+v", got)
	}
}
