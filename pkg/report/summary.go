package report

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Summary is how many users there are of each kind. It is made from counts, so it costs the same whatever the number of users; true to the day,
// a moment behind. Bounced is no kind of it: those are counted by what they are besides.
type Summary struct {
	AsOf     time.Time // when something was counted last; zero: never
	Policy   int64     // the version that the statuses follow from; 0 in a summary of all organisations
	Users    int64
	Enrolled int64            // have a second factor, even a suspended one
	Statuses map[Status]int64 // every user once
	Methods  map[org.Method]int64
	Trend    []TrendDay // of each day up to today
}

// TrendDay is how many there were at the end of a day (UTC), or are by now.
type TrendDay struct {
	Day      user.Day
	Users    int64
	Enrolled int64
}

// Percent is the share of users who have a second factor, in tenths of a percent, cut; 0 of nobody.
func (s Summary) Percent() float64 { return percent(s.Enrolled, s.Users) }

func percent(enrolled, users int64) float64 {
	if users <= 0 {
		return 0
	}
	return float64(enrolled*1000/users) / 10
}

// Summary is that of an organisation, with the trend of so many days.
func (s *Service) Summary(ctx context.Context, c access.Caller, organization string, days int) (Summary, error) {
	now := s.Now()
	o, err := s.organization(ctx, c, Rule, organization, now)
	if err != nil {
		return Summary{}, err
	}
	counts, err := s.Store.Counts(ctx, organization)
	if err != nil {
		return Summary{}, fault.Down(err)
	}
	since := min(firstDay(now, days), graceDay(*o, now))
	counted, err := s.Store.Days(ctx, organization, since)
	if err != nil {
		return Summary{}, fault.Down(err)
	}
	sum := Summary{Policy: o.Policy.Version, Statuses: map[Status]int64{}, Methods: map[org.Method]int64{}}
	sum.add(*o, counts, counted, now)
	sum.Trend = sum.trend(counted, days, now)
	return sum, nil
}

// SystemSummary is that of all organisations. It reads the counts of each, and the days of those where somebody is within the grace.
func (s *Service) SystemSummary(ctx context.Context, c access.Caller, days int) (Summary, error) {
	now := s.Now()
	if err := s.vendor(ctx, c, SystemRule); err != nil {
		return Summary{}, err
	}
	tallies, err := s.Store.Tallies(ctx)
	if err != nil {
		return Summary{}, fault.Down(err)
	}
	counted, err := s.Store.Days(ctx, Everyone, firstDay(now, days))
	if err != nil {
		return Summary{}, fault.Down(err)
	}
	sum := Summary{Statuses: map[Status]int64{}, Methods: map[org.Method]int64{}}
	for some := range slices.Chunk(tallies, organizationsAtATime) {
		if err := s.addAll(ctx, &sum, some, now); err != nil {
			return Summary{}, err
		}
	}
	sum.Trend = sum.trend(counted, days, now)
	return sum, nil
}

const organizationsAtATime = 100

func (s *Service) addAll(ctx context.Context, sum *Summary, tallies []user.Tally, now time.Time) error {
	ids := make([]string, len(tallies))
	for i, t := range tallies {
		ids[i] = t.Organization
	}
	known, err := s.Store.Organizations(ctx, ids...)
	if err != nil {
		return fault.Down(err)
	}
	for _, t := range tallies {
		o, there := known[t.Organization]
		if !there {
			continue
		}
		var counted []user.DayCounts
		if since := graceDay(o, now); since <= user.On(now) && oblige(o, t.Counts, now) {
			if counted, err = s.Store.Days(ctx, o.ID, since); err != nil {
				return fault.Down(err)
			}
		}
		sum.add(o, t.Counts, counted, now)
	}
	return nil
}

// oblige reports whether somebody of an organisation must enrol by now, and so may be within the grace.
func oblige(o org.Organization, counts user.Counts, now time.Time) bool {
	for class, n := range counts.ByClass {
		if n > 0 && class.Methods == "" && status(o, ofClass(o, class, time.Time{}), now) == Overdue {
			return true
		}
	}
	return false
}

// add counts an organisation's users in. Of a class it is not known when its users registered, so they count as registered long ago; those who
// have not, are told by the days on which they did.
func (s *Summary) add(o org.Organization, counts user.Counts, days []user.DayCounts, now time.Time) {
	if counts.AsOf.After(s.AsOf) {
		s.AsOf = counts.AsOf
	}
	s.Enrolled += counts.Enrolled()
	for class, n := range counts.ByClass {
		s.Users += n
		s.Statuses[status(o, ofClass(o, class, time.Time{}), now)] += n
		for _, m := range class.List() {
			s.Methods[m] += n
		}
	}
	for _, day := range days {
		if day.Day < graceDay(o, now) {
			continue
		}
		registered, _ := day.Day.End()
		for class, n := range day.Waiting {
			s.Statuses[status(o, ofClass(o, class, time.Time{}), now)] -= n
			s.Statuses[status(o, ofClass(o, class, registered), now)] += n
		}
	}
}

// ofClass is a user of a class. An exemption of an unknown end lasts.
func ofClass(o org.Organization, c user.Class, registered time.Time) user.Profile {
	p := user.Profile{
		Organization: o.ID, RegisteredAt: registered, Methods: c.List(),
		Enforcement: user.Enforcement{Kind: c.Enforcement, Until: time.Unix(1<<40, 0)},
	}
	if end, dated := c.ExemptUntil.End(); dated {
		p.Enforcement.Until = end
	}
	if end, extended := c.GraceUntil.End(); extended {
		p.Grace.Until = end
	}
	if c.Suspended {
		p.SuspendedAt = time.Unix(0, 0)
	}
	return p
}

// trend goes back from what there is now, day by day.
func (s Summary) trend(counted []user.DayCounts, days int, now time.Time) []TrendDay {
	changes := map[user.Day]user.Trend{}
	for _, d := range counted {
		changes[d.Day] = d.Change
	}
	trend := make([]TrendDay, days)
	at := TrendDay{Users: s.Users, Enrolled: s.Enrolled}
	for i := range trend {
		at.Day = user.On(now.UTC().AddDate(0, 0, -i))
		trend[days-1-i] = at
		at.Users -= changes[at.Day].Users
		at.Enrolled -= changes[at.Day].Enrolled
	}
	return trend
}

// firstDay is the first of so many days up to today.
func firstDay(now time.Time, days int) user.Day { return user.On(now.UTC().AddDate(0, 0, 1-days)) }

// graceDay is the first day on which somebody may have registered who is within the grace that counts from it; a day in the future where
// there is none.
func graceDay(o org.Organization, now time.Time) user.Day {
	if o.Policy.GraceDays == 0 {
		return user.On(now.UTC().AddDate(0, 0, 2))
	}
	return user.On(now.UTC().AddDate(0, 0, -o.Policy.GraceDays-1))
}
