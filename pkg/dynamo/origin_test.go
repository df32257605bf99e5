package dynamo

import (
	"strings"
	"testing"

	"twofold/pkg/user"
)

// From where a code was asked is in the intent wherever there is room, and never makes the largest item cost more than one write unit:
// there it is left out, and the code goes out all the same.
func TestOriginsNeverCostAWriteUnit(t *testing.T) {
	long := user.Origin{Address: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Browser: 7, System: 7}
	short := user.Origin{Address: "192.0.2.7", Browser: 7, System: 7}
	for name, c := range map[string]struct {
		factors user.Factors
		from    user.Origin
		said    bool
	}{
		"verified, IPv6": {verified(), long, true}, "verified, IPv4": {verified(), short, true},
		"enrolling, IPv4": {enrolling(), short, true}, "enrolling, IPv6": {enrolling(), long, false},
		"by SMS, IPv4": {texted(), short, false},
	} {
		c.factors.From = c.from
		i, err := encodeFactors(c.factors)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeFactors(i)
		if err != nil {
			t.Fatal(err)
		}
		if said := back.From == c.from; said != c.said || back.Deliver != c.factors.Deliver || !said && back.From != (user.Origin{}) {
			t.Errorf("%s: %q, %+v", name, back.Deliver, back.From)
		}
		if n := size(i); n > writeUnit || n != itemSize(i) {
			t.Errorf("%s: %d bytes, measured as %d", name, n, itemSize(i))
		}
	}
}

// What nobody of ours wrote behind an intent is nothing, and holds no code up.
func TestOriginsThatCannotBeRead(t *testing.T) {
	for _, behind := range []string{"", " ", " !", " A", " " + strings.Repeat("A", 400), " AAAA"} {
		if reference, from := intentOf("challenge" + behind); reference != "challenge" || from.Address != "" {
			t.Errorf("%q: %q, %+v", behind, reference, from)
		}
	}
	if reference, from := intentOf("c " + "AMAAAgc"); reference != "c" || from.Address != "192.0.2.7" {
		t.Errorf("%q, %+v", reference, from)
	}
}
