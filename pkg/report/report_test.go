package report

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("connection reset")
)

// shelf is a store of two users and two events, in pages of one; it notes what it was asked.
type shelf struct {
	LogStore
	key          *access.Key
	organization *org.Organization
	users        []user.Profile
	counts       user.Counts
	days         []user.DayCounts
	events       []audit.Event
	err          error // of the pages
	readErr      error // of key and organisation
	asked        int
}

func (s *shelf) ReadOrganization(_ context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error) {
	k, o := s.key, s.organization
	if k != nil && k.ID != c.ID {
		k = nil
	}
	if o != nil && o.ID != organization {
		o = nil
	}
	return k, o, s.readErr
}

func (s *shelf) Users(_ context.Context, _ string, q UserQuery) (found []Listed, next string, err error) {
	s.asked++
	for _, p := range s.users {
		if value := q.Sort.Value(p); value > q.After && q.Span.Holds(value) {
			found = append(found, Listed{Value: value, Profile: p})
		}
	}
	if len(found) > q.Limit {
		found = found[:q.Limit]
		next = found[q.Limit-1].Value
	}
	return found, next, s.err
}

func (s *shelf) Organizations(context.Context, ...string) (map[string]org.Organization, error) {
	s.asked++
	return map[string]org.Organization{s.organization.ID: *s.organization}, s.err
}

func (s *shelf) Counts(context.Context, string) (user.Counts, error) {
	s.asked++
	return s.counts, s.err
}

func (s *shelf) Tallies(context.Context) ([]user.Tally, error) {
	s.asked++
	return []user.Tally{{Organization: s.organization.ID, Counts: s.counts}}, s.err
}

func (s *shelf) Days(context.Context, string, user.Day) ([]user.DayCounts, error) {
	s.asked++
	return s.days, s.err
}

func (s *shelf) Events(_ context.Context, _ string, q EventQuery) ([]audit.Event, string, error) {
	s.asked++
	from := 0
	for i, e := range s.events {
		if e.ID == q.After {
			from = i + 1
		}
	}
	page := s.events[from : from+1]
	if from+1 == len(s.events) {
		return page, "", s.err
	}
	return page, page[0].ID, s.err
}

func (s *shelf) Entries(context.Context, string, []ledger.Place) (map[ledger.Place]uint64, error) {
	return nil, s.err
}

// reader is a service with a reader's key for Acme.
func reader(t *testing.T) (*Service, *shelf, access.Caller) {
	t.Helper()
	key, text := access.NewKey(access.Reader, noon)
	key.Organizations = []string{"acme", "gone"}
	c, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{
		key:          &key,
		organization: &org.Organization{ID: "acme", Entitlements: org.Entitlements{TwoFactor: true}, Policy: org.DefaultOrganizationPolicy(noon)},
		users: []user.Profile{
			{Organization: "acme", User: "ann", Email: "ann@example.com"}, {Organization: "acme", User: "bob", Email: "bob@example.com"},
		},
		events: []audit.Event{{ID: place}, {ID: place + "2"}},
	}
	return &Service{Store: s, Now: func() time.Time { return noon }}, s, access.Caller{Credential: c}
}

var byEmail = Query{Sort: ByEmail, Limit: 1}

func TestEnrollmentPageByPage(t *testing.T) {
	s, _, c := reader(t)
	first, err := s.Enrollment(context.Background(), c, "acme", byEmail)
	if err != nil || len(first.Rows) != 1 || first.Rows[0].User != "ann" || first.Cursor == "" || first.Policy != 1 {
		t.Fatalf("the first page: %+v, %v", first, err)
	}
	second, err := s.Enrollment(context.Background(), c, "acme", behind(byEmail, first.Cursor))
	if err != nil || len(second.Rows) != 1 || second.Rows[0].User != "bob" || second.Cursor != "" {
		t.Fatalf("the second page: %+v, %v", second, err)
	}
	other := Query{Sort: ByUser, Limit: 1}
	if _, err := s.Enrollment(context.Background(), c, "acme", behind(other, first.Cursor)); !errors.Is(err, ErrCursor) {
		t.Errorf("the cursor of another order: %v", err)
	}
}

