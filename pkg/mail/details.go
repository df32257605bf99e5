package mail

import (
	"maps"
	"slices"
	"strings"
	"time"

	"twofold/pkg/audit"
)

// arrow stands between what was and what is, in the details of an event.
const arrow = " → "

// worded are the details whose values are words of ours; all others are names, ids and addresses that somebody chose, and stay as they are.
var worded = strings.Fields(`
	acknowledge_not_enrolled address after app_passwords confirmed_with default deadline enforcement enrollment_proof every_organization logo method methods outage pattern
	recovery.mail_codes recovery.mailed_code recovery.reenroll recovery.saved_codes recovery_email recovery_email_distinct remember_device reminders retention.audit_days role
	sender sms sms_countries sms_per_day status texts to two_factor user_limit way why`)

// ids are the details that are ids, or one word of ours instead.
var ids = map[string]string{"user": "nobody", "organizations": "all"}

// details are what an event or a proposal says has changed, in the order of the names, but for what is said elsewhere or says nothing to
// people. What a later version will have stored without a label here is shown by the name that it has.
func (v voice) details(of map[string]string, said ...string) []fact {
	var out []fact
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if omitted(name, said) {
			continue
		}
		label := strings.ReplaceAll(name, "_", " ")
		if v.Has("detail." + name) {
			label = v.Say("detail." + name)
		}
		out = append(out, v.fact(label, v.value(name, of[name])))
	}
	return out
}

// value is a detail in the language, word by word where it is made of words of ours, and its times as times.
func (v voice) value(name, value string) string {
	var sides []string
	for side := range strings.SplitSeq(value, arrow) {
		sides = append(sides, v.side(name, side))
	}
	return strings.Join(sides, arrow)
}

func (v voice) side(name, side string) string {
	if at, ok := timeOf(side); ok {
		return v.Time(at)
	}
	if until, ok := strings.CutPrefix(side, "exempt until "); ok && name == "enforcement" {
		if at, ok := timeOf(until); ok {
			return v.Say("word.exempt_until", "time", v.Time(at))
		}
	}
	switch {
	case side != "" && ids[name] == side:
		return v.Say("word." + side)
	case !slices.Contains(worded, name):
		return side
	}
	parts := strings.Split(side, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		word := strings.ReplaceAll(parts[i], " ", "_")
		for _, key := range []string{"word." + name + "." + word, "word." + word} {
			if v.Has(key) {
				parts[i] = v.Say(key)
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

// timeOf reads a time as events have it in words, or as policies have it.
func timeOf(s string) (time.Time, bool) {
	for _, layout := range []string{audit.Words, time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
