package policy

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// People is what the workflow needs of a store for single users of an organisation.
type People interface {
	login.Store
	// Members gets profiles and factors of many users, strongly consistent; nil where there is no such user. The
	// parts of one user may be of slightly different moments: only a conditional write decides.
	Members(ctx context.Context, organization string, users []string) (map[string]Member, error)
	// Facts gives up to limit profiles behind a user, in the order of ids, from an index that is a moment behind: the facts
	// for reports and nothing else. next is the user that the next page begins behind; empty after the last.
	Facts(ctx context.Context, organization, after string, limit int) (found []user.Profile, next string, err error)
}

// Member is one user of an organisation.
type Member = user.Member

// Subject is the user that an operation is about.
type Subject struct {
	Organization string
	User         string
}

// EnforceRule is what setting something for a single user demands of a key. A system administrator may not: he
// impersonates (design §1).
var EnforceRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.UsersWrite}

// member reads a user who must exist. Nobody is registered by being read.
func (s *Service) member(ctx context.Context, c access.Caller, r access.Rule, of Subject, now time.Time) (login.Snapshot, error) {
	snap, err := login.Load(ctx, s.Store, c, r, of.Organization, of.User, now)
	if err == nil && snap.Profile == nil {
		err = access.ErrNotFound
	}
	return snap, err
}

// stricter adds to a change of a profile what kills whatever was issued before: profile and factors are read together
// but are no snapshot, so they are written together (design §7).
func stricter(change user.Change, snap login.Snapshot) user.Change {
	killed := snap.Factors.Kill()
	change.Factors = &killed
	return change
}
