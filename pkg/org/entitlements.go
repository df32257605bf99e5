package org

import (
	"cmp"
	"strconv"

	"twofold/pkg/fault"
)

// ErrNoCountries refuses to grant SMS that could go nowhere.
var ErrNoCountries = fault.New(fault.Unprocessable, "sms_countries_missing", "SMS go to the countries that are named only. Name at least one.").At("entitlements.sms_countries")

// Entitlements are what the system administrator grants (design §3). The zero value grants nothing and limits nothing.
type Entitlements struct {
	TwoFactor    bool
	SMS          bool
	AppPasswords bool
	Sender       bool // mail from the organisation's own domain
	UserLimit    int  // how many users may be enrolled; 0: any number
	SMSPerDay    int  // how many SMS may be sent in a day; 0: any number
	SMSCountries Countries
	// SMSOrigination is what the organisation's SMS come from instead of what the deployment's do; empty: those.
	SMSOrigination string
}

// Check judges what a system administrator grants. What was stored is not judged by it.
func (e Entitlements) Check(o Originations) error {
	if e.SMS && e.SMSCountries == "" {
		return ErrNoCountries
	}
	return o.Check(e.SMSOrigination)
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
	EntitledSMSCountries = "sms_countries"

	ChosenSMSOrigination = "sms_origination"
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
	if before.SMSCountries != e.SMSCountries {
		changed[EntitledSMSCountries] = listed(before.SMSCountries) + " → " + listed(e.SMSCountries)
	}
	if before.SMSOrigination != e.SMSOrigination {
		changed[ChosenSMSOrigination] = cmp.Or(before.SMSOrigination, "default") + " → " + cmp.Or(e.SMSOrigination, "default")
	}
	return changed
}

func listed(c Countries) string {
	if c == "" {
		return "none"
	}
	return string(c)
}

func limit(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

// Withdraws names what e takes away: entitlements that are not granted any more, limits that are lower, countries where SMS stay granted.
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
	if withdrawn := before.SMS && !e.SMS; !withdrawn && !before.SMSCountries.Within(e.SMSCountries) {
		names = append(names, EntitledSMSCountries)
	}
	return names
}
