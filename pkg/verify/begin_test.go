package verify_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// row is one decision that Begin can reach, with what it tells the application to do.
type row struct {
	name     string
	enrolled bool
	service  string
	given    func(f *fixture)
	status   decision.Status
	reason   decision.Reason
	rule     decision.Rule
	do       login.Do
	methods  []org.Method
	ways     []login.WayBack
}

var (
	justTOTP = []org.Method{org.TOTP}
	bothWays = []login.WayBack{login.MailedRecovery, login.SavedRecovery}
)

func forced(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Forced }) }

func forcedWithGrace(f *fixture) {
	f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 7 })
}

func exempt(f *fixture) {
	f.profile(eve, func(p *user.Profile) {
		p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now().Add(time.Hour)}
	})
}

func exemptBefore(f *fixture) {
	f.profile(eve, func(p *user.Profile) {
		p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now()}
	})
}

func required(f *fixture) {
	f.profile(eve, func(p *user.Profile) { p.Enforcement.Kind = user.Required })
}

func suspended(f *fixture) {
	f.factors(eve, func(x *user.Factors) { x.Throttle.Consecutive = throttle.SuspendAfter })
	f.profile(eve, func(p *user.Profile) { p.SuspendedAt = f.Clock.Now() })
}

func locked(f *fixture) {
	f.factors(eve, func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
}

func anotherMethod(f *fixture) {
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
}

var rows = []row{
	{
		name: "organisation not entitled", enrolled: true,
		given:  func(f *fixture) { f.organization(func(o *org.Organization) { o.Entitlements.TwoFactor = false }) },
		status: decision.Complete, reason: decision.NotAvailable, rule: decision.RuleEntitlement,
	},
	{
		name: "policy disabled", enrolled: true, given: func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) },
		status: decision.Complete, reason: decision.PolicyDisabled, rule: decision.RuleDisabled,
	},
	{
		name: "live exemption, enrolled", enrolled: true, given: exempt,
		status: decision.Complete, reason: decision.IsExempt, rule: decision.RuleExemption,
	},
	{
		name: "live exemption, not enrolled", given: exempt,
		status: decision.Complete, reason: decision.IsExempt, rule: decision.RuleExemption, do: login.DoEnroll, methods: justTOTP,
	},
	{
		name: "exemption over", enrolled: true, given: exemptBefore,
		status: decision.Challenge, reason: decision.MethodsAllowed, rule: decision.RuleVerify,
		do: login.DoAnswer, methods: justTOTP, ways: bothWays,
	},
	{
		name: "another service, enrolled, no app passwords bought", enrolled: true, service: "imap",
		status: decision.Denied, reason: decision.AppPasswordsNotBought, rule: decision.RuleServiceDenied,
	},
	{
		name: "another service, enrolled, none for it", enrolled: true, service: "imap",
		given:  func(f *fixture) { f.organization(func(o *org.Organization) { o.Entitlements.AppPasswords = true }) },
		status: decision.Denied, reason: decision.ServiceNotOffered, rule: decision.RuleServiceDenied,
	},
	{
		name: "another service, enrolled, one needed", enrolled: true, service: "imap",
		given: func(f *fixture) {
			f.organization(func(o *org.Organization) {
				o.Entitlements.AppPasswords, o.Policy.AppPasswordServices = true, []string{"imap"}
			})
		},
		status: decision.Denied, reason: decision.AppPasswordRequired, rule: decision.RuleServiceDenied,
	},
	{
		name: "another service, obliged and not enrolled", service: "imap", given: forced,
		status: decision.Denied, reason: decision.AppPasswordsNotBought, rule: decision.RuleServiceDenied,
	},
	{
		name: "another service, in grace", service: "imap", given: forcedWithGrace,
		status: decision.Complete, reason: decision.InGrace, rule: decision.RuleServiceOpen,
	},
	{
		name: "another service, not obliged", service: "imap",
		status: decision.Complete, reason: decision.NotEnrolled, rule: decision.RuleServiceOpen,
	},
	{
		name: "suspended", enrolled: true, given: suspended,
		status: decision.Denied, reason: decision.IsSuspended, rule: decision.RuleBarred, do: login.DoAnswer, ways: bothWays,
	},
	{
		name: "locked", enrolled: true, given: locked,
		status: decision.Denied, reason: decision.IsLocked, rule: decision.RuleBarred,
	},
	{
		name: "enrolled", enrolled: true,
		status: decision.Challenge, reason: decision.MethodsAllowed, rule: decision.RuleVerify,
		do: login.DoAnswer, methods: justTOTP, ways: bothWays,
	},
	{
		name: "enrolled, in a browser that says so", enrolled: true, service: decision.Web,
		status: decision.Challenge, reason: decision.MethodsAllowed, rule: decision.RuleVerify,
		do: login.DoAnswer, methods: justTOTP, ways: bothWays,
	},
	{
		name: "enrolled with a method no longer allowed", enrolled: true, given: anotherMethod,
		status: decision.Challenge, reason: decision.MethodNotAllowed, rule: decision.RuleOldMethod,
		do: login.DoAnswer, methods: justTOTP, ways: bothWays,
	},
	{
		name: "obliged, in grace", given: forcedWithGrace,
		status: decision.Complete, reason: decision.InGrace, rule: decision.RuleGrace, do: login.DoEnroll, methods: justTOTP,
	},
	{
		name: "forced, not enrolled", given: forced,
		status: decision.Enroll, reason: decision.PolicyForces, rule: decision.RuleEnroll, do: login.DoEnroll, methods: justTOTP,
	},
	{
		name: "required, not enrolled", given: required,
		status: decision.Enroll, reason: decision.UserRequired, rule: decision.RuleEnroll, do: login.DoEnroll, methods: justTOTP,
	},
	{
		name:   "not obliged, not enrolled",
		status: decision.Complete, reason: decision.NotEnrolled, rule: decision.RuleOpen, do: login.DoEnroll, methods: justTOTP,
	},
}

