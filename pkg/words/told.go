package words

import (
	"slices"
	"strings"
	"time"
)

// arrow stands between what was and what is, in the details of an event.
const arrow = " → "

// worded are the details whose values are words of ours; all others are names, ids and addresses that somebody chose, and stay as they are.
var worded = strings.Fields(`
	acknowledge_not_enrolled address after app_passwords confirmed_with default deadline enforcement enrollment_proof every_organization imported logo method methods outage pattern
	recovery.mail_codes recovery.mailed_code recovery.reenroll recovery.saved_codes recovery_email recovery_email_distinct remember_device reminders retention.audit_days role
	sender sms sms_countries sms_per_day status texts to two_factor user_limit way why`)

// ids are the details that are ids, or one word of ours instead.
var ids = map[string]string{"user": "nobody", "organizations": "all"}

// times are the layouts of a time in a detail: as events have it in words (audit.Words), and as policies have it.
var times = []string{"2 January 2006, 15:04 MST", time.RFC3339}

// Told is the value of an event's detail in the language, word by word where it is made of words of ours, and its times as times. It is for
// catalogues that have what is told.
func (c *Catalogue) Told(name, value string) string {
	var sides []string
	for side := range strings.SplitSeq(value, arrow) {
		sides = append(sides, c.side(name, side))
	}
	return strings.Join(sides, arrow)
}

func (c *Catalogue) side(name, side string) string {
	if at, ok := timeOf(side); ok {
		return c.Time(at)
	}
	if until, ok := strings.CutPrefix(side, "exempt until "); ok && name == "enforcement" {
		if at, ok := timeOf(until); ok {
			return c.Say("word.exempt_until", "time", c.Time(at))
		}
	}
	switch {
	case side != "" && ids[name] == side:
		return c.Say("word." + side)
	case !slices.Contains(worded, name):
		return side
	}
	parts := strings.Split(side, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		word := strings.ReplaceAll(parts[i], " ", "_")
		for _, key := range []string{"word." + name + "." + word, "word." + word} {
			if c.Has(key) {
				parts[i] = c.Say(key)
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

func timeOf(s string) (time.Time, bool) {
	for _, layout := range times {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
