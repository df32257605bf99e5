package console

import (
	"net/url"

	"twofold/pkg/page"
	"twofold/pkg/signin"
)

// signInsAsked is what of the log is asked for, as it was typed.
type signInsAsked struct {
	period
	User, Outcome, Way string
	Oldest             bool
}

func (v *visit) signInsAsked() signInsAsked {
	return signInsAsked{
		period: v.period(), User: v.form("user"), Outcome: v.one("outcome", outcomes...), Way: v.one("method", ways...), Oldest: v.form("order") == "asc",
	}
}

// query is what the workflow is asked.
func (a signInsAsked) query() (signin.Query, signin.Filter, error) {
	q := signin.Query{User: a.User, Descending: !a.Oldest, Limit: signin.DefaultLimit}
	var err error
	if q.From, q.To, err = a.times(); err == nil {
		err = short(a.User, maxUser, "user")
	}
	return q, signin.Filter{Outcome: signin.Outcome(a.Outcome), Way: a.Way}, err
}

func (a signInsAsked) values() url.Values {
	q := url.Values{}
	a.put(q)
	put(q, "user", a.User)
	put(q, "outcome", a.Outcome)
	put(q, "method", a.Way)
	if a.Oldest {
		q.Set("order", "asc")
	}
	return q
}

func (a signInsAsked) fields(v *visit, prefix string) []page.Field {
	return append(a.period.fields(v, prefix),
		page.Field{Name: "user", ID: prefix + "user", Label: v.say.Say("console.logs.user"), Value: a.User, MaxLength: maxUser, Optional: true},
		v.choice(prefix+"outcome", "outcome", v.say.Say("console.logs.outcome"), a.Outcome, outcomes, v.outcomeWord),
		v.choice(prefix+"method", "method", v.say.Say("console.logs.method"), a.Way, ways, v.wayWord),
	)
}
