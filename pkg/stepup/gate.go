package stepup

import (
	"context"
	"maps"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Store is what a step-up needs of a store. Reads are strongly consistent and answer nil where there is none.
type Store interface {
	Administrator(ctx context.Context, organization, id string) (*org.Administrator, error)
	Docket(ctx context.Context, organization, administrator string) (*Docket, error)
	// Recipient gets an organisation and one of its users in one read. The profile is nil if there is no such user, and the factors are then
	// those of one without any.
	Recipient(ctx context.Context, organization, user string) (*org.Organization, *user.Profile, user.Factors, error)
	// WriteDocket writes a docket alone, on the revision before; user.ErrConflict if that has gone.
	WriteDocket(ctx context.Context, d Docket) error
	// WriteWithDocket writes a change of a user, and the docket that counts it, or nothing.
	WriteWithDocket(ctx context.Context, c user.Change, d Docket) error
}

// Gate is what every change that needs a step-up goes through, twice.
type Gate struct {
	Store   Store
	Codes   factor.PRF
	Secrets user.Opener // opens authenticators' secrets
}

// Visit is one administrator before the gate: the docket as it was read, and whose it is.
type Visit struct {
	Docket        Docket
	Administrator org.Administrator
	gate          Gate
	key           *access.Key
	session       string // of an impersonation, in which the administrator is the one who impersonates
}

// Enter reads the docket of a key's holder. A holder who is no administrator any more has none: access.ErrNotFound.
func (g Gate) Enter(ctx context.Context, k *access.Key) (Visit, error) {
	organization, holder := k.Home()
	admin, err := g.Store.Administrator(ctx, organization, holder)
	if err != nil {
		return Visit{}, fault.Down(err)
	}
	if admin == nil {
		return Visit{}, access.ErrNotFound
	}
	stored, err := g.Store.Docket(ctx, organization, holder)
	if err != nil {
		return Visit{}, fault.Down(err)
	}
	if stored == nil {
		stored = &Docket{Organization: organization, Administrator: holder}
	}
	return Visit{Docket: *stored, Administrator: *admin, gate: g, key: k, session: sessionOf(k)}, nil
}

// sessionOf names the impersonation that a key is of; empty: none.
func sessionOf(k *access.Key) string {
	if k.Impersonates() {
		return k.ID
	}
	return ""
}

// Propose puts a change before the administrator. The docket that it gives must be written with the proposal's audit event
// in one transaction; it is nil where the same was proposed less than a minute ago: then nothing is written
// and nothing mailed. The change's id, code and times are made here; the caller says thing, organisation, payload, base and what to tell.
func (v Visit) Propose(wanted Change, seen string, now time.Time) (Change, *Docket, error) {
	wanted.Session = v.session
	if v.session != "" {
		told := map[string]string{"in_the_place_of": v.key.Holder}
		maps.Copy(told, wanted.Told)
		wanted.Told = told
	}
	if live, ok := v.Docket.repeats(wanted, now); ok {
		return live, nil, nil
	}
	if free := v.Docket.Sends.FreeAt(now); now.Before(free) {
		return Change{}, nil, user.ErrTooSoon.After(free.Sub(now))
	}
	keyID := v.gate.Codes.PRFKeyID()
	digest, err := factor.AddressDigest(v.gate.Codes, keyID, v.Administrator.Address(now))
	if err != nil {
		return Change{}, nil, fault.Down(err)
	}
	wanted.ID, wanted.KeyID, wanted.Address, wanted.ExpiresAt, wanted.Seen = user.NewID(), keyID, digest, now.Add(Life), seen
	next := v.Docket.propose(wanted, now)
	return wanted, &next, nil
}

// Proposed finds a change that the administrator has proposed: access.ErrNotFound for any other.
func (v Visit) Proposed(organization string, thing Thing, id string) (Change, error) {
	c, ok := v.Docket.Find(organization, thing, id, v.session)
	if !ok {
		return Change{}, access.ErrNotFound
	}
	return c, nil
}
