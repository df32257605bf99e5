package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/report"
)

func overviewRoutes(d desk) { d.get("", (*visit).overview) }

// trendDays are the days of the picture: those that may be chosen, the usual ones first.
var trendDays = []int{30, 90, 365}

// overview is the page of who has a second factor in an organisation, and how that changes by day.
type overview struct {
	summed
	Users  string    // where the table of users is
	Policy string    // its status, in words
	From   time.Time // from when on it forces; zero: it does not, or does at once
}

func (v *visit) overview() error {
	if !v.may(report.Rule) {
		return v.elsewhereFirst() // the first page of whoever may not see this one
	}
	days := v.days()
	sum, err := v.Reports.Summary(v.r.Context(), v.caller, v.home, days)
	if err != nil {
		return err
	}
	p := v.organization.Policy
	return v.shown(http.StatusOK, page.View{Body: "console/overview", Title: v.say.Say("console.overview.title"), Data: overview{
		summed: v.summed(sum, days), Users: v.at("/users"), Policy: v.say.Say("console.policy.status." + string(p.Status)), From: p.EnforceFrom,
	}})
}

// days are those that the picture is asked for with.
func (v *visit) days() int {
	asked, err := strconv.Atoi(v.form("days"))
	for _, d := range trendDays {
		if err == nil && d == asked {
			return d
		}
	}
	return trendDays[0]
}

// summed is a summary with the picture of its trend.
type summed struct {
	report.Summary
	Share    string
	Of       int // tenths of a percent
	Kinds    []count
	Ways     []count
	Picture  picture
	Choices  []page.Link
	Counting bool // nobody was counted yet
}

// count is how many there are of a kind, and where they are listed; nowhere where Path is empty.
type count struct {
	Name string
	Tone string
	N    int64
	Path string
}

func (v *visit) summed(sum report.Summary, days int) summed {
	s := summed{Summary: sum, Share: v.percent(sum.Percent()), Of: int(sum.Percent() * 10), Picture: pictured(sum.Trend), Counting: sum.AsOf.IsZero()}
	for _, status := range report.Statuses() {
		if n := sum.Statuses[status]; n > 0 {
			s.Kinds = append(s.Kinds, count{v.statusWord(status), statusTones[status], n, v.ofKind("status", string(status))})
		}
	}
	for _, m := range allMethods {
		if n := sum.Methods[m]; n > 0 {
			s.Ways = append(s.Ways, count{v.say.Say("prompt.method." + string(m)), "", n, v.ofKind("method", string(m))})
		}
	}
	for _, d := range trendDays {
		s.Choices = append(s.Choices, page.Link{Text: v.say.Say("console.trend.days", "days", strconv.Itoa(d)), Path: v.at("", "days", strconv.Itoa(d)), Current: d == days})
	}
	return s
}

// percent is a share as people of the page's language write it.
func (v *visit) percent(share float64) string {
	return strings.Replace(strconv.FormatFloat(share, 'f', 1, 64), ".", v.say.Say("console.decimal"), 1) + "\u00a0%"
}

// allMethods are those that somebody may have.
var allMethods = []org.Method{org.TOTP, org.Email, org.SMS}

// ofKind is where the users of a kind stand in a table: the vendor's pages have none.
func (v *visit) ofKind(name, value string) string {
	if v.home == access.VendorHome {
		return ""
	}
	return v.at("/users", name, value)
}

// statusWord is what a status of the report is called.
func (v *visit) statusWord(s report.Status) string { return v.say.Say("console.status." + string(s)) }

// statusTones are the colours that statuses have beside their words.
var statusTones = map[report.Status]string{
	report.Enrolled: "good", report.Pending: "warn", report.Overdue: "bad", report.ExemptUntil: "warn", report.Suspended: "bad", report.Bounced: "bad",
}
