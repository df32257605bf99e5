package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// The attributes that this version knows: one that a write does not set is removed by it.
var (
	appPasswordsAttributes = []string{"rev", "passwords"}
	appLimitAttributes     = []string{"rev", "source", "attempt", "misses", "ttl", factorsConsecutive, factorsFailures, factorsLocked}
)

// Packed as the elements of the factors item are; see elements.go.
func packAppPassword(p *packer, a user.AppPassword) {
	p.id(a.ID)
	p.text(a.Service)
	p.text(a.Name)
	p.text(string(a.Way))
	p.int(a.Epoch)
	p.blob(a.Digest)
	p.blob(a.Sealed)
	p.blob(a.Tag)
	p.floor(a.CreatedAt)
	p.floor(a.LastUsedAt)
}

func unpackAppPassword(u *unpacker) user.AppPassword {
	return user.AppPassword{
		ID: u.id(), Service: u.text(), Name: u.text(), Way: org.Method(u.text()), Epoch: u.int(), Digest: u.blob(), Sealed: u.blob(),
		Tag: u.blob(), CreatedAt: u.moment(), LastUsedAt: u.moment(),
	}
}

func encodeAppPasswords(s user.AppPasswords) (item, error) {
	i := appPasswordsKey(s.Organization, s.User).item()
	i.number("rev", s.Rev)
	e := factorsEncoder{item: i}
	many(&e, "passwords", s.All, packAppPassword)
	return i, e.err
}

func decodeAppPasswords(i item) (user.AppPasswords, error) {
	must, may, err := read("APPPASSWORDS", i)
	s := user.AppPasswords{Rev: must.number("rev"), All: unpackMany(may, "passwords", unpackAppPassword)}
	var ok bool
	if s.Organization, s.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	return s, *err
}

func encodeAppLimit(l user.AppLimit) (item, error) {
	i := appLimitKey(l.Organization, l.User, l.Source).item()
	i.number("rev", l.Rev)
	i.text("source", l.Source)
	i.bytes("attempt", l.Attempt)
	i.blobs("misses", l.Misses)
	i.number(factorsConsecutive, int64(l.Throttle.Consecutive))
	e := factorsEncoder{item: i}
	e.times(factorsFailures, l.Throttle.Failures...)
	if !l.Throttle.LockedUntil.IsZero() {
		e.times(factorsLocked, l.Throttle.LockedUntil)
	}
	if end := l.EndsAt(); !end.IsZero() {
		i.number("ttl", end.Unix()+1)
	}
	return i, e.err
}

func decodeAppLimit(i item) (user.AppLimit, error) {
	must, may, err := read("APPLIMIT", i)
	l := user.AppLimit{
		Rev: must.number("rev"), Source: must.text("source"), Attempt: may.bytes("attempt"), Misses: may.blobs("misses"),
		Throttle: throttle.State{Consecutive: int(must.number(factorsConsecutive)), Failures: unpackTimes(may, factorsFailures)},
	}
	if locked := unpackTimes(may, factorsLocked); len(locked) > 0 {
		l.Throttle.LockedUntil = locked[0]
	}
	var ok bool
	if l.Organization, l.User, ok = i.key().userOf(); !ok {
		must.fail("pk", "is not a user's")
	}
	return l, *err
}

// ReadWithAppPasswords is Read with a user's app passwords and the limit of a source in the same batch. It is
// login.AppPasswordStore's.
func (s *Store) ReadWithAppPasswords(ctx context.Context, c access.Credential, organization, id, source string) (login.Snapshot, error) {
	keys := []key{appPasswordsKey(organization, id)}
	if source != "" {
		keys = append(keys, appLimitKey(organization, id, source))
	}
	snap, found, err := s.snapshot(ctx, c, organization, id, keys...)
	if err != nil {
		return login.Snapshot{}, err
	}
	snap.AppPasswords = user.AppPasswords{Organization: organization, User: id}
	snap.AppLimit = user.AppLimit{Organization: organization, User: id, Source: source}
	if i := found[keys[0]]; i != nil {
		if snap.AppPasswords, err = decodeAppPasswords(i); err != nil {
			return login.Snapshot{}, err
		}
	}
	if i := found[keys[len(keys)-1]]; i != nil && source != "" {
		if snap.AppLimit, err = decodeAppLimit(i); err != nil {
			return login.Snapshot{}, err
		}
	}
	return snap, nil
}

// appPasswordParts are the parts of a change that write and delete a user's app passwords and count what failed.
func (s *Store) appPasswordParts(c user.Change) ([]part, error) {
	var parts []part
	if c.AppPasswords != nil {
		i, err := encodeAppPasswords(*c.AppPasswords)
		if err != nil {
			return nil, err
		}
		parts = append(parts, s.updated(i, c.AppPasswords.Rev, appPasswordsAttributes))
	}
	if c.NoAppPasswords && c.Factors != nil {
		parts = append(parts, s.erased(appPasswordsKey(c.Factors.Organization, c.Factors.User)))
	}
	if c.AppLimit != nil {
		i, err := encodeAppLimit(*c.AppLimit)
		if err != nil {
			return nil, err
		}
		parts = append(parts, s.attempted(i, c.AppLimit.Rev, appLimitAttributes, c.AppLimit.Attempt))
	}
	return parts, nil
}

// erased is the part of a change that removes an item, whether or not it is there: it has no condition of its own.
func (s *Store) erased(k key) part {
	return part{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.table), Key: k.item()}}}
}
