package login

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// Reader reads what a step needs; see the stores of the workflows.
type Reader interface {
	Read(ctx context.Context, key, organization, user string) (Snapshot, error)
}

// Refuse answers a request whose form is wrong, so that it names no user: the key is judged first all
// the same, and whoever has none that is valid learns nothing about forms.
func Refuse(ctx context.Context, r Reader, c access.Caller, rule access.Rule, now time.Time, form error) error {
	snap, err := r.Read(ctx, c.Credential.ID, "", "")
	if err != nil {
		return fault.Down(err)
	}
	if err := access.Authorize(snap.Key, c.Credential, rule, "", now); err != nil {
		return err
	}
	return form
}
