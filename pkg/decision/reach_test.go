package decision_test

import (
	"slices"
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// A mailbox that mail comes back from is as if there were no such method; whoever has nothing else is refused by a reason of its own, and
// never let in or made to enrol instead.
func TestAMailboxThatMailComesBackFrom(t *testing.T) {
	refused := 0
	every(t, "codes by mail are not asked for where they do not arrive", func(c combination, d decision.Decision) bool {
		s := c.state()
		s.MailStops = true
		got := decision.Decide(s, noon)
		without := c
		without.methods = slices.DeleteFunc(slices.Clone(c.methods), func(m org.Method) bool { return m == org.Email })
		switch {
		case d.Status == decision.Challenge && len(without.methods) == 0:
			refused++
			return got.Status == decision.Denied && got.Reason == decision.Undeliverable && got.Rule == decision.RuleUnreachable && !got.Asserts && !got.MayEnroll && len(got.Methods) == 0
		case d.Status == decision.Challenge:
			return equal(got, decision.Decide(without.state(), noon))
		}
		return equal(got, d)
	})
	if refused == 0 {
		t.Error("nobody had a mailbox only")
	}
}
