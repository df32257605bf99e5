package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"twofold/pkg/org"
)

// setting is one of a policy's, as its name in org.Policy.Differences and in refusals.
type setting struct {
	name string
	fill func(p org.Policy) []string         // what a form of the policy holds
	take func(p *org.Policy, typed []string) // what was typed, into the policy that stands; what is none becomes what the rules refuse
	say  func(v *visit, p org.Policy) string // in words
}

// policySettings are all of them, in the order in which they are shown.
var policySettings = []setting{
	wordSetting("status", "console.policy.status.", func(p *org.Policy) *org.Status { return &p.Status }),
	{"enforce_from", fillFrom, takeFrom, (*visit).sayFrom},
	numberSetting("grace_days", "day", func(p *org.Policy) *int { return &p.GraceDays }),
	{"methods", fillMethods, takeMethods, (*visit).sayMethods},
	{"sms_countries", fillCountries, takeCountries, (*visit).sayCountries},
	flagSetting("remember_device", func(p *org.Policy) *bool { return &p.RememberDevice }),
	numberSetting("remember_days", "day", func(p *org.Policy) *int { return &p.RememberDays }),
	{"app_password_services", fillServices, takeServices, (*visit).sayServices},
	flagSetting("recovery.mailed_code", func(p *org.Policy) *bool { return &p.Recovery.MailedCode }),
	flagSetting("recovery.saved_codes", func(p *org.Policy) *bool { return &p.Recovery.SavedCodes }),
	flagSetting("recovery.mail_codes", func(p *org.Policy) *bool { return &p.Recovery.MailCodes }),
	flagSetting("recovery.reenroll", func(p *org.Policy) *bool { return &p.Recovery.Reenroll }),
	numberSetting("recovery.delay_hours", "hour", func(p *org.Policy) *int { return &p.Recovery.DelayHours }),
	wordSetting("enrollment_proof", "console.set.enrollment_proof.", func(p *org.Policy) *org.Proof { return &p.EnrollmentProof }),
	flagSetting("recovery_email_distinct", func(p *org.Policy) *bool { return &p.RecoveryEmailDistinct }),
	wordSetting("outage", "console.set.outage.", func(p *org.Policy) *org.Outage { return &p.Outage }),
	{"retention.audit_days", fillAudit, takeAudit, (*visit).sayAudit},
	numberSetting("retention.sign_in_days", "day", func(p *org.Policy) *int {
		p.Retention = p.Retention.Stated()
		return &p.Retention.SignInDays
	}),
}

// saidSetting is a setting in words.
type saidSetting struct{ Name, Text, Means string }

func (v *visit) settings(p org.Policy) []saidSetting {
	var all []saidSetting
	for _, s := range policySettings {
		all = append(all, saidSetting{v.say.Say("console.set." + s.name), s.say(v, p), v.say.Say("console.set." + s.name + ".means")})
	}
	return all
}

// altered is a setting that one policy has otherwise than the one before.
type altered struct {
	Name, Before, After string
	Weakens             bool
}

func (v *visit) alterations(after, before org.Policy) []altered {
	changed, weaker := after.Differences(before), after.Weakenings(before)
	var all []altered
	for _, s := range policySettings {
		if _, is := changed[s.name]; is {
			all = append(all, altered{v.say.Say("console.set." + s.name), s.say(v, before), s.say(v, after), slices.Contains(weaker, s.name)})
		}
	}
	return all
}

// wordSetting is a setting that is one of several words, whose texts have a prefix.
func wordSetting[T ~string](name, prefix string, at func(*org.Policy) *T) setting {
	return setting{
		name: name,
		fill: func(p org.Policy) []string { return []string{string(*at(&p))} },
		take: func(p *org.Policy, typed []string) { *at(p) = T(firstTyped(typed)) },
		say:  func(v *visit, p org.Policy) string { return v.say.Say(prefix + string(*at(&p))) },
	}
}

// flagSetting is a setting that is on or off.
func flagSetting(name string, at func(*org.Policy) *bool) setting {
	return setting{
		name: name,
		fill: func(p org.Policy) []string {
			if *at(&p) {
				return []string{"yes"}
			}
			return nil
		},
		take: func(p *org.Policy, typed []string) { *at(p) = firstTyped(typed) != "" },
		say: func(v *visit, p org.Policy) string {
			if *at(&p) {
				return v.say.Say("console.set.yes")
			}
			return v.say.Say("console.set.no")
		},
	}
}

// numberSetting is a setting that is so many of a unit.
func numberSetting(name, unit string, at func(*org.Policy) *int) setting {
	return setting{
		name: name,
		fill: func(p org.Policy) []string { return []string{strconv.Itoa(*at(&p))} },
		take: func(p *org.Policy, typed []string) {
			n := typedInteger(firstTyped(typed))
			if n == 0 && name == "retention.sign_in_days" {
				n = refusedNumber // zero is stored for the longest
			}
			*at(p) = n
		},
		say: func(v *visit, p org.Policy) string { return v.counted(*at(&p), unit) },
	}
}

// counted is so many of a unit in words.
func (v *visit) counted(n int, unit string) string {
	if n == 1 {
		return v.say.Say("console.set.one_" + unit)
	}
	return v.say.Say("console.set.some_"+unit+"s", "n", strconv.Itoa(n))
}

// refusedNumber is what no rule takes, in the place of what is no number.
const refusedNumber = -1

func typedInteger(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return refusedNumber
	}
	return n
}

func firstTyped(typed []string) string {
	if len(typed) == 0 {
		return ""
	}
	return strings.TrimSpace(typed[0])
}

func commaList(all []string) string { return strings.Join(all, ", ") }

// typedNames are the words of a list as people type it.
func typedNames(typed []string) []string {
	return strings.FieldsFunc(firstTyped(typed), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}

// timeLayout is how a form has a time, in UTC.
const timeLayout = "2006-01-02T15:04"

// refusedTime is long past: what no rule takes, in the place of what is no time.
var refusedTime = time.Unix(1, 0).UTC()

// readTime reads a time as a form has it; zero: none was typed.
func readTime(typed string) time.Time {
	if typed == "" {
		return time.Time{}
	}
	for _, layout := range []string{timeLayout, timeLayout + ":05", "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, typed); err == nil && !at.IsZero() {
			return at
		}
	}
	return refusedTime
}

// typedTime is a time as a form has it.
func typedTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(timeLayout)
}
