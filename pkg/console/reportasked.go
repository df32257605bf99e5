package console

import (
	"net/url"
	"strings"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/report"
)

// reportAsked is whom of the enrolment report is asked for, as it was typed.
type reportAsked struct {
	Statuses          []string
	Method            string
	UserPrefix, Email string
}

// statusNames are all statuses that a user may have in the report.
func statusNames() []string {
	var names []string
	for _, s := range append(report.Statuses(), report.Bounced) {
		names = append(names, string(s))
	}
	return names
}

// maxEmail is how long an address may be, in characters (RFC 5321, errata 1690).
const maxEmail = 254

func (v *visit) reportAsked() reportAsked {
	return reportAsked{
		Statuses: v.some("status", statusNames()...), Method: v.one("method", methods...), UserPrefix: v.form("user_prefix"), Email: v.form("email_prefix"),
	}
}

// query is what the workflow is asked: by id, which never changes, so that nobody is on two parts or on none.
func (a reportAsked) query() (report.Query, error) {
	q := report.Query{Sort: report.ByUser, Filter: report.Filter{Method: org.Method(a.Method), UserPrefix: a.UserPrefix, EmailPrefix: a.Email}}
	for _, s := range a.Statuses {
		q.Filter.Statuses = append(q.Filter.Statuses, report.Status(s))
	}
	if err := short(a.UserPrefix, maxUser, "user_prefix"); err != nil {
		return q, err
	}
	return q, short(a.Email, maxEmail, "email_prefix")
}

// signed is the query as the API calls it.
func (a reportAsked) signed() url.Values {
	q := url.Values{"sort": {string(report.ByUser)}}
	put(q, "status", strings.Join(a.Statuses, ","))
	put(q, "method", a.Method)
	put(q, "user_prefix", a.UserPrefix)
	put(q, "email_prefix", a.Email)
	return q
}

func (a reportAsked) values() url.Values {
	q := a.signed()
	q.Del("sort")
	if q.Del("status"); len(a.Statuses) > 0 {
		q["status"] = a.Statuses
	}
	return q
}

func (a reportAsked) fields(v *visit, prefix string) []page.Field {
	return []page.Field{
		{Name: "user_prefix", ID: prefix + "user", Label: v.say.Say("console.logs.user_prefix"), Value: a.UserPrefix, MaxLength: maxUser, Optional: true},
		{Name: "email_prefix", ID: prefix + "email", Label: v.say.Say("console.logs.email_prefix"), Value: a.Email, MaxLength: maxEmail, Optional: true},
		v.choice(prefix+"method", "method", v.say.Say("console.logs.method"), a.Method, methods, v.wayWord),
	}
}

func (a reportAsked) boxes(v *visit, prefix string) boxes {
	b := boxes{Title: v.say.Say("console.logs.statuses"), Open: len(a.Statuses) > 0}
	for _, s := range statusNames() {
		b.add(prefix, "status", s, v.statusWord(report.Status(s)), a.Statuses)
	}
	return b
}
