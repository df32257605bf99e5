package dynamo

import (
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/signin"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// SignInOf reads the code that a stream record says was judged: of factors, or of what failed at app passwords from one source. false if
// none was.
func SignInOf(record events.DynamoDBEventRecord) (signin.Seen, bool, error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil {
		return signin.Seen{}, false, err
	}
	switch k := image.key(); {
	case k.sk == factorsSort:
		f, err := decodeFactors(image)
		return ofFactors(f), err == nil && f.Tried.Way != "", err
	case strings.HasPrefix(k.sk, appLimitPrefix):
		l, err := decodeAppLimit(image)
		return ofAppLimit(l), err == nil && len(l.Throttle.Failures) > 0, err
	}
	return signin.Seen{}, false, nil
}

func ofFactors(f user.Factors) signin.Seen {
	t := f.Tried
	e := signin.Entry{
		Organization: f.Organization, User: f.User, At: t.At, ID: signin.IDOf(f.User, "", f.Rev),
		Outcome: signin.Right, Way: t.Way, For: t.For, Address: t.Address,
	}
	if t.Right {
		return signin.Seen{Entry: e}
	}
	e.Reason = signin.NotRight
	if t.Void {
		e.Reason = signin.NotOpen
	}
	return missed(e, f.Throttle)
}

// ofAppLimit: each write of the item counts one app password that was wrong, and nothing else writes it.
func ofAppLimit(l user.AppLimit) signin.Seen {
	e := signin.Entry{
		Organization: l.Organization, User: l.User, ID: signin.IDOf(l.User, l.Source, l.Rev),
		Reason: signin.NotRight, Way: signin.AppPassword, For: signin.AppPassword,
	}
	if !strings.HasPrefix(l.Source, "key ") {
		e.Address = l.Source
	}
	if n := len(l.Throttle.Failures); n > 0 {
		e.At = l.Throttle.Failures[n-1]
	}
	return missed(e, l.Throttle)
}

// missed says what a wrong code led to.
func missed(e signin.Entry, s throttle.State) signin.Seen {
	e.Outcome = signin.Wrong
	until, locked := s.Locked(e.At)
	switch {
	case e.Way != signin.AppPassword && s.Suspended():
		e.Outcome = signin.Suspended
	case locked:
		e.Outcome, e.LockedUntil = signin.Locked, until
	}
	seen := signin.Seen{Entry: e}
	for _, at := range s.Failures {
		if e.At.Sub(at) < signin.Window {
			seen.Failures++
		}
	}
	return seen
}

// budgets are the counts of messages that are a pattern where nearly all is used up, by their names: see mail.Spending.
var budgets = map[string]signin.Pattern{
	"mailbox": signin.BombingMailbox, "mail": signin.BombingOrganization, "prefix": signin.BombingPrefix, "organization": signin.BombingSMS,
}

// SpentOf reads a count of messages that a stream record wrote, of one organisation; false if it is none. What several organisations share,
// what is reserved for each, and notices, are none: so few are reserved that whoever waits for a code uses them up.
func SpentOf(record events.DynamoDBEventRecord) (signin.Spent, bool, error) {
	image, err := streamed(record.Change.NewImage)
	if err != nil || image.key().sk != spentSort {
		return signin.Spent{}, false, err
	}
	name := strings.Split(strings.TrimPrefix(image.key().pk, spentPrefix), "#")
	must, may, failed := read("SPENT", image)
	spent := signin.Spent{Used: must.number("n"), Limit: may.number("limit")}
	if len(name) < 3 || *failed != nil {
		return spent, false, *failed
	}
	var window time.Time
	for _, layout := range []string{"2006-01-02T15", time.DateOnly} {
		if at, err := time.Parse(layout, name[0]); err == nil {
			window = at
		}
	}
	spent.Pattern, spent.Window, spent.Organization = budgets[name[1]], window, name[len(name)-1]
	if spent.Pattern != signin.BombingOrganization { // each of whose counts is a part of one
		spent.Subject = strings.Join(name[2:len(name)-1], " ")
	}
	shared := len(name) == 3 && spent.Pattern != signin.BombingSMS // no organisation's own
	return spent, spent.Pattern != "" && !window.IsZero() && !shared, nil
}
