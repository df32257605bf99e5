package stepup

import (
	"context"

	"twofold/pkg/fault"
)

// linked reports whether we know who the administrator is as a user. Whoever impersonates enters as the system administrator that they
// are, and belongs to no organisation that has users.
func (v Visit) linked() bool { return v.Administrator.Organization != "" && v.Administrator.User != "" }

// Unenrolled reports whether the administrator is a user too, and one without a second factor. It costs a read only where there is such
// a user.
func (v Visit) Unenrolled(ctx context.Context) (bool, error) {
	if !v.linked() {
		return false, nil
	}
	_, profile, factors, err := v.gate.Store.Recipient(ctx, v.Administrator.Organization, v.Administrator.User)
	if err != nil {
		return false, fault.Down(err)
	}
	return profile == nil || !factors.Enrolled(), nil
}
