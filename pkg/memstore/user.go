package memstore

import (
	"context"
	"reflect"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Read implements login.Store.
func (s *Store) Read(_ context.Context, c access.Credential, organization, id string) (snap login.Snapshot, err error) {
	err = s.do(Read, func() error {
		snap = s.snapshot(c, organization, id)
		return nil
	})
	return snap, err
}

func (s *Store) snapshot(c access.Credential, organization, id string) login.Snapshot {
	m := s.memberOf(organization, id)
	return login.Snapshot{
		Key: s.presented(c), Organization: pointer(s.organizations, organization, settleOrganization),
		Profile: m.Profile, Tombstone: m.Tombstone, Factors: m.Factors,
	}
}

func (s *Store) memberOf(organization, id string) (m user.Member) {
	m.Profile, m.Tombstone = user.Split(pointer(s.profiles, member{organization, id}, settleProfile))
	m.Factors = s.factorsOf(organization, id)
	return m
}

// Members implements policy.Store.
func (s *Store) Members(_ context.Context, organization string, users []string) (members map[string]user.Member, err error) {
	members = map[string]user.Member{}
	err = s.do(Members, func() error {
		for _, id := range users {
			members[id] = s.memberOf(organization, id)
		}
		return nil
	})
	return members, err
}

// Registered implements mail.AnnouncementStore.
func (s *Store) Registered(_ context.Context, organization string, users []string) (profiles map[string]user.Profile, err error) {
	profiles = map[string]user.Profile{}
	err = s.do(Registered, func() error {
		for _, id := range users {
			if living := s.memberOf(organization, id).Profile; living != nil {
				profiles[id] = *living
			}
		}
		return nil
	})
	return profiles, err
}

func (s *Store) factorsOf(organization, id string) user.Factors {
	if f := pointer(s.factors, member{organization, id}, settleFactors); f != nil {
		return *f
	}
	return user.Factors{Organization: organization, User: id}
}

// Write implements login.Store.
func (s *Store) Write(_ context.Context, c user.Change) error {
	return s.do(Write, func() error { return commit(s.changeParts(c)) })
}

// WriteMany implements enroll.Store.
func (s *Store) WriteMany(_ context.Context, changes []user.Change) error {
	return s.do(Write, func() error {
		var parts []part
		for _, c := range changes {
			parts = append(parts, s.changeParts(c)...)
		}
		return commit(parts)
	})
}

// WriteWithDocket implements stepup.Store.
func (s *Store) WriteWithDocket(_ context.Context, c user.Change, d stepup.Docket) error {
	return s.do(Write, func() error { return commit(append(s.changeParts(c), s.docketParts(d)...)) })
}

func (s *Store) changeParts(c user.Change) []part {
	var parts []part
	if c.Factors != nil {
		parts = append(parts, s.factorsPart(settleFactors(*c.Factors)))
	}
	if c.Profile != nil {
		parts = append(parts, s.profilePart(settleProfile(*c.Profile)))
	}
	parts = append(parts, s.deviceParts(c)...)
	parts = append(parts, s.noticeParts(c)...)
	parts = append(parts, s.appPasswordParts(c)...)
	return append(parts, s.eventParts(c.Events)...)
}

func (s *Store) factorsPart(f user.Factors) part {
	at := member{f.Organization, f.User}
	stored, present := s.factors[at]
	return part{
		holds: follows(f.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, f.Attempt), proof: true,
		apply: func() {
			s.factors[at] = f
			if f.Deliver != "" {
				order := mail.OfFactors(f.Organization, f.User, f.Deliver, lastFailure(f))
				order.From = f.From
				s.orders = append(s.orders, order)
			}
		},
	}
}

// lastFailure is zero where there is none.
func lastFailure(f user.Factors) (at time.Time) {
	for _, failure := range f.Throttle.Failures {
		at = failure
	}
	return at
}

func (s *Store) profilePart(p user.Profile) part {
	at := member{p.Organization, p.User}
	stored, present := s.profiles[at]
	p.Facts = user.Facts{}
	if !p.Deleted() {
		p.Facts = stored.Facts // no change of a profile writes them
	}
	return part{
		holds: follows(p.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, p),
		apply: func() {
			s.profiles[at] = p
			s.written = append(s.written, settleProfile(p))
		},
	}
}

func (s *Store) eventParts(events []audit.Event) []part {
	var parts []part
	for _, e := range events {
		parts = append(parts, s.eventPart(settleEvent(e)))
	}
	return parts
}

func (s *Store) eventPart(e audit.Event) part {
	at := eventKey(e)
	stored, present := s.events[e.Organization][at]
	return part{
		holds: !present, ours: reflect.DeepEqual(stored, e), proof: true,
		apply: func() {
			if s.events[e.Organization] == nil {
				s.events[e.Organization] = map[string]audit.Event{}
			}
			s.events[e.Organization][at] = e
			if e.Notify {
				s.orders = append(s.orders, mail.Order{
					Kind: mail.NoticeOrder, Organization: e.Organization, User: e.User, Reference: e.ID, Event: settleEvent(e),
				})
			}
		},
	}
}

func eventKey(e audit.Event) string { return moment(e.At) + "#" + e.ID }

// moment writes a time so that times sort as text.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
