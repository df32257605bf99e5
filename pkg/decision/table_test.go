package decision_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// row is one line of design §4's table. What it leaves out is empty in the decision.
type row struct {
	state  string
	fits   func(combination) bool
	status decision.Status
	reason func(combination) decision.Reason
	rule   decision.Rule
	until  func(combination) time.Time
	more   func(combination, *decision.Decision) // methods, and what comes with them
}

func always(r decision.Reason) func(combination) decision.Reason {
	return func(combination) decision.Reason { return r }
}

func either(c bool, yes, no decision.Reason) decision.Reason {
	if c {
		return yes
	}
	return no
}

func deadline(c combination) time.Time { return day(c.deadline()) }

// rows are design §4, in its order: the first that fits.
var rows = slices.Concat(freeRows, serviceRows, webRows)

var freeRows = []row{
	{
		state: "organisation not entitled", fits: func(c combination) bool { return !c.entitled },
		status: decision.Complete, reason: always("not_available"), rule: decision.RuleEntitlement,
	},
	{
		state: "policy disabled", fits: func(c combination) bool { return c.status == org.Disabled },
		status: decision.Complete, reason: always("policy_disabled"), rule: decision.RuleDisabled,
	},
	{
		state: "live exemption", fits: combination.exempted,
		status: decision.Complete, reason: always("exempt"), rule: decision.RuleExemption,
		until: func(c combination) time.Time { return day(c.exemptFor) },
		more:  func(c combination, d *decision.Decision) { d.MayEnroll = !c.enrolled() },
	},
}

var serviceRows = []row{
	{
		state:  "non-web service: enrolled, or obliged past grace",
		fits:   func(c combination) bool { return !c.web() && (c.enrolled() || c.pastGrace()) },
		status: decision.Denied, rule: decision.RuleServiceDenied,
		reason: func(c combination) decision.Reason {
			if !c.appPasswords {
				return "app_passwords_not_available"
			}
			return either(c.offered && c.service == "imap", "app_password_required", "service_not_offered")
		},
	},
	{
		state: "non-web service otherwise, obliged", fits: func(c combination) bool { return !c.web() && c.obliged() },
		status: decision.Complete, reason: always("grace"), rule: decision.RuleServiceOpen, until: deadline,
	},
	{
		state: "non-web service otherwise", fits: func(c combination) bool { return !c.web() },
		status: decision.Complete, reason: always("not_enrolled"), rule: decision.RuleServiceOpen,
	},
}

var webRows = []row{
	{
		state: "valid trusted device, policy remembers", fits: func(c combination) bool { return c.device && c.remembers },
		status: decision.Complete, reason: always("trusted_device"), rule: decision.RuleDevice,
		more: func(_ combination, d *decision.Decision) { d.Asserts = true },
	},
	{
		state: "suspended", fits: func(c combination) bool { return c.suspended },
		status: decision.Denied, reason: always("suspended"), rule: decision.RuleBarred,
	},
	{
		state: "locked", fits: func(c combination) bool { return c.lockedFor > 0 },
		status: decision.Denied, reason: always("locked"), rule: decision.RuleBarred,
		until: func(c combination) time.Time { return noon.Add(time.Duration(c.lockedFor) * time.Minute) },
	},
	{
		state: "enrolled, some method allowed", fits: func(c combination) bool { return len(c.allowed()) > 0 },
		status: decision.Challenge, reason: always("enrolled"), rule: decision.RuleVerify,
		more: func(c combination, d *decision.Decision) { d.Methods, d.Asserts = c.allowed(), true },
	},
	{
		state: "enrolled, only methods no longer allowed", fits: combination.enrolled,
		status: decision.Challenge, reason: always("method_not_allowed"), rule: decision.RuleOldMethod,
		more: func(c combination, d *decision.Decision) {
			d.Methods, d.EnrollAfter, d.Asserts = c.methods, c.pastGrace(), !c.pastGrace()
		},
	},
	{
		state:  "obliged, not enrolled, within grace",
		fits:   func(c combination) bool { return c.obliged() && !c.pastGrace() },
		status: decision.Complete, reason: always("grace"), rule: decision.RuleGrace, until: deadline,
		more: func(_ combination, d *decision.Decision) { d.MayEnroll = true },
	},
	{
		state: "obliged, not enrolled", fits: combination.obliged, status: decision.Enroll, rule: decision.RuleEnroll,
		reason: func(c combination) decision.Reason { return either(c.forcing(), "forced", "required") },
		more:   func(_ combination, d *decision.Decision) { d.MayEnroll, d.Asserts = true, true },
	},
	{
		state: "else", fits: func(combination) bool { return true },
		status: decision.Complete, reason: always("not_enrolled"), rule: decision.RuleOpen,
		more: func(_ combination, d *decision.Decision) { d.MayEnroll = true },
	},
}

func (r row) decision(c combination) decision.Decision {
	d := decision.Decision{Status: r.status, Reason: r.reason(c), Rule: r.rule, PolicyVersion: 7}
	if r.until != nil {
		d.Until = r.until(c)
	}
	if r.more != nil {
		r.more(c, &d)
	}
	return d
}

func TestEveryCombinationFollowsTheTable(t *testing.T) {
	used, total, wrong := map[string]int{}, 0, 0
	each(func(c combination) {
		first := slices.IndexFunc(rows, func(r row) bool { return r.fits(c) })
		want := rows[first].decision(c)
		used[rows[first].state]++
		total++
		if got := decision.Decide(c.state(), noon); !equal(got, want) {
			if wrong++; wrong <= 5 {
				t.Errorf("%v\nfits %q\ngot  %+v\nwant %+v", c, rows[first].state, got, want)
			}
		}
	})
	t.Logf("%d combinations, %d wrong", total, wrong)
	for _, r := range rows {
		if used[r.state] == 0 {
			t.Errorf("no combination fits the row %q: the table is not tested", r.state)
		}
	}
}

func equal(a, b decision.Decision) bool {
	if !a.Until.Equal(b.Until) || !slices.Equal(a.Methods, b.Methods) {
		return false
	}
	a.Until, b.Until, a.Methods, b.Methods = time.Time{}, time.Time{}, nil, nil
	return reflect.DeepEqual(a, b)
}
