package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizes are the numbers of users that docs/cost.md speaks of.
var sizes = []float64{1e3, 100e3, 10e6}

const sizesHead = " | 1,000 users | 100,000 users | 10 million users"

// tables are those of docs/cost.md, in its order, as Markdown.
func tables() []string {
	return []string{millionTable(), monthTable(), rivalsTable(), operationsTable(), doubtsTable(), pricesTable()}
}

func table(head string, rows [][]string) string {
	lines := []string{"| " + head + " |", "|" + strings.Repeat(" --- |", len(rows[0]))}
	for _, row := range rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}

func millionTable() string {
	columns := []use{loginTOTP.times(1e6), loginHosted.times(1e6), loginMail.times(1e6), enrolment.times(1e6)}
	total := []string{"**all of it**"}
	for _, u := range columns {
		total = append(total, "**"+dollars(u.cost())+"**")
	}
	var rows [][]string
	for m, p := range prices {
		row := []string{p.Name + ": " + p.Unit}
		for _, u := range columns {
			row = append(row, dollars(p.cost(u[m])))
		}
		if columns[3][m] > 0 { // an enrolment uses all that a login does
			rows = append(rows, row)
		}
	}
	return table("a million of each, $ | logins with TOTP | the same in the hosted prompt | logins by email | enrolments", append(rows, total))
}

func monthTable() string {
	mixed := loginDevice.times(remembered).plus(loginTrust.times(1 - remembered))
	var rows [][]string
	for _, way := range []struct {
		name  string
		login use
	}{{"TOTP", loginTOTP}, {"TOTP, three of four logins from a trusted device", mixed}, {"email", loginMail}} {
		row := []string{way.name}
		for _, users := range sizes {
			all := month(users, way.login).cost()
			row = append(row, fmt.Sprintf("%s (%s ¢ a user)", dollars(all), short(all/users*100, 2)))
		}
		rows = append(rows, row)
	}
	return table("a month, $"+sizesHead, rows)
}

func rivalsTable() string {
	own := func(login use) func(float64) float64 {
		return func(users float64) float64 { return month(users, login).cost() }
	}
	rows := [][]string{
		inSizes("Twofold, TOTP", "what AWS charges", own(loginTOTP), "above"),
		inSizes("Twofold, email", "what AWS charges", own(loginMail), "above"),
	}
	for _, r := range rivals {
		rows = append(rows, inSizes(link(r.Name, r.Page), r.Charges, r.Month, r.Seen.String()))
	}
	return table("a month, $ | charges"+sizesHead+" | read from", rows)
}

func inSizes(name, charges string, month func(float64) float64, seen string) []string {
	row := []string{name, charges}
	for _, users := range sizes {
		row = append(row, dollars(month(users)))
	}
	return append(row, seen)
}

func operationsTable() string {
	var rows [][]string
	for _, o := range operations {
		row := []string{o.Name}
		for _, n := range []float64{o.Milliseconds, o.Reads, o.Writes, o.Mails, o.InEnrolment} {
			row = append(row, short(n, 4))
		}
		rows = append(rows, row)
	}
	return table("operation | billed ms, assumed | read units | write units | mails | in an enrolment", rows)
}

// doubtsTable says what a million logins cost if an assumption is wrong.
func doubtsTable() string {
	some := func(u use, m meter, n float64) float64 { return prices[m].cost(u[m] * n) }
	var rows [][]string
	for _, d := range []struct {
		name  string
		extra func(use) float64
	}{
		{"as assumed", func(use) float64 { return 0 }},
		{"twice the billed milliseconds", func(u use) float64 { return some(u, gigabyteSecond, 1) }},
		{"four times", func(u use) float64 { return some(u, gigabyteSecond, 3) }},
		{"every tenth invocation a cold start", func(u use) float64 { return 9 * u[invocation] * starting.times(coldShare).cost() }},
		{"five times the logs", func(u use) float64 { return some(u, loggedGB, 4) + some(u, keptLogGB, 4) }},
		{"SES plan Essentials", func(u use) float64 { return u[mailSent] * (essentials - prices[mailSent].Each) }},
	} {
		row := []string{d.name}
		for _, u := range []use{loginTOTP.times(1e6), loginMail.times(1e6)} {
			row = append(row, dollars(u.cost()+d.extra(u)))
		}
		rows = append(rows, row)
	}
	return table("a million logins, $ | with TOTP | by email", rows)
}

func pricesTable() string {
	var rows [][]string
	for _, p := range prices {
		shown := short(p.Each, 6)
		if p.Each < 1e-3 {
			shown = short(p.Each/million, 6) + " a million"
		}
		if p.Tier > 0 {
			shown += fmt.Sprintf(", above %s million %s", short(p.Tier*million, 4), short(p.Above/million, 4))
		}
		rows = append(rows, []string{link(p.Name, p.Page), p.Unit, shown, p.Seen.String()})
	}
	return table("what | for each | $ | read from", rows)
}

func link(text, address string) string { return "[" + text + "](" + address + ")" }

func (s source) String() string { return link(s.Name, s.Address) + ", " + s.Date }

// short shows a number with at most so many digits that count, and never an exponent.
func short(n float64, digits int) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'g', digits, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// dollars shows cents below a thousand, above it whole dollars with commas.
func dollars(n float64) string {
	if math.Round(n*100) < 1000*100 {
		return strconv.FormatFloat(n, 'f', 2, 64)
	}
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
