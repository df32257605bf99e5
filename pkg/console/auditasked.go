package console

import (
	"net/url"

	"twofold/pkg/page"
	"twofold/pkg/report"
)

// auditAsked is what of an audit is asked for, as it was typed.
type auditAsked struct {
	period
	Actor, User   string
	Groups, Kinds []string
	Oldest        bool // first
}

// maxNamed is how many kinds may be named one by one: far more than there are.
const maxNamed = 200

func (v *visit) auditAsked() auditAsked {
	kinds := v.all("kind")
	return auditAsked{
		period: v.period(), Actor: v.form("actor"), User: v.form("user"), Groups: v.some("group", groupNames()...), Kinds: kinds[:min(len(kinds), maxNamed)],
		Oldest: v.form("order") == "asc",
	}
}

// query is what the workflow is asked.
func (a auditAsked) query() (report.EventQuery, error) {
	q := report.EventQuery{Actor: a.Actor, User: a.User, Kinds: kindsOf(a.Groups, a.Kinds), Descending: !a.Oldest, Limit: report.DefaultLimit}
	var err error
	if q.From, q.To, err = a.times(); err != nil {
		return q, err
	}
	if err := short(a.Actor, maxActor, "actor"); err != nil {
		return q, err
	}
	return q, short(a.User, maxUser, "user")
}

// values are what was asked as a query of an address.
func (a auditAsked) values() url.Values {
	q := url.Values{}
	a.put(q)
	put(q, "actor", a.Actor)
	put(q, "user", a.User)
	if a.Oldest {
		q.Set("order", "asc")
	}
	if len(a.Groups) > 0 {
		q["group"] = a.Groups
	}
	if len(a.Kinds) > 0 {
		q["kind"] = a.Kinds
	}
	return q
}

// fields are what is typed into the form, but for the kinds.
func (a auditAsked) fields(v *visit, prefix string) []page.Field {
	return append(a.period.fields(v, prefix),
		page.Field{Name: "actor", ID: prefix + "actor", Label: v.say.Say("console.logs.actor"), Value: a.Actor, MaxLength: maxActor, Optional: true},
		page.Field{Name: "user", ID: prefix + "user", Label: v.say.Say("console.logs.user"), Value: a.User, MaxLength: maxUser, Optional: true},
	)
}

// boxes are those of the kinds: one for each group, and for each kind that is asked for by itself.
func (a auditAsked) boxes(v *visit, prefix string) boxes {
	b := boxes{Title: v.say.Say("console.logs.kinds"), Open: len(a.Groups)+len(a.Kinds) > 0}
	for _, name := range groupNames() {
		b.add(prefix, "group", name, v.say.Say("console.kinds."+name), a.Groups)
	}
	for _, kind := range a.Kinds {
		b.add(prefix, "kind", kind, kind, a.Kinds)
	}
	return b
}