func TestBeginAnswersEveryDecision(t *testing.T) {
	for _, want := range rows {
		t.Run(want.name, func(t *testing.T) {
			f := newFixture(t)
			if want.enrolled {
				f.Enrolled(t, eve)
			} else {
				f.Login(t, eve)
			}
			if want.given != nil {
				want.given(f)
			}
			_, err := f.begin(verify.Begin{User: eve, Nonce: "n", Service: want.service}) // a service is written once
			f.must(err)
			f.untouched(eve, func() {
				got, err := f.begin(verify.Begin{User: eve, Nonce: "n", Service: want.service})
				f.must(err)
				want.check(f, got)
			})
		})
	}
}

func (want row) check(f *fixture, got login.Answer) {
	f.t.Helper()
	d := got.Decision
	if d.Status != want.status || d.Reason != want.reason || d.Rule != want.rule {
		f.t.Errorf("decided %s, %s by %s; want %s, %s by %s", d.Status, d.Reason, d.Rule, want.status, want.reason, want.rule)
	}
	if d.PolicyVersion != f.snapshot(eve).Organization.Policy.Version {
		f.t.Errorf("judged by version %d of the policy", d.PolicyVersion)
	}
	next := got.Next
	if next.Do != want.do || !slices.Equal(next.Methods, want.methods) || !slices.Equal(next.WaysBack, want.ways) {
		f.t.Errorf("next: %+v; want %q with %v and ways back %v", next, want.do, want.methods, want.ways)
	}
	if got.Assertion != "" || next.Setup != nil || got.RecoveryCodes != nil {
		f.t.Error("a beginning proved or showed something")
	}
	if got.Token == "" {
		f.t.Error("no token")
	}
}

func TestBeginSaysWhenALockOrAGraceEnds(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	registered := f.snapshot(eve).Profile.RegisteredAt
	forcedWithGrace(f)
	got, err := f.begin(verify.Begin{User: eve, Nonce: "n"})
	f.must(err)
	if want := registered.AddDate(0, 0, 7); !got.Decision.Until.Equal(want) {
		t.Errorf("grace until %v, want %v", got.Decision.Until, want)
	}
	locked(f)
	got, err = f.begin(verify.Begin{User: eve, Nonce: "n"})
	f.must(err)
	if want := f.Factors(t, eve).Throttle.LockedUntil; !got.Decision.Until.Equal(want) {
		t.Errorf("locked until %v, want %v", got.Decision.Until, want)
	}
}

func TestWaysBackAreThosePolicyOpensAndUserHas(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(f *fixture)
		want  []login.WayBack
	}{
		{"both", func(*fixture) {}, bothWays},
		{"no mailed codes", func(f *fixture) { f.policy(func(p *org.Policy) { p.Recovery.MailedCode = false }) }, bothWays[1:]},
		{"no saved codes", func(f *fixture) { f.policy(func(p *org.Policy) { p.Recovery.SavedCodes = false }) }, bothWays[:1]},
		{"no recovery email", func(f *fixture) {
			f.profile(eve, func(p *user.Profile) { p.RecoveryEmail, p.RecoveryDigest = nil, nil })
		}, bothWays[1:]},
		{"all saved codes used", func(f *fixture) {
			f.factors(eve, func(x *user.Factors) { x.RecoveryCodes.Used = 1<<10 - 1 })
		}, bothWays[:1]},
	} {
		f := newFixture(t)
		f.Enrolled(t, eve)
		c.given(f)
		got, err := f.begin(verify.Begin{User: eve, Nonce: "n"})
		f.must(err)
		if !slices.Equal(got.Next.WaysBack, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got.Next.WaysBack, c.want)
		}
	}
}
