package user

import "time"

// Facts are what the factors of a user tell reports. They only grow: the day becomes a later one, the generation of saved codes a higher
// one, and of one generation fewer and fewer codes are left. So it does not matter in which order, how late or how often they are learned.
type Facts struct {
	// VerifiedOn is the day (UTC) of the user's latest right proof, whatever it was for; empty: none is known.
	VerifiedOn Day
	// CodesGeneration is the generation of saved recovery codes; 0: none were ever given.
	CodesGeneration int64
	// CodesLeft of them are good. It says something of users who have an authenticator alone: nobody else's open anything.
	CodesLeft int
}

// Facts are those of the factors as they stand.
func (f Factors) Facts() Facts {
	facts := Facts{CodesGeneration: f.RecoveryCodes.Generation, CodesLeft: f.RecoveryCodes.Left()}
	if f.Tried.Right {
		facts.VerifiedOn = On(f.Tried.At)
	}
	for _, s := range f.Successes {
		facts.VerifiedOn = max(facts.VerifiedOn, On(s.At))
	}
	return facts
}

// With is what is known where both are.
func (f Facts) With(more Facts) Facts {
	f.VerifiedOn = max(f.VerifiedOn, more.VerifiedOn)
	switch {
	case more.CodesGeneration > f.CodesGeneration:
		f.CodesGeneration, f.CodesLeft = more.CodesGeneration, more.CodesLeft
	case more.CodesGeneration == f.CodesGeneration:
		f.CodesLeft = min(f.CodesLeft, more.CodesLeft)
	}
	return f
}

// Told reports whether facts can be of the user whose profile this is. A day before the registration is that of somebody who was deleted
// and had the id before; a tombstone has none.
func (p Profile) Told(f Facts) bool {
	return !p.Deleted() && (f.VerifiedOn == "" || f.VerifiedOn >= On(p.RegisteredAt))
}

// On is the day (UTC) of a time; empty of none.
func On(t time.Time) Day {
	if t.IsZero() {
		return ""
	}
	return Day(t.UTC().Format(time.DateOnly))
}
