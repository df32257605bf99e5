package org

import "strconv"

// Entitlements are what the system administrator grants (design §3). The zero value grants nothing and limits nothing.
type Entitlements struct {
	TwoFactor    bool
	SMS          bool
	AppPasswords bool
	Sender       bool // mail from the organisation's own domain
	UserLimit    int  // how many users may be enrolled; 0: any number
	SMSPerDay    int  // how many SMS may be sent in a day; 0: any number
}

// MaxLimit is the largest number that a limit may be.
const MaxLimit = 100_000_000

// The names of entitlements, as they stand in the API and in the audit.
const (
	EntitledTwoFactor    = "two_factor"
	EntitledSMS          = "sms"
	EntitledAppPasswords = "app_passwords"
	EntitledSender       = "sender"
	LimitUsers           = "user_limit"
	LimitSMSPerDay       = "sms_per_day"
)

// entitled are the entitlements by name, in the order in which they are told.
var entitled = []struct {
	name    string
	granted func(Entitlements) bool
}{
	{EntitledTwoFactor, func(e Entitlements) bool { return e.TwoFactor }},
	{EntitledSMS, func(e Entitlements) bool { return e.SMS }},
	{EntitledAppPasswords, func(e Entitlements) bool { return e.AppPasswords }},
	{EntitledSender, func(e Entitlements) bool { return e.Sender }},
}

var limits = []struct {
	name string
	of   func(Entitlements) int
}{
	{LimitUsers, func(e Entitlements) int { return e.UserLimit }},
	{LimitSMSPerDay, func(e Entitlements) int { return e.SMSPerDay }},
}

// Differences are what e changes, each as "before → after", for the audit.
func (e Entitlements) Differences(before Entitlements) map[string]string {
	changed := map[string]string{}
	for _, x := range entitled {
		if was, is := x.granted(before), x.granted(e); was != is {
			changed[x.name] = strconv.FormatBool(was) + " → " + strconv.FormatBool(is)
		}
	}
	for _, x := range limits {
		if was, is := x.of(before), x.of(e); was != is {
			changed[x.name] = limit(was) + " → " + limit(is)
		}
	}
	return changed
}

func limit(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

// Withdraws names what e takes away: entitlements that are not granted any more, limits that are lower.
func (e Entitlements) Withdraws(before Entitlements) []string {
	var names []string
	for _, x := range entitled {
		if x.granted(before) && !x.granted(e) {
			names = append(names, x.name)
		}
	}
	for _, x := range limits {
		if was, is := x.of(before), x.of(e); is != 0 && (was == 0 || is < was) {
			names = append(names, x.name)
		}
	}
	return names
}
