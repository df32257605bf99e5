package login

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Store is what the steps of a login need of a store, whichever workflow takes them.
type Store interface {
	// Read gets key, organisation, profile and factors in one strongly consistent batch. Parts that
	// do not exist are nil (factors: the zero value with both ids); that is no error.
	Read(ctx context.Context, c access.Credential, organization, user string) (Snapshot, error)
	// Write writes all of a change or nothing. It answers user.ErrConflict if a part was written by
	// somebody else since it was read, and nil if the write won although its acknowledgement was lost.
	Write(ctx context.Context, c user.Change) error
}

// Load reads what a step needs and judges the caller.
func Load(ctx context.Context, s Store, c access.Caller, rule access.Rule, organization, userID string, now time.Time) (Snapshot, error) {
	snap, err := s.Read(ctx, c.Credential, organization, userID)
	if err != nil {
		return snap, fault.Down(err)
	}
	return snap, Authorize(snap, c, rule, organization, now)
}

// LoadWithDevice is Load with one of the user's devices; an empty id asks for none.
func LoadWithDevice(ctx context.Context, s DeviceStore, c access.Caller, rule access.Rule, organization, userID, device string, now time.Time) (Snapshot, error) {
	if device == "" {
		return Load(ctx, s, c, rule, organization, userID, now)
	}
	snap, err := s.ReadWithDevice(ctx, c.Credential, organization, userID, device)
	if err != nil {
		return snap, fault.Down(err)
	}
	return snap, Authorize(snap, c, rule, organization, now)
}

// Save writes what a step changes. A failure of the store is fault.Unavailable; user.ErrConflict stays what it is.
func Save(ctx context.Context, s Store, change user.Change) error {
	if err := s.Write(ctx, change); err != nil {
		return fault.Down(err)
	}
	return nil
}

// Refuse answers a request whose form is wrong, so that it names no user: the key is judged first all
// the same, and whoever has none that is valid learns nothing about forms.
func Refuse(ctx context.Context, s Store, c access.Caller, rule access.Rule, now time.Time, form error) error {
	snap, err := s.Read(ctx, c.Credential, "", "")
	if err != nil {
		return fault.Down(err)
	}
	if err := access.Authorize(snap.Key, c.Credential, rule, "", now); err != nil {
		return err
	}
	return form
}
