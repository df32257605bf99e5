package memstore

import (
	"context"
	"reflect"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

// Reader implements people.Store.
func (s *Store) Reader(_ context.Context, organization, id string) (*org.Reader, error) {
	return one(s, s.readers, member{organization, id}, settleReader)
}

// Administrators implements mail.Store and people.Store.
func (s *Store) Administrators(_ context.Context, organization string) (found []org.Administrator, err error) {
	err = s.do(Administrators, func() error {
		found = listed(s.administrators, organization, settleAdministrator)
		return nil
	})
	return found, err
}

// Applications implements people.Store.
func (s *Store) Applications(_ context.Context, organization string) (found []org.Application, err error) {
	err = s.do(Applications, func() error {
		found = listed(s.applications, organization, settleApplication)
		return nil
	})
	return found, err
}

// Readers implements people.Store.
func (s *Store) Readers(_ context.Context, organization string) (found []org.Reader, err error) {
	err = s.do(Readers, func() error {
		found = listed(s.readers, organization, settleReader)
		return nil
	})
	return found, err
}

// listed are those of an organisation, by id.
func listed[V any](m map[member]V, organization string, clone func(V) V) []V {
	var ids []string
	for at := range m {
		if at.organization == organization {
			ids = append(ids, at.id)
		}
	}
	slices.Sort(ids)
	var found []V
	for _, id := range ids {
		found = append(found, clone(m[member{organization, id}]))
	}
	return found
}

// KnownOrganizations implements people.Store.
func (s *Store) KnownOrganizations(_ context.Context, ids ...string) (known []string, err error) {
	err = s.do(KnownOrganizations, func() error {
		for _, id := range ids {
			if _, there := s.organizations[id]; there {
				known = append(known, id)
			}
		}
		return nil
	})
	return known, err
}

// Keys implements people.Store.
func (s *Store) Keys(_ context.Context, ids ...string) (found []access.Key, err error) {
	err = s.do(Keys, func() error {
		for _, id := range ids {
			if k := pointer(s.keys, id, settleKey); k != nil {
				found = append(found, *k)
			}
		}
		return nil
	})
	return found, err
}

// WritePeople implements people.Store.
func (s *Store) WritePeople(_ context.Context, c people.Change) error {
	return s.do(WritePeople, func() error {
		var parts []part
		for _, a := range c.Administrators {
			at := member{a.Organization, a.ID}
			p := revised(s.administrators, at, settleAdministrator(a), a.Rev, s.administrators[at].Rev)
			p.apply = s.ordering(p.apply, a)
			parts = append(parts, p)
		}
		if a := c.RemovedAdministrator; a != nil {
			parts = append(parts, removed(s.administrators, member{a.Organization, a.ID}, a.Rev, s.administrators[member{a.Organization, a.ID}].Rev))
		}
		if a := c.RemovedApplication; a != nil {
			parts = append(parts, removed(s.applications, member{a.Organization, a.ID}, a.Rev, s.applications[member{a.Organization, a.ID}].Rev))
		}
		if c.Roster != nil {
			parts = append(parts, s.rosterPart(settleRoster(*c.Roster)))
		}
		for _, a := range c.Applications {
			at := member{a.Organization, a.ID}
			parts = append(parts, revised(s.applications, at, settleApplication(a), a.Rev, s.applications[at].Rev))
		}
		for _, r := range c.Readers {
			at := member{r.Organization, r.ID}
			parts = append(parts, revised(s.readers, at, settleReader(r), r.Rev, s.readers[at].Rev))
		}
		for _, k := range c.Keys {
			parts = append(parts, s.keyPart(settleKey(k)))
		}
		for _, k := range c.Altered {
			parts = append(parts, s.altered(settleKey(k)))
		}
		if c.Docket != nil {
			parts = append(parts, s.docketParts(*c.Docket)...)
		}
		return commit(append(parts, s.eventParts(c.Events)...))
	})
}

// revised replaces a thing by its next revision, or writes the first where there is none.
func revised[V any](m map[member]V, at member, next V, rev, before int64) part {
	stored, present := m[at]
	return part{
		holds: follows(rev, before, present), ours: reflect.DeepEqual(stored, next),
		apply: func() { m[at] = next },
	}
}

// removed deletes a thing of a revision.
func removed[V any](m map[member]V, at member, rev, before int64) part {
	_, present := m[at]
	return part{holds: present && rev == before, ours: !present, apply: func() { delete(m, at) }}
}

// ordering notes that a write orders the mail of an invitation.
func (s *Store) ordering(apply func(), a org.Administrator) func() {
	return func() {
		apply()
		if a.Deliver != "" {
			s.orders = append(s.orders, mail.Order{
				Kind: mail.InvitationOrder, Organization: a.Organization, Administrator: a.ID, Reference: a.Deliver,
			})
		}
	}
}

func (s *Store) rosterPart(r org.Roster) part {
	stored, present := s.rosters[r.Organization]
	return part{
		holds: follows(r.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, r),
		apply: func() { s.rosters[r.Organization] = r },
	}
}

// Roster implements people.Store.
func (s *Store) Roster(_ context.Context, organization string) (*org.Roster, error) {
	return one(s, s.rosters, organization, settleRoster)
}

// altered writes a key that is there and not revoked, but for when it was used last.
func (s *Store) altered(k access.Key) part {
	stored, present := s.keys[k.ID]
	k.LastUsedAt = stored.LastUsedAt
	return part{
		holds: present && stored.RevokedAt.IsZero(), ours: present && reflect.DeepEqual(stored, k),
		apply: func() { s.keys[k.ID] = k },
	}
}

// NoteUse implements lastuse.Store.
func (s *Store) NoteUse(_ context.Context, id string, hour time.Time) error {
	return s.do(NoteUse, func() error {
		if k, present := s.keys[id]; present && k.LastUsedAt.Before(hour) {
			k.LastUsedAt = micro(hour)
			s.keys[id] = k
		}
		return nil
	})
}
