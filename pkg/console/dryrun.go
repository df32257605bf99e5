package console

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"twofold/pkg/policy"
)

// dryRun is a dry run in words.
type dryRun struct {
	AsOf            time.Time // zero: nobody was counted yet
	Users, Enrolled int64
	Later           time.Time // what the second column is for
	Parts           []runPart
	Ended           string // services that have app passwords and would not any more; empty: none
}

// runPart is a part of the table.
type runPart struct {
	Title string
	Rows  []runRow
}

// runRow is a group of users: how many, today and later, and where they are listed.
type runRow struct {
	Name          string
	Among         bool // it is a part of the one above
	Today, Later  int64
	Path, LaterAt string // empty: nobody may see who they are
}

// fateGroup is a group of users of a dry run.
type fateGroup struct {
	of    policy.Group
	count func(policy.Forecast) int64
	among bool
}

// everybody are the groups of which each user is in one, and among them the exempt; lockedOut are those who are kept out or close to it.
var (
	everybody = []fateGroup{
		{policy.Group(policy.LetIn), func(f policy.Forecast) int64 { return f.LetIn }, false},
		{policy.GroupExempt, func(f policy.Forecast) int64 { return f.Exempt }, true},
		{policy.Group(policy.WithinGrace), func(f policy.Forecast) int64 { return f.WithinGrace }, false},
		{policy.Group(policy.Verify), func(f policy.Forecast) int64 { return f.Verify }, false},
		{policy.Group(policy.MustEnroll), func(f policy.Forecast) int64 { return f.MustEnroll }, false},
		{policy.Group(policy.MethodNotAllowed), func(f policy.Forecast) int64 { return f.LockedOut.MethodNotAllowed }, false},
		{policy.Group(policy.Suspended), func(f policy.Forecast) int64 { return f.LockedOut.Suspended }, false},
	}
	lockedOut = []fateGroup{
		{policy.GroupLockedOut, func(f policy.Forecast) int64 { return f.LockedOut.Total }, false},
		{policy.Group(policy.MethodNotAllowed), func(f policy.Forecast) int64 { return f.LockedOut.MethodNotAllowed }, true},
		{policy.Group(policy.Suspended), func(f policy.Forecast) int64 { return f.LockedOut.Suspended }, true},
		{policy.GroupRecoveryImpossible, func(f policy.Forecast) int64 { return f.LockedOut.RecoveryImpossible }, true},
		{policy.GroupExemptionEnding, func(f policy.Forecast) int64 { return f.LockedOut.ExemptionEnding }, true},
	}
)

// dryRun shows a dry run. users is where its users are listed; empty: nowhere.
func (v *visit) dryRun(r policy.DryRun, users string) dryRun {
	if !v.may(policy.ForetoldRule) {
		users = ""
	}
	shown := dryRun{AsOf: r.AsOf, Users: r.Users, Enrolled: r.Enrolled, Later: r.Later.At, Ended: commaList(r.ServicesEnded)}
	for _, p := range []struct {
		title  string
		groups []fateGroup
	}{{"console.dry.everybody", everybody}, {"console.dry.kept_out", lockedOut}} {
		rows := []runRow{}
		for _, g := range p.groups {
			rows = append(rows, runRowOf(v.groupName(g.of), g.of, g.count(r.Today), g.count(r.Later), users, g.among))
		}
		shown.Parts = append(shown.Parts, runPart{v.say.Say(p.title), rows})
	}
	if rows := v.clients(r, users); len(rows) > 0 {
		shown.Parts = append(shown.Parts, runPart{v.say.Say("console.dry.clients"), rows})
	}
	return shown
}

// clients are the services whose account password is refused.
func (v *visit) clients(r policy.DryRun, users string) []runRow {
	all := maps.Clone(r.Today.Refused)
	if all == nil {
		all = map[string]int64{}
	}
	maps.Copy(all, r.Later.Refused)
	var rows []runRow
	for _, service := range slices.Sorted(maps.Keys(all)) {
		rows = append(rows, runRowOf(service, policy.GroupClientRefused, r.Today.Refused[service], r.Later.Refused[service], users, false))
	}
	return rows
}

func runRowOf(name string, of policy.Group, today, later int64, users string, among bool) runRow {
	o := runRow{Name: name, Among: among, Today: today, Later: later}
	if users != "" {
		o.Path = users + "?" + url.Values{"group": {string(of)}}.Encode()
		o.LaterAt = users + "?" + url.Values{"group": {string(of)}, "later": {"yes"}}.Encode()
	}
	return o
}

func (v *visit) groupName(g policy.Group) string { return v.say.Say("console.dry." + string(g)) }

// groupOf is the group that is asked for; false: there is none of that name.
func groupOf(name string) (policy.Group, bool) {
	g := policy.Group(strings.TrimSpace(name))
	known := g == policy.GroupClientRefused || slices.ContainsFunc(slices.Concat(everybody, lockedOut), func(x fateGroup) bool { return x.of == g })
	return g, known
}
