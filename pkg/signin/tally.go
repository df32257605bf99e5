package signin

import (
	"hash/fnv"
	"net/netip"
	"time"

	"twofold/pkg/user"
)

// Pattern is what a look at many rows, or at many messages, shows.
type Pattern string

// The patterns of guessing, each within an hour.
const (
	GuessingUser         Pattern = "wrong_codes_of_one_user"
	GuessingSource       Pattern = "wrong_codes_from_one_address" // of many users: passwords that are known, tried one after the other
	GuessingOrganization Pattern = "wrong_codes_in_the_organization"
)

// From when on they are ones. An office does not reach them by mistyping.
const (
	// The owner is told after eleven in a row; administrators hear where it goes on, which for whoever guesses as fast as may be is after a
	// quarter of an hour.
	UserFailures = 15
	// A thousand people behind one address of whom every fiftieth mistypes on a Monday morning are twenty.
	SourceUsers = 30
	// Of 25,000 who sign in within one hour, every fiftieth mistyping once, there are as many.
	OrganizationFailures = 500
)

// The patterns of messages: four fifths of what one mailbox, one block of numbers or the organisation may be sent were used up, so that
// administrators hear before codes are not sent any more.
const (
	BombingMailbox      Pattern = "many_codes_to_one_mailbox"
	BombingOrganization Pattern = "many_codes_by_mail"
	BombingPrefix       Pattern = "many_sms_to_one_block_of_numbers"
	BombingSMS          Pattern = "many_sms"
)

// nearly reports whether so many of what is allowed are used up that it is a pattern. What is counted by ones passes it once.
func nearly(used, limit int64) bool { return limit > 0 && used*5 >= limit*4 }

// Window is how long wrong codes are counted together: clock hours, so that a count has one name whoever makes it. What is spread over two of
// them is counted in each alone.
const Window = time.Hour

// Tally is one count of one window.
type Tally struct {
	Pattern      Pattern
	Organization string
	Subject      string // an address, or a name of nobody; holds no '#'. Empty: the organisation
	Window       time.Time
	Bucket       int // of the user, among Buckets: which of them there were tells how many users, and is never long
}

// Buckets are what users are told apart by in a tally. Two users may share one: so many buckets are at least so many users.
const Buckets = 128

// BucketOf is a user's.
func BucketOf(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id)) // a hash takes everything
	return int(h.Sum32() % Buckets)
}

// Count is how a tally stands.
type Count struct {
	N      int64
	Users  int  // at least so many
	Raised bool // an event was written
}

// tallies are what a wrong code counts in.
func tallies(e Entry) []Tally {
	of := Tally{Organization: e.Organization, Window: e.At.UTC().Truncate(Window), Bucket: BucketOf(e.User)}
	of.Pattern = GuessingOrganization
	all := []Tally{of}
	if from := source(e.Address); from != "" {
		of.Pattern, of.Subject = GuessingSource, from
		all = append(all, of)
	}
	return all
}

// source is an address as one attacker has it, of IPv6 a network; empty where it is none.
func source(address string) string {
	if network, err := netip.ParsePrefix(address); err == nil {
		return network.String()
	}
	if _, err := netip.ParseAddr(address); err != nil {
		return ""
	}
	return user.AppSource(address, "")
}

// Name is the tally's without the bucket.
func (t Tally) Name() Tally {
	t.Bucket = 0
	return t
}

// crossed reports whether a count is a pattern, and with how many.
func (t Tally) crossed(c Count) (int64, bool) {
	switch t.Pattern {
	case GuessingSource:
		return int64(c.Users), c.Users >= SourceUsers
	case GuessingOrganization:
		return c.N, c.N >= OrganizationFailures
	}
	return 0, false
}

// TallyLife is for how long a tally is remembered: as long as a record of its window may come, from the stream or from the queue of failures.
const TallyLife = 15 * 24 * time.Hour
