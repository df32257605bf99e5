package mail

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
)

// What one mailbox gets at most, whoever asks: of all users and organisations together. A code is asked for by whoever knows a password, and
// every event of a kind makes a notice, so without a limit both would be ways to bury somebody in mail.
const (
	CodesPerMailbox   = 20 // an hour
	NoticesPerKind    = 10 // a day, of one kind of event
	NoticesPerMailbox = 40 // a day, of all kinds but the grave ones
	// NoticesPerAdministrator is in the place of both for administrators, whom every weakening is told: a day, of one kind.
	NoticesPerAdministrator = 100
)

// SharedMailbox is how many mails of one round of an announcement go to users who share a mailbox by what stands behind a plus sign.
const SharedMailbox = 3

// Limits bound what organisations send.
type Limits struct {
	Organization int // mails with codes in an hour, by one organisation
}

// grave are the events that no flood of others may hide.
var grave = map[audit.Kind]bool{
	audit.RecoveryUsed: true, audit.UserReset: true, audit.UserDisabled: true, audit.UserReaddressed: true, audit.UserDeleted: true,
	audit.RecoveryEmailChanged: true, audit.AuthenticatorRemoved: true, audit.AuthenticatorAdded: true, audit.UserReenrolled: true,
	audit.BypassMade: true, audit.DeviceTheft: true, audit.UserLocked: true, audit.UserSuspended: true,
}

// Mailbox is what an address counts as: upper case and what stands behind a plus sign do not make another mailbox of it. It is for
// counting alone; mail goes to the address as it stands.
func Mailbox(address string) string {
	local, domain, found := strings.Cut(strings.ToLower(address), "@")
	if !found {
		return local
	}
	if plain, _, tagged := strings.Cut(local, "+"); tagged && plain != "" {
		local = plain
	}
	return local + "@" + domain
}

// shardSize is how much of an organisation's limit one counter takes, and maxShards how many there are: an item of the table takes 1,000
// writes a second at most, and the fewer share one, the fewer wait for each other.
const (
	shardSize = 200
	maxShards = 16
)

// codeLimits are what a mail with a code counts against.
func (s *Service) codeLimits(organization, address, delivery string, now time.Time) ([]Spending, error) {
	mailbox, err := s.counted(address)
	if err != nil {
		return nil, err
	}
	hour, until := now.UTC().Format("2006-01-02T15"), now.UTC().Truncate(time.Hour).Add(2*time.Hour)
	shards := min(max(s.Limits.Organization/shardSize, 1), maxShards)
	shard := shardOf(delivery, shards)
	return []Spending{
		{Name: hour + "#mailbox#" + mailbox, Limit: CodesPerMailbox, Until: until},
		{Name: fmt.Sprintf("%s#mail#%d#%s", hour, shard, organization), Limit: share(s.Limits.Organization, shard, shards), Until: until},
	}, nil
}

// shardOf spreads deliveries evenly, and puts one that is tried again where it was.
func shardOf(delivery string, shards int) int {
	h := fnv.New32a()
	h.Write([]byte(delivery)) // a hash takes everything
	return int(h.Sum32() % uint32(shards))
}

// share is one shard's part of a limit: together they are the whole.
func share(limit, shard, shards int) int {
	part := limit / shards
	if shard < limit%shards {
		part++
	}
	return part
}

// noticeLimits are what a notice counts against.
func (s *Service) noticeLimits(e audit.Event, address string, administrator bool, now time.Time) ([]Spending, error) {
	mailbox, err := s.counted(address)
	if err != nil {
		return nil, err
	}
	day, until := now.UTC().Format(time.DateOnly), now.UTC().Truncate(24*time.Hour).Add(48*time.Hour)
	kind := Spending{Name: day + "#notice#" + mailbox + "#" + string(e.Kind), Limit: NoticesPerKind, Until: until}
	switch {
	case administrator:
		kind.Limit = NoticesPerAdministrator
		return []Spending{kind}, nil
	case grave[e.Kind]:
		return []Spending{kind}, nil
	}
	return []Spending{kind, {Name: day + "#notices#" + mailbox, Limit: NoticesPerMailbox, Until: until}}, nil
}

// counted names a mailbox in counts, without telling it.
func (s *Service) counted(address string) (string, error) {
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), Mailbox(address))
	if err != nil {
		return "", fault.Down(err)
	}
	return hex.EncodeToString(digest), nil
}
