package delivery

import (
	"regexp"
	"testing"
)

func TestIDsAreOfTheirPartsAlone(t *testing.T) {
	if first := ID("code", "a", "bc"); first != ID("code", "a", "bc") {
		t.Error("the same parts have two ids")
	}
	seen := map[string]bool{}
	for _, parts := range [][]string{{"code", "a", "bc"}, {"code", "ab", "c"}, {"codea", "bc"}, {"code", "a", "bc", ""}, {"code#a", "bc"}, {}} {
		id := ID(parts...)
		if seen[id] {
			t.Errorf("%q has the id of other parts", parts)
		}
		seen[id] = true
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`).MatchString(id) {
			t.Errorf("%q: the id %q may not stand in a provider's tag", parts, id)
		}
	}
}

func TestOnlyWhatIsTriedAgainIsOpen(t *testing.T) {
	for _, s := range []State{Sent, Refused, Obsolete, Capped, Suppressed, Bounced, Complained} {
		if !s.Final() {
			t.Errorf("%s is open", s)
		}
	}
	if Claimed.Final() || Failed.Final() {
		t.Error("what is tried again is final")
	}
}
