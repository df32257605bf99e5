package decision_test

import (
	"slices"
	"testing"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// That a user's numbers have opted out changes nothing of a decision but what is offered: the others, in their order, where there
// are any.
func TestSMSThatStopAreOfferedLast(t *testing.T) {
	for _, methods := range [][]org.Method{{org.SMS}, {org.SMS, org.TOTP}, {org.TOTP, org.SMS}, {org.SMS, org.Email}, {org.TOTP}, {org.SMS, org.Email, org.TOTP}} {
		for _, allowed := range [][]org.Method{{org.SMS}, {org.SMS, org.TOTP}, {org.TOTP}, {org.Email, org.SMS}} {
			s := combination{entitled: true, status: org.Forced, enforceFrom: -30, registered: -400, methods: methods}.state()
			s.Policy.Methods, s.Entitlements.SMS = allowed, true
			before := decision.Decide(s, noon)
			s.TextsStop = true
			got := decision.Decide(s, noon)
			if left := slices.DeleteFunc(slices.Clone(before.Methods), func(m org.Method) bool { return m == org.SMS }); len(left) > 0 {
				before.Methods = left
			}
			if !equal(got, before) || !slices.Equal(got.Methods, before.Methods) {
				t.Errorf("%v, allowed %v: %+v, want %+v", methods, allowed, got, before)
			}
		}
	}
}
