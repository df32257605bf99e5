package stepup

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
)

// Confirm judges a word for a change, and gives the visit whose docket is to be written with what the change does. nil says that
// the word is right, and that the change is live, or was applied with this very word (Applied says which). A wrong one is counted
// before anyone hears of it.
func (v Visit) Confirm(ctx context.Context, by access.Caller, c Change, w Word, now time.Time) (Visit, error) {
	if w.By == ByTOTP {
		return v.prove(ctx, by, c, w.Code, now)
	}
	if err := v.open(c, now); err != nil {
		return v, err
	}
	want, err := factor.MailedCode(v.gate.Codes, c.KeyID, v.Docket.Mailed(c))
	if err != nil {
		return v, fault.Down(err)
	}
	if factor.Equal(want, w.Code) {
		return v, nil
	}
	if err := v.gate.Store.WriteDocket(ctx, v.Docket.miss(c.ID, now)); err != nil {
		return v, fault.Down(err)
	}
	return v, ErrRefused
}

// open refuses a try that is not evaluated.
func (v Visit) open(c Change, now time.Time) error {
	if _, locked := v.Docket.Throttle.Locked(now); locked {
		return ErrRefused
	}
	applied := c.Applied != 0
	if !applied && !c.Live(now) || applied && !now.Before(c.ExpiresAt) {
		return ErrEnded
	}
	return nil
}
