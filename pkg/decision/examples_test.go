package decision_test

import (
	"testing"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// ann works for an entitled organisation with the default policy, registered a year ago, not enrolled.
func ann() decision.State {
	return decision.State{
		Entitlements: org.Entitlements{TwoFactor: true},
		Policy:       org.DefaultOrganizationPolicy(noon),
		RegisteredAt: noon.AddDate(-1, 0, 0),
	}
}

func enrolledAnn() decision.State {
	s := ann()
	s.Methods = []org.Method{org.TOTP}
	return s
}

func check(t *testing.T, s decision.State, at time.Time, status decision.Status, reason decision.Reason) decision.Decision {
	t.Helper()
	d := decision.Decide(s, at)
	if d.Status != status || d.Reason != reason {
		t.Errorf("got %s (%s), want %s (%s)", d.Status, d.Reason, status, reason)
	}
	return d
}

func TestAnEnabledPolicyOffersEnrolment(t *testing.T) {
	d := check(t, ann(), noon, decision.Complete, decision.NotEnrolled)
	if !d.MayEnroll || d.Asserts {
		t.Errorf("offered %v, asserts %v", d.MayEnroll, d.Asserts)
	}
}

func TestAnEnrolledUserIsChallengedThoughNobodyForces(t *testing.T) {
	check(t, enrolledAnn(), noon, decision.Challenge, decision.MethodsAllowed)
}

func TestForcingBitesToTheSecond(t *testing.T) {
	s := ann()
	s.Policy.Status, s.Policy.EnforceFrom = org.Forced, noon
	check(t, s, noon.Add(-1), decision.Complete, decision.NotEnrolled)
	check(t, s, noon, decision.Enroll, decision.PolicyForces)
}

func TestGraceCountsFromTheLaterOfEnforcementAndRegistration(t *testing.T) {
	s := ann()
	s.Policy.Status, s.Policy.EnforceFrom, s.Policy.GraceDays = org.Forced, noon, 14
	end := noon.AddDate(0, 0, 14)
	if d := check(t, s, end.Add(-1), decision.Complete, decision.InGrace); !d.Until.Equal(end) {
		t.Errorf("the deadline is %v, want %v", d.Until, end)
	}
	check(t, s, end, decision.Enroll, decision.PolicyForces)

	s.RegisteredAt = noon.AddDate(0, 0, 10)
	later := noon.AddDate(0, 0, 24)
	if d := check(t, s, end, decision.Complete, decision.InGrace); !d.Until.Equal(later) {
		t.Errorf("a newcomer's deadline is %v, want %v", d.Until, later)
	}
	check(t, s, later, decision.Enroll, decision.PolicyForces)
}

// What is withdrawn from the organisation is gone at the next decision, whatever the policy says.
func TestWithoutTheEntitlementSMSIsAMethodNoLongerAllowed(t *testing.T) {
	s := ann()
	s.Policy.Methods, s.Methods = []org.Method{org.TOTP, org.SMS}, []org.Method{org.SMS}
	s.Entitlements.SMS = true
	check(t, s, noon, decision.Challenge, decision.MethodsAllowed)
	s.Entitlements.SMS = false
	check(t, s, noon, decision.Challenge, decision.MethodNotAllowed)
	s.Methods = []org.Method{org.SMS, org.TOTP}
	if d := check(t, s, noon, decision.Challenge, decision.MethodsAllowed); len(d.Methods) != 1 || d.Methods[0] != org.TOTP {
		t.Errorf("to choose from: %v", d.Methods)
	}
}

func TestAnExtensionNeverShortens(t *testing.T) {
	s := ann()
	s.Policy.Status, s.Policy.EnforceFrom, s.Policy.GraceDays = org.Forced, noon, 14
	s.Extended = noon.AddDate(0, 0, 7)
	if d := check(t, s, noon, decision.Complete, decision.InGrace); !d.Until.Equal(noon.AddDate(0, 0, 14)) {
		t.Errorf("the deadline is %v, want the policy's", d.Until)
	}
	s.Extended = noon.AddDate(0, 0, 21)
	if d := check(t, s, noon.AddDate(0, 0, 14), decision.Complete, decision.InGrace); !d.Until.Equal(s.Extended) {
		t.Errorf("the deadline is %v, want the extended one", d.Until)
	}
	check(t, s, s.Extended, decision.Enroll, decision.PolicyForces)
}

func TestAnExtensionHoldsForMailClientsToo(t *testing.T) {
	s := ann()
	s.Policy.Status, s.Service, s.Extended = org.Forced, "imap", noon.AddDate(0, 0, 7)
	check(t, s, noon, decision.Complete, decision.InGrace)
	check(t, s, s.Extended, decision.Denied, decision.AppPasswordsNotBought)
}

func TestARequiredUserOfAnEnabledPolicy(t *testing.T) {
	s := ann()
	s.Enforcement = user.Enforcement{Kind: user.Required}
	check(t, s, noon, decision.Enroll, decision.UserRequired)
}

func TestAnExemptionEndsByItself(t *testing.T) {
	s := ann()
	s.Policy.Status = org.Forced
	s.Enforcement = user.Enforcement{Kind: user.Exempt, Until: noon}
	check(t, s, noon.Add(-1), decision.Complete, decision.IsExempt)
	check(t, s, noon, decision.Enroll, decision.PolicyForces)
	s.Enforcement.Until = time.Time{} // an exemption without an end is none
	check(t, s, noon, decision.Enroll, decision.PolicyForces)
}

func TestAnEnrolledUsersMailClientNeedsAnAppPassword(t *testing.T) {
	s := enrolledAnn()
	s.Service = "imap"
	check(t, s, noon, decision.Denied, decision.AppPasswordsNotBought)
	s.Entitlements.AppPasswords = true
	check(t, s, noon, decision.Denied, decision.ServiceNotOffered)
	s.Policy.AppPasswordServices = []string{"imap"}
	check(t, s, noon, decision.Denied, decision.AppPasswordRequired)
}

func TestALockEndsToTheSecond(t *testing.T) {
	s := enrolledAnn()
	s.LockedUntil = noon
	if d := check(t, s, noon.Add(-1), decision.Denied, decision.IsLocked); !d.Until.Equal(noon) {
		t.Errorf("until %v", d.Until)
	}
	check(t, s, noon, decision.Challenge, decision.MethodsAllowed)
}

func TestATrustedDeviceNeedsAPolicyThatRemembers(t *testing.T) {
	s := enrolledAnn()
	s.TrustedDevice = true
	check(t, s, noon, decision.Challenge, decision.MethodsAllowed)
	s.Policy.RememberDevice = true
	if d := check(t, s, noon, decision.Complete, decision.TrustedDevice); !d.Asserts {
		t.Error("the device proves nothing")
	}
}

func TestAMethodNoLongerAllowedIsUsedOnceMore(t *testing.T) {
	s := enrolledAnn()
	s.Methods = []org.Method{org.Email}
	if d := check(t, s, noon, decision.Challenge, decision.MethodNotAllowed); d.EnrollAfter {
		t.Error("nobody obliges the user to enrol anew")
	}
	s.Policy.Status = org.Forced
	if d := check(t, s, noon, decision.Challenge, decision.MethodNotAllowed); !d.EnrollAfter || d.Asserts {
		t.Error("an obliged user must enrol anew before anything is asserted")
	}
}

func TestWithdrawingTheEntitlementLetsInAndProvesNothing(t *testing.T) {
	s := enrolledAnn()
	s.Policy.Status, s.Entitlements = org.Forced, org.Entitlements{}
	if d := check(t, s, noon, decision.Complete, decision.NotAvailable); d.Asserts || d.MayEnroll {
		t.Error("not available, and yet it asserts or offers enrolment")
	}
}
