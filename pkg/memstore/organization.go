package memstore

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// ReadOrganization implements policy.Store and report.Store.
func (s *Store) ReadOrganization(_ context.Context, c access.Credential, organization string) (k *access.Key, o *org.Organization, err error) {
	err = s.do(ReadOrganization, func() error {
		k, o = s.presented(c), pointer(s.organizations, organization, settleOrganization)
		return nil
	})
	return k, o, err
}

// presented is the key of a credential, with the one that a session was begun with; nil where there is none.
func (s *Store) presented(c access.Credential) *access.Key {
	k := pointer(s.keys, c.ID, settleKey)
	if k != nil && c.Parent != "" {
		k.Parent = pointer(s.keys, c.Parent, settleKey)
	}
	return k
}

// Administrator implements policy.Store.
func (s *Store) Administrator(_ context.Context, organization, id string) (*org.Administrator, error) {
	return one(s, s.administrators, member{organization, id}, settleAdministrator)
}

// Application implements policy.Store.
func (s *Store) Application(_ context.Context, organization, id string) (*org.Application, error) {
	return one(s, s.applications, member{organization, id}, settleApplication)
}

// Policies implements policy.Store.
func (s *Store) Policies(_ context.Context, organization string, before int64, limit int) (found []org.Policy, err error) {
	err = s.do(Policies, func() error {
		versions := slices.Sorted(maps.Keys(s.history[organization]))
		for _, version := range slices.Backward(versions) {
			if version < before && len(found) < limit {
				found = append(found, settlePolicy(s.history[organization][version]))
			}
		}
		return nil
	})
	return found, err
}

// Docket implements stepup.Store.
func (s *Store) Docket(_ context.Context, organization, administrator string) (*stepup.Docket, error) {
	return one(s, s.dockets, member{organization, administrator}, settleDocket)
}

// WriteDocket implements stepup.Store.
func (s *Store) WriteDocket(ctx context.Context, d stepup.Docket) error {
	return s.WriteOrganization(ctx, d.Organization, policy.Change{Docket: &d})
}

func one[K comparable, V any](s *Store, m map[K]V, k K, clone func(V) V) (found *V, err error) {
	err = s.do(One, func() error {
		found = pointer(m, k, clone)
		return nil
	})
	return found, err
}

// WriteOrganization implements policy.Store.
func (s *Store) WriteOrganization(_ context.Context, organization string, c policy.Change) error {
	return s.do(WriteOrganization, func() error {
		parts := s.organizationParts(organization, c)
		if c.Docket != nil {
			parts = append(parts, s.docketParts(*c.Docket)...)
		}
		if c.Roster != nil {
			parts = append(parts, s.rosterPart(settleRoster(*c.Roster)))
		}
		for _, a := range c.Administrators {
			parts = append(parts, create(s.administrators, member{a.Organization, a.ID}, settleAdministrator(a)))
		}
		for _, a := range c.Applications {
			parts = append(parts, create(s.applications, member{a.Organization, a.ID}, settleApplication(a)))
		}
		for _, k := range c.Keys {
			parts = append(parts, s.keyPart(settleKey(k)))
		}
		if c.Sender != nil {
			parts = append(parts, s.senderPart(settleSender(*c.Sender)))
		}
		if c.Announcement != nil {
			parts = append(parts, s.announcementPart(settleAnnouncement(*c.Announcement)))
		}
		return commit(append(parts, s.eventParts(c.Events)...))
	})
}

func (s *Store) organizationParts(organization string, c policy.Change) []part {
	var parts []part
	if c.Organization != nil {
		o := settleOrganization(*c.Organization)
		stored, present := s.organizations[o.ID]
		parts = append(parts, part{
			holds: follows(o.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, o),
			apply: func() {
				s.organizations[o.ID] = o
				if _, listed := s.counts[o.ID]; o.Rev == 1 && !listed {
					s.counts[o.ID] = user.Counts{}
				}
			},
		})
	}
	if c.History != nil {
		if s.history[organization] == nil {
			s.history[organization] = map[int64]org.Policy{}
		}
		parts = append(parts, create(s.history[organization], c.History.Version, settlePolicy(*c.History)))
	}
	if c.Sheds {
		parts = append(parts, part{holds: true, ours: s.shedding[organization] == organization, apply: func() { s.shedding[organization] = organization }})
	}
	return parts
}

// docketParts are a docket's, with the one of the factors in which its proof is used up.
func (s *Store) docketParts(d stepup.Docket) []part {
	parts := []part{s.docketPart(settleDocket(d))}
	if d.Proof != nil {
		parts = append(parts, s.factorsPart(settleFactors(d.Proof.Factors)))
	}
	return parts
}

func (s *Store) docketPart(p stepup.Docket) part {
	at := member{p.Organization, p.Administrator}
	stored, present := s.dockets[at]
	return part{
		holds: follows(p.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, p.Attempt), proof: true,
		apply: func() {
			s.dockets[at] = p
			if p.Deliver != "" {
				s.orders = append(s.orders, mail.Order{
					Kind: mail.StepUpOrder, Organization: p.Organization, Administrator: p.Administrator, Reference: p.Deliver,
				})
			}
		},
	}
}

func (s *Store) keyPart(k access.Key) part {
	p := create(s.keys, k.ID, k)
	p.proof = true // nobody else can have made the same digest
	return p
}

// create writes a thing where there is none.
func create[K comparable, V any](m map[K]V, k K, v V) part {
	stored, present := m[k]
	return part{holds: !present, ours: reflect.DeepEqual(stored, v), apply: func() { m[k] = v }}
}

// CreateSystemAdministrator writes a system administrator with a first key and its event.
func (s *Store) CreateSystemAdministrator(_ context.Context, k access.Key, name, email string, e audit.Event) error {
	return s.do(CreateSystemAdministrator, func() error {
		k = settleKey(k)
		k.Everywhere, k.Vendor = true, true
		a := settleAdministrator(org.Administrator{ID: k.Holder, Name: name, Email: email, Keys: []string{k.ID}, CreatedAt: k.CreatedAt, Rev: 1})
		return commit([]part{s.keyPart(k), create(s.administrators, member{"", a.ID}, a), s.eventPart(settleEvent(e))})
	})
}
