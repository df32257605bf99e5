package policy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// What a page of a dry run may cost: so many users are looked at, whatever is found among them, so many at a time.
const (
	lookedAt = 1000
	atATime  = 200
)

// Group is a set of users of a dry run: an outcome, or one of the sets below.
type Group string

// The groups that are no outcomes.
const (
	GroupExempt             Group = "exempt"
	GroupRecoveryImpossible Group = "recovery_impossible"
	GroupExemptionEnding    Group = "exemption_ending"
	GroupLockedOut          Group = "locked_out"
	GroupClientRefused      Group = "client_refused"
)

// ForetoldQuery asks for one page of the users of a group. Change is the caller's own proposal; empty: the policy that stands.
type ForetoldQuery struct {
	Group  Group
	Later  bool // after enforcement has begun and the grace of today's users is over; false: today
	Change string
	Limit  int
	Cursor string
}

// Foretold is one user of a dry run.
type Foretold struct {
	Profile user.Profile // facts only
	Fate    Fate
}

// ForetoldPage is part of a group. It may be short, or empty, although there is more: then it has a cursor.
type ForetoldPage struct {
	At     time.Time // the time judged
	Users  []Foretold
	Cursor string // empty: there is no more
}

// ForetoldRule is what naming users demands of a key: the same as a report.
var ForetoldRule = access.Rule{
	Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.ReportsRead,
}

// ErrCursor refuses a cursor that is not ours, or of another query.
var ErrCursor = fault.New(fault.Unprocessable, "invalid_cursor", "This cursor does not belong to this query.").At("query.cursor")

// Foretold gives the users of a group of a dry run, judged one by one, so exactly: the counts are to the day, and a moment
// behind. No user stands in two pages of a query.
func (s *Service) Foretold(ctx context.Context, c access.Caller, organization string, q ForetoldQuery) (ForetoldPage, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, ForetoldRule, organization, now)
	if err != nil {
		return ForetoldPage{}, err
	}
	after, err := q.after()
	if err != nil {
		return ForetoldPage{}, err
	}
	p, err := s.foretelling(ctx, snap, q.Change, now)
	if err != nil {
		return ForetoldPage{}, err
	}
	page := ForetoldPage{At: now}
	if q.Later {
		page.At = later(p, now)
	}
	for seen := 0; seen < lookedAt; seen += atATime {
		found, next, err := s.Store.Facts(ctx, organization, after, atATime)
		if err != nil {
			return ForetoldPage{}, fault.Down(err)
		}
		for i, of := range found {
			fate := foresee(ofUser(*snap.Organization, p, of), page.At)
			if !fate.in(q.Group) {
				continue
			}
			page.Users = append(page.Users, Foretold{Profile: of, Fate: fate})
			if len(page.Users) == q.Limit {
				if i < len(found)-1 || next != "" {
					page.Cursor = q.cursor(of.User)
				}
				return page, nil
			}
		}
		if after = next; after == "" {
			return page, nil
		}
	}
	page.Cursor = q.cursor(after)
	return page, nil
}

// foretelling is the policy that a query is about.
func (s *Service) foretelling(ctx context.Context, snap Snapshot, change string, now time.Time) (org.Policy, error) {
	if change == "" {
		return snap.Organization.Policy, nil
	}
	visit, err := s.gate().Enter(ctx, snap.Key)
	if err != nil {
		return org.Policy{}, err
	}
	waiting, err := visit.Proposed(snap.Organization.ID, stepup.Policy, change)
	if err != nil {
		return org.Policy{}, err
	}
	w, err := wanted(waiting)
	return w.Begun(snap.Organization.Policy, now), err
}

func (f Fate) in(g Group) bool {
	switch g {
	case GroupExempt:
		return f.Exempt()
	case GroupRecoveryImpossible:
		return f.RecoveryImpossible
	case GroupExemptionEnding:
		return f.ExemptionEnding
	case GroupLockedOut:
		return f.LockedOut()
	case GroupClientRefused:
		return len(f.Refused) > 0
	}
	return Group(f.Outcome) == g
}

// position is where a page ended. It names no organisation: that is always the request's own.
type position struct {
	Group  Group  `json:"g"`
	Later  bool   `json:"l,omitempty"`
	Change string `json:"c,omitempty"`
	User   string `json:"u"`
}

func (q ForetoldQuery) cursor(user string) string {
	plain, err := json.Marshal(position{q.Group, q.Later, q.Change, user})
	if err != nil {
		return "" // strings and a bool: cannot fail
	}
	return base64.RawURLEncoding.EncodeToString(plain)
}

// after is the user behind whom the page begins; empty: at the beginning.
func (q ForetoldQuery) after() (string, error) {
	if q.Cursor == "" {
		return "", nil
	}
	var at position
	plain, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || json.Unmarshal(plain, &at) != nil {
		return "", ErrCursor
	}
	// A cursor has one form only; and U+FFFD would be what was put in the place of bytes that were not UTF-8.
	if at.User == "" || strings.ContainsRune(at.User, utf8.RuneError) || q.cursor(at.User) != q.Cursor {
		return "", ErrCursor
	}
	return at.User, nil
}
