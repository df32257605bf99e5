package mail

import (
	"encoding/hex"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/phone"
)

// How many SMS one number gets in a day.
const (
	NumberReserved = 3  // from one organisation, whatever others send there
	PerNumber      = 10 // of all users and organisations together, beyond what is reserved for each
)

// Budgets bound the SMS of a day of UTC to one block of numbers (phone.Number.Prefix), which is where a swindler who is paid for
// what arrives has his. What an organisation may send in all is its entitlement.
type Budgets struct {
	Prefix             int // by all organisations together
	OrganizationPrefix int // by one
}

// Spending is one count that an SMS adds one to, unless that has reached its limit.
type Spending struct {
	Name  string // of the day and of what is counted; holds no number in clear
	Limit int
	Until time.Time // when nobody asks for the count any more
}

// dayOf names the day of UTC that counts are of, and says when nobody asks for them any more.
func dayOf(now time.Time) (name string, until time.Time) {
	return now.UTC().Format(time.DateOnly), now.UTC().Truncate(24 * time.Hour).Add(48 * time.Hour)
}

// spending is what an SMS to a number counts against.
func (s *Service) spending(o org.Organization, to phone.Number, now time.Time) (quota, error) {
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), string(to))
	if err != nil {
		return quota{}, fault.Down(err)
	}
	day, until := dayOf(now)
	number := day + "#number#" + hex.EncodeToString(digest)
	counts := []Spending{
		{Name: day + "#prefix#" + to.Prefix(), Limit: s.Budgets.Prefix},
		{Name: day + "#prefix#" + to.Prefix() + "#" + o.ID, Limit: s.Budgets.OrganizationPrefix},
	}
	if limit := o.Entitlements.SMSPerDay; limit > 0 {
		counts = append(counts, Spending{Name: day + "#organization#" + o.ID, Limit: limit})
	}
	for i := range counts {
		counts[i].Until = until
	}
	return quota{
		reserved: append([]Spending{{Name: number + "#" + o.ID, Limit: NumberReserved, Until: until}}, counts...),
		shared:   append([]Spending{{Name: number, Limit: PerNumber, Until: until}}, counts...),
	}, nil
}
