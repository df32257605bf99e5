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

// What one mailbox gets at most from one organisation, and what organisations share. A code is asked for by whoever knows a password, and every event of a
// kind makes a notice, so without a limit both would be ways to bury somebody in mail; and where one organisation could use up what others need, a way to keep
// somebody from codes and from notices.
const (
	CodesReserved     = 5  // an hour and organisation, whatever others send there
	CodesPerMailbox   = 20 // an hour and organisation, those included
	CodesShared       = 40 // an hour, of all organisations together, beyond what is reserved for each
	NoticesPerKind    = 10 // a day and organisation, of one kind of event
	NoticesPerMailbox = 40 // a day and organisation, of all kinds but the grave ones
	// NoticesPerAdministrator is in the place of both for administrators, whom every weakening is told: a day, of one kind.
	NoticesPerAdministrator = 100
)

// SharedMailbox is how many mails of one round of an announcement go to users who share a mailbox by what stands behind a plus sign.
const SharedMailbox = 3

// quota is what a message counts against: at first what is reserved for its organisation, where there is such and it is not used up, otherwise what is
// shared.
type quota struct{ reserved, shared []Spending }

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
func (s *Service) codeLimits(organization, address, delivery string, now time.Time) (quota, error) {
	mailbox, err := s.counted(address)
	if err != nil {
		return quota{}, err
	}
	hour, until := now.UTC().Format("2006-01-02T15"), now.UTC().Truncate(time.Hour).Add(2*time.Hour)
	shards := min(max(s.Limits.Organization/shardSize, 1), maxShards)
	shard := shardOf(delivery, shards)
	all := Spending{Name: fmt.Sprintf("%s#mail#%d#%s", hour, shard, organization), Limit: share(s.Limits.Organization, shard, shards), Until: until}
	return quota{
		reserved: []Spending{{Name: hour + "#reserved#" + mailbox + "#" + organization, Limit: CodesReserved, Until: until}, all},
		shared: []Spending{
			{Name: hour + "#mailbox#" + mailbox + "#" + organization, Limit: CodesPerMailbox - CodesReserved, Until: until},
			{Name: hour + "#mailbox#" + mailbox, Limit: CodesShared, Until: until}, all,
		},
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

// noticeLimits are what a notice counts against: its own organisation's share alone, so that nobody elsewhere can hide it.
func (s *Service) noticeLimits(e audit.Event, address string, administrator bool, now time.Time) (quota, error) {
	mailbox, err := s.counted(address)
	if err != nil {
		return quota{}, err
	}
	day, until := dayOf(now)
	kind := Spending{Name: day + "#notice#" + mailbox + "#" + string(e.Kind) + "#" + e.Organization, Limit: NoticesPerKind, Until: until}
	if administrator {
		kind.Limit = NoticesPerAdministrator
	}
	if administrator || grave[e.Kind] {
		return quota{shared: []Spending{kind}}, nil
	}
	return quota{shared: []Spending{kind, {Name: day + "#notices#" + mailbox + "#" + e.Organization, Limit: NoticesPerMailbox, Until: until}}}, nil
}

// counted names a mailbox in counts, without telling it.
func (s *Service) counted(address string) (string, error) {
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), Mailbox(address))
	if err != nil {
		return "", fault.Down(err)
	}
	return hex.EncodeToString(digest), nil
}
