package dynamo

import (
	"context"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Read gets key, organisation, profile and factors in one strongly consistent batch. It is
// login.Store's.
func (s *Store) Read(ctx context.Context, c access.Credential, organization, id string) (login.Snapshot, error) {
	snap, _, err := s.snapshot(ctx, c, organization, id)
	return snap, err
}

// snapshot reads that, with whatever else is to come in the same batch.
func (s *Store) snapshot(ctx context.Context, c access.Credential, organization, id string, besides ...key) (login.Snapshot, map[key]item, error) {
	keys := []key{organizationKey(organization), profileKey(organization, id), factorsKey(organization, id)}
	found, err := s.batch(ctx, slices.Concat(credentialKeys(c), keys, besides)...)
	if err != nil {
		return login.Snapshot{}, nil, err
	}
	var snap login.Snapshot
	if snap.Key, err = presented(found, c); err != nil {
		return login.Snapshot{}, nil, err
	}
	if snap.Organization, err = decoded(found[keys[0]], decodeOrganization); err != nil {
		return login.Snapshot{}, nil, err
	}
	m, err := memberOf(found, organization, id)
	if err != nil {
		return login.Snapshot{}, nil, err
	}
	snap.Profile, snap.Tombstone, snap.Factors = m.Profile, m.Tombstone, m.Factors
	return snap, found, nil
}

// memberOf is a user among items that were read.
func memberOf(found map[key]item, organization, id string) (m user.Member, err error) {
	stored, err := decoded(found[profileKey(organization, id)], decodeProfile)
	if err != nil {
		return m, err
	}
	m.Profile, m.Tombstone = user.Split(stored)
	m.Factors, err = factorsOr(found[factorsKey(organization, id)], organization, id)
	return m, err
}

// membersAtOnce are users whose profile and factors one BatchGetItem may read: DynamoDB takes 100 keys.
const membersAtOnce = 50

// Members gets profiles and factors of many users, strongly consistent. It is policy.Store's and
// enroll.Store's.
func (s *Store) Members(ctx context.Context, organization string, users []string) (map[string]user.Member, error) {
	members := make(map[string]user.Member, len(users))
	for some := range slices.Chunk(users, membersAtOnce) {
		var keys []key
		for _, id := range some {
			keys = append(keys, profileKey(organization, id), factorsKey(organization, id))
		}
		found, err := s.batch(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			if members[id], err = memberOf(found, organization, id); err != nil {
				return nil, err
			}
		}
	}
	return members, nil
}

// Registered gets profiles of many users, strongly consistent; of who is not there, or was deleted, none. It is mail.AnnouncementStore's.
func (s *Store) Registered(ctx context.Context, organization string, users []string) (map[string]user.Profile, error) {
	profiles := make(map[string]user.Profile, len(users))
	for some := range slices.Chunk(users, maxBatch) {
		var keys []key
		for _, id := range some {
			keys = append(keys, profileKey(organization, id))
		}
		found, err := s.batch(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			stored, err := decodeProfile(i)
			if err != nil {
				return nil, err
			}
			if living, _ := user.Split(&stored); living != nil {
				profiles[living.User] = *living
			}
		}
	}
	return profiles, nil
}

// factorsOr decodes a factors item; a user who has none is one without any.
func factorsOr(i item, organization, id string) (user.Factors, error) {
	if i == nil {
		return user.Factors{Organization: organization, User: id}, nil
	}
	return decodeFactors(i)
}

// Write writes a change of one user. Factors, a device or app passwords alone are one conditional UpdateItem, whatever is more is one
// transaction. It is login.Store's.
func (s *Store) Write(ctx context.Context, c user.Change) error {
	parts, err := s.change(c)
	if err != nil || len(parts) == 0 {
		return err
	}
	return s.commit(ctx, parts)
}

// WriteMany writes changes of several users in one transaction, which may have no more than 100 parts. It is enroll.Store's.
func (s *Store) WriteMany(ctx context.Context, changes []user.Change) error {
	var parts []part
	for _, c := range changes {
		more, err := s.change(c)
		if err != nil {
			return err
		}
		parts = append(parts, more...)
	}
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
}

// WriteWithDocket writes a change of one user in one transaction with the docket that counts it. It is stepup.Store's.
func (s *Store) WriteWithDocket(ctx context.Context, c user.Change, d stepup.Docket) error {
	parts, err := s.change(c)
	if err != nil {
		return err
	}
	docket, err := s.docket(d)
	if err != nil {
		return err
	}
	return s.commit(ctx, append(parts, docket...))
}

func (s *Store) change(c user.Change) ([]part, error) {
	var parts []part
	if c.Factors != nil {
		factors, err := s.factors(*c.Factors)
		if err != nil {
			return nil, err
		}
		parts = append(parts, factors)
	}
	if c.Profile != nil {
		parts = append(parts, s.profile(*c.Profile))
	}
	parts = append(parts, s.devices(c)...)
	if c.Notice != nil {
		parts = append(parts, s.created(encodeNotice(*c.Notice), true))
	}
	appPasswords, err := s.appPasswordParts(c)
	if err != nil {
		return nil, err
	}
	parts = append(parts, appPasswords...)
	return append(parts, s.events(c.Events)...), nil
}

func (s *Store) factors(f user.Factors) (part, error) {
	i, err := encodeFactors(f)
	return s.attempted(i, f.Rev, factorsAttributes, f.Attempt), err
}

// events are written once. An event is found again by its id, which no other change has.
func (s *Store) events(events []audit.Event) []part {
	var parts []part
	for _, e := range events {
		parts = append(parts, s.created(encodeEvent(e), true))
	}
	return parts
}
