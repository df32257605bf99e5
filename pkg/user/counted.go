package user

// Counted is what of a user stands in the counts: the class, and the profile's revision that it was taken from.
type Counted struct {
	Organization string
	User         string
	Rev          int64 // 0: not counted yet
	Class        Class
	Registered   Day  // the day of the registration; of one counted by an earlier version empty
	Gone         bool // the user was deleted and is in no class
}

// In reports whether the user is in a class.
func (c Counted) In() bool { return c.Rev != 0 && !c.Gone }

// Waits reports whether the user is in a class without a second factor, and so may have a grace that counts from the registration.
func (c Counted) Waits() bool { return c.In() && c.Class.Methods == "" && c.Registered != "" }

// Trend is by how many users something changed the numbers.
type Trend struct {
	Users    int64
	Enrolled int64
}

// Trend is what the user adds to the numbers.
func (c Counted) Trend() Trend {
	switch {
	case !c.In():
		return Trend{}
	case c.Class.Methods == "":
		return Trend{Users: 1}
	}
	return Trend{Users: 1, Enrolled: 1}
}

// Less is the change from one to the other.
func (t Trend) Less(before Trend) Trend {
	return Trend{Users: t.Users - before.Users, Enrolled: t.Enrolled - before.Enrolled}
}

// Counted is how the profile stands in the counts: a tombstone in no class.
func (p Profile) Counted() Counted {
	c := Counted{Organization: p.Organization, User: p.User, Rev: p.Rev, Gone: p.Deleted()}
	if !c.Gone {
		c.Class, c.Registered = p.Class(), On(p.RegisteredAt)
	}
	return c
}

// DayCounts is what is counted of one day: by how much it changed the numbers, and who of those who registered on it has no second
// factor yet, by class.
type DayCounts struct {
	Day     Day
	Change  Trend
	Waiting map[Class]int64
}

// Tally is all that is counted of an organisation.
type Tally struct {
	Organization string
	Counts
}
