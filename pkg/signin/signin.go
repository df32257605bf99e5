// Package signin is the workflow of the sign-in log: every code that was judged,
// of whom, by which way, from where, for 90 days; and what a look at many of them
// shows that no single one does. It is made off the request path, from records of
// the table's stream, and decides nothing. It may not import AWS, HTTP or another
// workflow.
package signin

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Retention is for how long rows are kept, where the organisation's policy says no less: long enough to look back from an incident that is found a quarter later, and no longer, because
// a row says from where a person signed in.
const Retention = 90 * 24 * time.Hour

// Outcome is what became of a code.
type Outcome string

// The outcomes. The last two are of a wrong code that had a consequence besides.
const (
	Right     Outcome = "right"
	Wrong     Outcome = "wrong"
	Locked    Outcome = "locked"    // nothing is accepted for a while
	Suspended Outcome = "suspended" // the authenticators are out of use until a recovery or a reset
)

// Reason is why a code was not right. Which of them it was is told to administrators, never to whoever sent the code.
type Reason string

// The reasons.
const (
	NotRight Reason = "code" // it was another one, or had been used
	NotOpen  Reason = "void" // none of its kind was open: not ordered, expired, used, or answered wrongly too often
)

// AppPassword is the way and the purpose of whatever a mail client or the like has sent.
const AppPassword = "app_password"

// Entry is one row of the log.
type Entry struct {
	Organization string
	User         string
	At           time.Time // to the second
	ID           string    // see IDOf
	Outcome      Outcome
	Reason       Reason // empty of a right one
	Way          string // a method, a way back, user.TicketWay or AppPassword
	For          user.Act
	Address      string    // the browser's, as the application claimed it; empty: not said, or there was no room
	LockedUntil  time.Time // of Locked
}

// IDOf names the row of one write: the same however often its record comes, and another than that of any write of another time, user or
// revision. Source is that of an app password that was wrong, and empty otherwise.
func IDOf(user, source string, rev int64) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(user)) + "#" + user + source))
	return fmt.Sprintf("%x.%010d", sum[:8], rev) // of one user and second in the order of the writes
}

// PlaceLayout is how the time of a row is written in its place in the log: sorted as text, it is in order of time.
const PlaceLayout = "2006-01-02T15:04:05.000000Z"

// Place is where a row stands in its organisation's log.
func (e Entry) Place() string { return e.At.UTC().Format(PlaceLayout) + "#" + e.ID }

// Query asks for rows of an organisation in order of time.
type Query struct {
	User       string // empty: everybody
	From       time.Time
	To         time.Time // not included
	Descending bool
	Limit      int
	After      string // a place; the rows up to there are left out. Empty: from the beginning
}

// Store is what reading the log needs of a store.
type Store interface {
	// ReadOrganization gets both in one strongly consistent batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	// SignIns gives up to Limit rows within the times asked for, and whether there are more. Those of one user may be a moment behind. A
	// place that is none gives what would stand behind it.
	SignIns(ctx context.Context, organization string, q Query) (rows []Entry, more bool, err error)
}

// Ledger is what keeping the log needs of a store.
type Ledger interface {
	// AddSignIns writes rows, each as often as it comes the same, and says of each why it failed.
	AddSignIns(ctx context.Context, rows []Entry, until func(Entry) time.Time) []error
	// CountSignIn writes a row and counts it in every tally, all or nothing. A row that is there already was counted: nil.
	CountSignIn(ctx context.Context, row Entry, until time.Time, in []Tally) error
	// Tallied gives how tallies stand, strongly consistent; what was never counted is the zero value.
	Tallied(ctx context.Context, of []Tally) (map[Tally]Count, error)
	// Raise writes an event once for a tally, all or nothing: user.ErrConflict if one was written for it before. nil if this very event was,
	// though its acknowledgement was lost.
	Raise(ctx context.Context, t Tally, e audit.Event) error
}

// Meter counts what operators watch.
type Meter interface {
	// PatternSeen is called once for each event that was raised. It cannot fail: nothing waits for it.
	PatternSeen(organization string, p Pattern)
}

// Rule is the audit's: the log says who tried what, from where.
var Rule = access.Rule{
	Roles:      []access.Role{access.SystemAdministrator, access.OrganizationAdministrator, access.Reader},
	Permission: access.AuditRead,
}

// Service reads the log. All fields but Retention are needed.
type Service struct {
	Store     Store
	Now       func() time.Time
	Retention time.Duration // 0: Retention
}

// admitted says, to whoever may read the log, from when on there is one.
func (s *Service) admitted(ctx context.Context, c access.Caller, organization string, now time.Time) (since time.Time, err error) {
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return time.Time{}, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, Rule, organization, now); err != nil {
		return time.Time{}, err
	}
	if found == nil {
		return time.Time{}, access.ErrNotFound
	}
	since = now.Add(-orRetention(s.Retention))
	if policy := found.SignInsSince(now); policy.After(since) {
		since = policy
	}
	return since, nil
}

// down tells a failure of the store; none stays none.
func down(err error) error {
	if err == nil {
		return nil
	}
	return fault.Down(err)
}
