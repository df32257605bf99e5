package report

import (
	"context"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// FactsStore keeps the facts that reports read beside each profile.
type FactsStore interface {
	// AddFacts adds to what is known of a living user, so that user.Facts.With of both is what stands. It neither reads nor raises the
	// profile's revision. Of whoever is not there, of a tombstone, and where user.Profile.Told refuses, it keeps nothing, and that is no
	// error. What stands already is not written again. user.ErrConflict if others were faster time and again.
	AddFacts(ctx context.Context, organization, user string, f user.Facts) error
}

// FactsSeen are the facts of factors before a write, and after it.
type FactsSeen struct {
	Organization string
	User         string
	Before       user.Facts
	After        user.Facts
}

// Witness keeps the facts from the stream of factors.
type Witness struct {
	Store FactsStore
}

// Observe keeps what a write told. Records may come twice, late or out of order. One that tells nothing new by itself, as the second sign-in
// of a day does, costs no call.
func (w *Witness) Observe(ctx context.Context, seen FactsSeen) error {
	if seen.Before.With(seen.After) == seen.Before {
		return nil
	}
	if err := w.Store.AddFacts(ctx, seen.Organization, seen.User, seen.After); err != nil {
		return fault.Down(err)
	}
	return nil
}
