package user

import (
	"slices"
	"strings"
	"time"

	"twofold/pkg/org"
)

// Class is what reports and dry runs count users by: facts only, because status depends on policy and time. Dates are
// days (UTC), so that there are few classes.
type Class struct {
	Methods     string // enrolled methods, sorted and joined with "+"; empty: not enrolled
	Enforcement EnforcementKind
	Suspended   bool
	ExemptUntil Day    // the last day of an exemption; of one counted by an earlier version empty
	GraceUntil  Day    // the last day of an extended grace; empty: none
	CodesSpent  bool   // enrolled, and no saved recovery code is left
	Services    string // other than web, seen in use, sorted and joined with "+"
}

// Day is a day (UTC), written as in RFC 3339; empty: none.
type Day string

// DayOf is the day that a period which ends at a time ends on: midnight ends the day before it.
func DayOf(end time.Time) Day {
	if end.IsZero() {
		return ""
	}
	return Day(end.UTC().Add(-1).Format(time.DateOnly))
}

// End is when the day is over; false where it is none.
func (d Day) End() (time.Time, bool) {
	start, err := time.Parse(time.DateOnly, string(d))
	return start.AddDate(0, 0, 1), err == nil
}

// Class gives the class that a user belongs to.
func (p Profile) Class() Class {
	names := make([]string, len(p.Methods))
	for i, m := range p.Methods {
		names[i] = string(m)
	}
	slices.Sort(names)
	c := Class{
		Methods: strings.Join(names, "+"), Enforcement: p.Enforcement.Kind, Suspended: !p.SuspendedAt.IsZero(),
		GraceUntil: DayOf(p.Grace.Until), CodesSpent: p.CodesSpent, Services: strings.Join(p.CountedServices(), "+"),
	}
	if p.Enforcement.Kind == Exempt {
		c.ExemptUntil = DayOf(p.Enforcement.Until)
	}
	return c
}

// Dated reports whether the class is of a date: once that has passed nobody new comes into it.
func (c Class) Dated() bool { return c.ExemptUntil != "" || c.GraceUntil != "" }

// List gives the methods of a class.
func (c Class) List() []org.Method {
	var methods []org.Method
	for _, name := range parts(c.Methods) {
		methods = append(methods, org.Method(name))
	}
	return methods
}

// ServiceList gives the services of a class.
func (c Class) ServiceList() []string { return parts(c.Services) }

func parts(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, "+")
}

// Counts are how many users of an organisation are in each class, as of a time: the
// projector keeps them, a moment behind the profiles.
type Counts struct {
	AsOf    time.Time
	ByClass map[Class]int64
}

// Enrolled is how many have a second factor, even a suspended one.
func (c Counts) Enrolled() int64 {
	var n int64
	for class, users := range c.ByClass {
		if class.Methods != "" {
			n += users
		}
	}
	return n
}

// Unenrolled is how many have none.
func (c Counts) Unenrolled() int64 {
	var all int64
	for _, users := range c.ByClass {
		all += users
	}
	return all - c.Enrolled()
}

// Equal reports whether as many users are in each class, whenever that was.
func (c Counts) Equal(other Counts) bool {
	for class, n := range c.ByClass {
		if other.ByClass[class] != n {
			return false
		}
	}
	for class, n := range other.ByClass {
		if c.ByClass[class] != n {
			return false
		}
	}
	return true
}
