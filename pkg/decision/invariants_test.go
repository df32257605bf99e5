package decision_test

import (
	"slices"
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// What must hold whatever the table says: these tests know no rows.

// every checks a property of all combinations, and stops at the first that breaks it.
func every(t *testing.T, property string, holds func(combination, decision.Decision) bool) {
	t.Helper()
	broken := false
	each(func(c combination) {
		if d := decision.Decide(c.state(), noon); !broken && !holds(c, d) {
			broken = true
			t.Errorf("%s\nbut %v\ngot %+v", property, c, d)
		}
	})
}

func TestTheDecisionIsTotal(t *testing.T) {
	statuses := []decision.Status{decision.Complete, decision.Challenge, decision.Enroll, decision.Denied}
	every(t, "every state has a status, a reason, a rule and the policy's version", func(_ combination, d decision.Decision) bool {
		return slices.Contains(statuses, d.Status) && d.Reason != "" && d.Rule != "" && d.PolicyVersion == 7
	})
}

func TestTheDecisionIsDeterministicAndLeavesTheStateAlone(t *testing.T) {
	every(t, "the same state gives the same decision", func(c combination, d decision.Decision) bool {
		s := c.state()
		methods := slices.Clone(s.Methods)
		first := decision.Decide(s, noon)
		return equal(first, d) && equal(decision.Decide(s, noon), d) && slices.Equal(s.Methods, methods)
	})
}

func TestOnlyADeviceProvesWithoutACode(t *testing.T) {
	every(t, "letting in and asserting at once needs a trusted device that the policy remembers", func(c combination, d decision.Decision) bool {
		return d.Status != decision.Complete || !d.Asserts || c.device && c.remembers
	})
}

func TestNobodyObligedSlipsPast(t *testing.T) {
	every(t, "whoever is obliged past grace and not enrolled gets in nowhere without a device", func(c combination, d decision.Decision) bool {
		barred := c.entitled && c.pastGrace() && !c.enrolled() && !(c.device && c.remembers && c.web())
		return !barred || d.Status == decision.Enroll || d.Status == decision.Denied
	})
}

func TestAccountPasswordsAloneOpenNoMailbox(t *testing.T) {
	every(t, "an enrolled user's account password is refused outside the browser", func(c combination, d decision.Decision) bool {
		governed := c.entitled && c.status != org.Disabled && !c.exempted()
		return c.web() || !c.enrolled() || !governed || d.Status == decision.Denied
	})
}

func TestOutsideTheBrowserNothingInteractiveIsAsked(t *testing.T) {
	every(t, "a mail client can neither be challenged nor enrolled, and proves nothing", func(c combination, d decision.Decision) bool {
		return c.web() || (d.Status == decision.Complete || d.Status == decision.Denied) && !d.Asserts
	})
}

func TestSuspendedAndLockedStayOut(t *testing.T) {
	every(t, "suspended and locked are denied in a browser, unless an earlier row lets in", func(c combination, d decision.Decision) bool {
		earlier := !c.entitled || c.status == org.Disabled || c.exempted() || c.device && c.remembers
		barred := c.web() && (c.suspended || c.lockedFor > 0) && !earlier
		return !barred || d.Status == decision.Denied && (d.Reason == decision.IsSuspended) == c.suspended
	})
}

func TestAChallengeOffersOnlyWhatIsEnrolledTheDefaultFirst(t *testing.T) {
	every(t, "the methods of a challenge are enrolled ones, in their order", func(c combination, d decision.Decision) bool {
		if d.Status != decision.Challenge {
			return len(d.Methods) == 0
		}
		at := -1
		for _, m := range d.Methods {
			next := slices.Index(c.methods, m)
			if next <= at {
				return false
			}
			at = next
		}
		return at >= 0
	})
}

// A stricter policy never lets in whom a laxer one kept out.
func TestForcingNeverOpensADoor(t *testing.T) {
	every(t, "whoever a policy lets in forced, it lets in enabled", func(c combination, d decision.Decision) bool {
		if c.status != org.Forced || d.Status != decision.Complete {
			return true
		}
		laxer := c
		laxer.status, laxer.enforceFrom = org.Enabled, never
		// Without the date of enforcement the grace of a required user began at registration.
		return laxer.pastGrace() || decision.Decide(laxer.state(), noon).Status == decision.Complete
	})
}
