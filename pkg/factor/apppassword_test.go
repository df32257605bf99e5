package factor

import (
	"bytes"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var mailOfAnn = AppPlace{Organization: "acme", User: "ann", Service: "imap"}

// Design §5: 128 bits or more.
func TestAppPasswordsHaveEnoughBits(t *testing.T) {
	if got := appPasswordChars * bits.TrailingZeros(uint(len(recoveryAlphabet))); got < 128 {
		t.Errorf("%d bits", got)
	}
	seen, used := map[string]bool{}, map[rune]int{}
	for range 1000 {
		p := NewAppPassword()
		if len(p) != appPasswordChars || seen[p] {
			t.Fatalf("%q: %d characters, or made twice", p, len(p))
		}
		seen[p] = true
		for _, r := range p {
			used[r]++
		}
	}
	for _, r := range recoveryAlphabet { // 875 of each are expected; 600 is nine standard deviations away
		if used[r] < 600 {
			t.Errorf("%c stands in 1000 passwords %d times", r, used[r])
		}
	}
	if len(used) != len(recoveryAlphabet) {
		t.Errorf("%d different characters", len(used))
	}
}

func TestAppPasswordsAreShownAndTypedBack(t *testing.T) {
	shape := regexp.MustCompile(`^[2-9A-HJKM-Z]{4}(-[2-9A-HJKM-Z]{4}){6}$`)
	for range 200 {
		p := NewAppPassword()
		shown := ShowAppPassword(p)
		if !shape.MatchString(shown) {
			t.Fatalf("shown as %s", shown)
		}
		for _, typed := range []string{
			shown, p, strings.ToLower(shown), strings.ReplaceAll(shown, "-", " "), " " + shown + " ", strings.ReplaceAll(shown, "O", "0"),
			strings.ReplaceAll(shown, "-", "\u2011"),
		} {
			if back, ok := AppPassword(typed); !ok || back != p {
				t.Fatalf("%q typed back is %q, want %q", typed, back, p)
			}
		}
		for _, other := range []string{"", p[1:], p + "A", p[1:] + "1", p[1:] + "l", p[1:] + "_", p[1:] + "Ä", p + "\n", p[:27] + "\x00"} {
			if back, ok := AppPassword(other); ok || back != "" {
				t.Fatalf("%q is taken for %q", other, back)
			}
		}
	}
}

// A password of one place is none of any other, and no two places run together.
func TestAppPasswordDigestsDependOnEverything(t *testing.T) {
	p, prf := NewAppPassword(), fakePRF{7, 8}
	own := AppPasswordDigest(mailOfAnn, p)
	if !SameAppPassword(own, AppPasswordDigest(mailOfAnn, p)) || len(own) != 32 {
		t.Error("not the same twice")
	}
	ownMark, err := AppPasswordMiss(prf, mailOfAnn, p)
	if err != nil || len(ownMark) != appMissBytes {
		t.Fatal(err, len(ownMark))
	}
	for name, at := range map[string]AppPlace{
		"another organisation": {"globex", "ann", "imap"}, "another user": {"acme", "bob", "imap"}, "another service": {"acme", "ann", "smtp"},
		"another parting": {"acme", "an", "nimap"},
	} {
		mark, err := AppPasswordMiss(prf, at, p)
		if SameAppPassword(own, AppPasswordDigest(at, p)) || err != nil || bytes.Equal(mark, ownMark) {
			t.Errorf("%s: the same, or %v", name, err)
		}
	}
	if SameAppPassword(own, AppPasswordDigest(mailOfAnn, NewAppPassword())) || SameAppPassword(own, nil) || SameAppPassword(nil, own) {
		t.Error("another password, or none, is the same")
	}
	if slices.Equal(own[:appMissBytes], ownMark) {
		t.Error("the mark of a miss tells the digest")
	}
}

func FuzzAppPassword(f *testing.F) {
	for _, seed := range []string{"ABCD-2345-EFGH-6709-ABCD-2345-EFGH", "abcd2345efgh67o9abcd2345efgh", "ſ", "\xc5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := AppPassword(typed)
		if !ok {
			if got != "" {
				t.Error("a refused text gives something")
			}
			return
		}
		if utf8.RuneCountInString(got) != appPasswordChars || strings.Trim(got, recoveryAlphabet) != "" {
			t.Errorf("%q became %q", typed, got)
		}
		for _, way := range []string{got, strings.ToLower(got), ShowAppPassword(got), strings.ReplaceAll(got, "O", "0")} {
			if again, ok := AppPassword(way); !ok || again != got {
				t.Errorf("%q is normalised to %q, want %q", way, again, got)
			}
		}
	})
}
