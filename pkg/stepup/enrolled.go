package stepup

import (
	"context"

	"twofold/pkg/fault"
	"twofold/pkg/login"
)

// Unenrolled reports whether the administrator is a user too, and one without a second factor. It costs a read only where that is not known
// yet. Whoever impersonates enters as the system administrator that they are, and is nobody's user.
func (v Visit) Unenrolled(ctx context.Context) (bool, error) {
	a := v.Administrator
	if a.Organization == "" || a.User == "" || v.Docket.Proof != nil {
		return false, nil
	}
	snap, err := v.user(ctx, a.User)
	return err == nil && (snap.Profile == nil || !snap.Factors.Enrolled()), err
}

// user reads a user of the administrator's organisation.
func (v Visit) user(ctx context.Context, id string) (login.Snapshot, error) {
	o, profile, factors, err := v.gate.Store.Recipient(ctx, v.Administrator.Organization, id)
	if err != nil {
		return login.Snapshot{}, fault.Down(err)
	}
	return login.Snapshot{Key: v.key, Organization: o, Profile: profile, Factors: factors}, nil
}
