package user

import (
	"slices"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/org"
)

const (
	// MaxAppPasswords are kept of one user: as many as a person has programs, and few enough for one item.
	MaxAppPasswords = 25
	// AppPasswordUse is how often a use of an app password is noted at most, so that a mail client that asks every minute costs no
	// write a minute (design §5).
	AppPasswordUse = time.Hour
)

// AppPassword is a password that a program has instead of a second factor, for one service.
type AppPassword struct {
	ID         string
	Service    string
	Name       string     // for the user; may be empty
	Way        org.Method // what the user proved when it was made
	Epoch      int64      // of the factors: whatever kills what was issued kills app passwords
	Digest     []byte     // factor.AppPasswordDigest
	Sealed     []byte     // the password itself, to be shown again
	Tag        []byte     // by which the request that made it is known again, when its reply was lost; may be nil
	CreatedAt  time.Time
	LastUsedAt time.Time // the full hour; zero: never
}

// Works reports whether an app password is good in an organisation, for a user with this epoch: nothing has killed it, the
// organisation still offers app passwords for its service, and still allows what it was made with.
func (a AppPassword) Works(o org.Organization, epoch int64) bool {
	return a.Epoch == epoch && OffersAppPasswords(o, a.Service) && o.Policy.Allows(a.Way) && (a.Way != org.SMS || o.Entitlements.SMS)
}

// OffersAppPasswords reports whether an organisation has app passwords for a service.
func OffersAppPasswords(o org.Organization, service string) bool {
	return o.Entitlements.TwoFactor && o.Entitlements.AppPasswords && o.Policy.Status != org.Disabled &&
		slices.Contains(o.Policy.AppPasswordServices, service)
}

// Details name an app password in an event, by what people know it by and by its id.
func (a AppPassword) Details() map[string]string {
	details := map[string]string{"app_password": a.ID, "service": a.Service}
	if a.Name != "" {
		details["name"] = a.Name
	}
	return details
}

// AppPasswords are all that a user has, in one item. The zero value (with the two ids) is a user without any.
type AppPasswords struct {
	Organization string
	User         string
	Rev          int64 // raised by every write
	All          []AppPassword
}

// SealedUse is the associated data that an app password is sealed with: it opens for this one of this user only.
func (s AppPasswords) SealedUse(id string) []byte {
	return sealedFor("app password", s.Organization, s.User, id)
}

// Next begins a write: a copy with the revision raised.
func (s AppPasswords) Next() AppPasswords {
	s.Rev++
	s.All = slices.Clone(s.All)
	return s
}

// Living are those that nothing has killed, the latest first. They need not work: the policy may have no use for them now.
func (s AppPasswords) Living(epoch int64) []AppPassword {
	living := slices.DeleteFunc(slices.Clone(s.All), func(a AppPassword) bool { return a.Epoch != epoch })
	slices.SortStableFunc(living, func(a, b AppPassword) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return living
}

// Find gives a living one by its id.
func (s AppPasswords) Find(id string, epoch int64) (AppPassword, bool) {
	for _, a := range s.All {
		if a.ID == id && a.Epoch == epoch {
			return a, true
		}
	}
	return AppPassword{}, false
}

// Match finds the one that a digest belongs to. All are compared, whichever fits and whether or not it works, so the time that it takes
// tells only how many there are.
func (s AppPasswords) Match(digest []byte) (AppPassword, bool) {
	at := -1
	for i, a := range s.All {
		if factor.SameAppPassword(a.Digest, digest) {
			at = i
		}
	}
	if at < 0 {
		return AppPassword{}, false
	}
	return s.All[at], true
}

// Add begins a write with another one. Those that are dead are swept away with it: whoever adds writes the factors too, which proves that the
// epoch is the present one.
func (s AppPasswords) Add(a AppPassword) AppPasswords {
	next := s.Next()
	next.All = append(slices.DeleteFunc(next.All, func(b AppPassword) bool { return b.Epoch != a.Epoch }), a)
	return next
}

// Without begins a write without one.
func (s AppPasswords) Without(id string) AppPasswords {
	next := s.Next()
	next.All = slices.DeleteFunc(next.All, func(a AppPassword) bool { return a.ID == id })
	return next
}

// Used begins a write that notes a use, to the hour. False: that hour is noted already. Nothing else changes by it, the dead among them: who
// checks a password does not know for certain which epoch is the present one.
func (s AppPasswords) Used(id string, now time.Time) (AppPasswords, bool) {
	hour, next := now.UTC().Truncate(AppPasswordUse), s.Next()
	for i, a := range next.All {
		if a.ID == id && hour.After(a.LastUsedAt) {
			next.All[i].LastUsedAt = hour
			return next, true
		}
	}
	return s, false
}
