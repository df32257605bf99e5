package login

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// AppPasswordStore is a store that app passwords are in too.
type AppPasswordStore interface {
	Store
	// ReadWithAppPasswords is Read with the user's app passwords in the same batch and, unless source is empty, with what has failed from that
	// source. Where there is no such item it is the zero value with its names.
	ReadWithAppPasswords(ctx context.Context, c access.Credential, organization, user, source string) (Snapshot, error)
}

// LoadWithAppPasswords is Load with them.
func LoadWithAppPasswords(ctx context.Context, s AppPasswordStore, c access.Caller, rule access.Rule, organization, userID, source string, now time.Time) (Snapshot, error) {
	snap, err := s.ReadWithAppPasswords(ctx, c.Credential, organization, userID, source)
	if err != nil {
		return snap, fault.Down(err)
	}
	return snap, Authorize(snap, c, rule, organization, now)
}

// AppPassword is one that was made, as the user gets it.
type AppPassword struct {
	ID       string
	Service  string
	Password string // grouped for reading
}
