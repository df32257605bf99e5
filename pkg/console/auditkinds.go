package console

import (
	"slices"
	"strings"

	"twofold/pkg/audit"
)

// kindGroup are kinds of events that are looked for together, by what their names begin with.
type kindGroup struct {
	name     string
	prefixes []string
}

// kindGroups hold every kind once.
var kindGroups = []kindGroup{
	{"users", []string{"user", "users"}},
	{"factors", []string{"authenticator", "recovery", "recovery_codes", "recovery_email", "bypass", "ticket"}},
	{"devices", []string{"device", "devices"}},
	{"app_passwords", []string{"app_password"}},
	{"policy", []string{"policy", "allowance", "entitlements", "organization"}},
	{"people", []string{"administrator", "application", "key", "system"}},
	{"impersonation", []string{"impersonation"}},
	{"mail", []string{"sender", "branding", "announcement", "announcements"}},
	{"webhook", []string{"webhook"}},
	{"patterns", []string{"pattern"}},
}

func (g kindGroup) has(k audit.Kind) bool {
	prefix, _, _ := strings.Cut(string(k), ".")
	return slices.Contains(g.prefixes, prefix)
}

// groupNames are those of all groups.
func groupNames() []string {
	var names []string
	for _, g := range kindGroups {
		names = append(names, g.name)
	}
	return names
}

// kindsOf are the kinds of groups, and those that are named one by one.
func kindsOf(groups, named []string) []audit.Kind {
	var kinds []audit.Kind
	for _, k := range named {
		kinds = append(kinds, audit.Kind(k))
	}
	for _, g := range kindGroups {
		for _, k := range audit.Kinds() {
			if slices.Contains(groups, g.name) && g.has(k) && !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
	}
	return kinds
}
