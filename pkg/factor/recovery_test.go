package factor

import (
	"math/bits"
	"regexp"
	"strings"
	"testing"
)

var set = RecoverySet{Organization: "acme", User: "ann", Generation: 2}

func recovery(t *testing.T, keyID uint32, s RecoverySet, index int) string {
	t.Helper()
	code, err := RecoveryCode(fakePRF{7, 8}, keyID, s, index)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Nobody who copies a code from paper can mistake one character for another.
func TestTheAlphabetHasNoLookAlikes(t *testing.T) {
	if len(recoveryAlphabet) != 32 || strings.ContainsAny(recoveryAlphabet, "01IL") {
		t.Errorf("alphabet %s", recoveryAlphabet)
	}
	for i, r := range recoveryAlphabet {
		if strings.IndexRune(recoveryAlphabet, r) != i {
			t.Errorf("%c stands twice", r)
		}
	}
}

// Look-up secrets need 64 bits or more (NIST SP 800-63B-4 §3.1.2.2).
func TestCodesHaveEnoughBits(t *testing.T) {
	if got := recoveryChars * bits.TrailingZeros(uint(len(recoveryAlphabet))); got < 64 || got != 8*recoveryBytes {
		t.Errorf("%d bits", got)
	}
}

func TestRecoveryCodesAreShownAndTypedBack(t *testing.T) {
	shape := regexp.MustCompile(`^[2-9A-HJKM-Z]{4}(-[2-9A-HJKM-Z]{4}){3}$`)
	for generation := range int64(50) {
		for index := range RecoveryCodes {
			s := set
			s.Generation = generation
			code := recovery(t, 7, s, index)
			shown := ShowRecovery(code)
			if !shape.MatchString(shown) {
				t.Fatalf("shown as %s", shown)
			}
			for _, typed := range []string{shown, strings.ToLower(shown), strings.ReplaceAll(shown, "O", "0")} {
				if back, ok := Recovery(typed); !ok || back != code {
					t.Fatalf("%s typed back is %s, want %s", typed, back, code)
				}
			}
		}
	}
}

func TestShowRecoveryGroups(t *testing.T) {
	for code, want := range map[string]string{"": "", "AB": "AB", "ABCD": "ABCD", "ABCDE": "ABCD-E", "ABCDEFGHJKMN": "ABCD-EFGH-JKMN"} {
		if got := ShowRecovery(code); got != want {
			t.Errorf("%q is shown as %q, want %q", code, got, want)
		}
	}
}

func TestRecoveryCodesDependOnEverything(t *testing.T) {
	seen := map[string]string{}
	add := func(name string, keyID uint32, s RecoverySet) {
		for index := range RecoveryCodes {
			code := recovery(t, keyID, s, index)
			if before, taken := seen[code]; taken {
				t.Errorf("%s has a code of %s", name, before)
			}
			seen[code] = name
		}
	}
	add("the set", 7, set)
	add("another key", 8, set)
	add("another organisation", 7, RecoverySet{"globex", "ann", 2})
	add("another user", 7, RecoverySet{"acme", "bob", 2})
	add("the next generation", 7, RecoverySet{"acme", "ann", 3})
	add("another parting", 7, RecoverySet{"acmea", "nn", 2})
	// Generation 1, index 11 and generation 11, index 1 are not to be mixed up either.
	if recovery(t, 7, RecoverySet{"acme", "ann", 1}, 11) == recovery(t, 7, RecoverySet{"acme", "ann", 11}, 1) {
		t.Error("generation and index run together")
	}
}

func TestMatchRecoveryFindsEachAndNothingElse(t *testing.T) {
	prf := fakePRF{7, 8}
	for want := range RecoveryCodes {
		code := recovery(t, 7, set, want)
		if index, ok, err := MatchRecovery(prf, 7, set, code); err != nil || !ok || index != want {
			t.Errorf("code %d: found %d, %v, %v", want, index, ok, err)
		}
		if _, ok, _ := MatchRecovery(prf, 8, set, code); ok {
			t.Errorf("code %d is good under another key", want)
		}
		older := set
		older.Generation--
		if _, ok, _ := MatchRecovery(prf, 7, older, code); ok {
			t.Errorf("code %d is good in another generation", want)
		}
	}
	for _, wrong := range []string{"", "ABCD", recovery(t, 7, set, RecoveryCodes), recovery(t, 7, set, 0)[:15]} {
		if _, ok, err := MatchRecovery(prf, 7, set, wrong); ok || err != nil {
			t.Errorf("%q: %v, %v", wrong, ok, err)
		}
	}
}