func behind(q Query, cursor string) Query {
	q.Cursor = cursor
	return q
}

func TestEventsPageByPage(t *testing.T) {
	s, _, c := reader(t)
	first, err := s.Events(context.Background(), c, "acme", EventQuery{Limit: 1}, "")
	if err != nil || !reflect.DeepEqual(first.Events, []audit.Event{{ID: place}}) || first.Cursor == "" {
		t.Fatalf("the first page: %+v, %v", first, err)
	}
	second, err := s.Events(context.Background(), c, "acme", EventQuery{Limit: 1}, first.Cursor)
	if err != nil || !reflect.DeepEqual(second.Events, []audit.Event{{ID: place + "2"}}) || second.Cursor != "" {
		t.Fatalf("the second page: %+v, %v", second, err)
	}
	if _, err := s.Events(context.Background(), c, "acme", EventQuery{Descending: true, Limit: 1}, first.Cursor); !errors.Is(err, ErrCursor) {
		t.Errorf("the cursor of another direction: %v", err)
	}
}

// both calls an operation of each kind and gives what they answer, which must be one answer.
func both(t *testing.T, s *Service, c access.Caller, organization string) error {
	t.Helper()
	page, err := s.Enrollment(context.Background(), c, organization, byEmail)
	events, again := s.Events(context.Background(), c, organization, EventQuery{Limit: 1}, "")
	if fmt.Sprint(err) != fmt.Sprint(again) {
		t.Errorf("two operations answer %v and %v", err, again)
	}
	if err != nil && (!reflect.DeepEqual(page, Page{}) || !reflect.DeepEqual(events, EventPage{})) {
		t.Error("a refusal comes with something")
	}
	return err
}

// Another's organisation is the 404 of an unknown one, and nothing of it is read.
func TestWhoMayRead(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*shelf)
		organization string
		want         error
	}{
		"its own":       {func(*shelf) {}, "acme", nil},
		"another's":     {func(s *shelf) { s.organization.ID = "globex" }, "globex", access.ErrNotFound},
		"no such":       {func(*shelf) {}, "nowhere", access.ErrNotFound},
		"gone":          {func(*shelf) {}, "gone", access.ErrNotFound},
		"revoked":       {func(s *shelf) { s.key.RevokedAt = noon }, "acme", access.ErrUnauthenticated},
		"unknown":       {func(s *shelf) { s.key = nil }, "acme", access.ErrUnauthenticated},
		"an outage":     {func(s *shelf) { s.readErr = errDown }, "acme", fault.New(fault.Unavailable, "unavailable", "")},
		"a late outage": {func(s *shelf) { s.err = errDown }, "acme", fault.New(fault.Unavailable, "unavailable", "")},
	} {
		s, store, caller := reader(t)
		c.change(store)
		err := both(t, s, caller, c.organization)
		if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if refused := err != nil && store.err == nil; refused && store.asked != 0 {
			t.Errorf("%s: refused, and yet %d pages were read", name, store.asked)
		}
	}
}

// An application may not read reports; an administrator needs the permission of each.
func TestRoles(t *testing.T) {
	for _, role := range []access.Role{access.Application, access.OrganizationAdministrator, access.SystemAdministrator, access.Reader} {
		s, store, _ := reader(t)
		key, text := access.NewKey(role, noon)
		key.Everywhere = true
		credential, err := access.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		store.key = &key
		want := map[access.Role]error{access.Application: access.ErrRole, access.OrganizationAdministrator: access.ErrPermission}[role]
		_, err = s.Enrollment(context.Background(), access.Caller{Credential: credential}, "acme", byEmail)
		if (err == nil) != (want == nil) || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", role, err, want)
		}
		key.Permissions = []access.Permission{access.ReportsRead}
		_, err = s.Events(context.Background(), access.Caller{Credential: credential}, "acme", EventQuery{Limit: 1}, "")
		if (err == nil) != (want == nil) || want != nil && !errors.Is(err, want) {
			t.Errorf("%s, events: %v, want %v", role, err, want)
		}
	}
}
