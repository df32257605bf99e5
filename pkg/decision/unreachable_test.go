package decision_test

import (
	"slices"
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// That codes do not arrive changes nothing of a decision but what is offered: the others, in their order, where there are any.
func TestWhatDoesNotArriveIsNotOffered(t *testing.T) {
	for _, unreachable := range [][]org.Method{{org.Email}, {org.TOTP}, {org.Email, org.TOTP}, {org.SMS}} {
		every(t, "only the methods differ", func(c combination, d decision.Decision) bool {
			s := c.state()
			s.Unreachable = unreachable
			left := slices.DeleteFunc(slices.Clone(d.Methods), func(m org.Method) bool { return slices.Contains(unreachable, m) })
			got := decision.Decide(s, noon)
			if len(left) > 0 {
				d.Methods = left
			}
			return equal(got, d)
		})
	}
}
