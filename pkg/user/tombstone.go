package user

import (
	"time"

	"twofold/pkg/throttle"
)

// Deleted reports whether the profile is a tombstone: all that is left of a user who was deleted. It has the ids, a
// revision that goes on and the time, and no fact besides, so that the id is not registered again unnoticed.
func (p Profile) Deleted() bool { return !p.DeletedAt.IsZero() }

// Bury is the tombstone that a deletion leaves in a profile's place.
func (p Profile) Bury(now time.Time) Profile {
	return Profile{Organization: p.Organization, User: p.User, Rev: p.Rev + 1, DeletedAt: now}
}

// Exhume begins the registration of an id that was deleted: the revision goes on, so that no record of before is taken for a later one.
func (p Profile) Exhume(email string, now time.Time) Profile {
	return Profile{Organization: p.Organization, User: p.User, Rev: p.Rev + 1, Email: email, RegisteredAt: now}
}

// Split tells a living profile from a tombstone; nil is neither.
func Split(stored *Profile) (living, tombstone *Profile) {
	if stored != nil && stored.Deleted() {
		return nil, stored
	}
	return stored, nil
}

// Bury is what a deletion leaves: the epoch, raised, so that nothing that was issued comes to life again whoever registers the id
// later, and the generation of recovery codes, so that none is ever derived twice.
func (f Factors) Bury() Factors {
	n := f.Wipe()
	n.Throttle, n.Sends = throttle.State{}, nil
	return n
}

// Readdress is what a change of the login address leaves: no code under way, and no enrolment, because what was proven and entered
// in it was proven with the address before.
func (f Factors) Readdress() Factors {
	n := f.Next()
	n.Challenges, n.Enrollment = nil, nil
	return n
}

// EverEnrolled reports whether the user has a second factor or ever had one: an enrolment begins a generation of recovery codes,
// and whatever takes a second factor away, or deletes a user, leaves all codes used.
func (f Factors) EverEnrolled() bool { return f.Enrolled() || f.RecoveryCodes != (RecoveryCodes{}) }
