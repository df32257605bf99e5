package notary

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/user"
)

// page is how many logs are looked for at once.
const page = 100

// Tick signs a checkpoint of every log that has grown since its latest. It begins with none after a time: those that are left wait for the next
// tick. One that fails holds no other up.
func (n *Notary) Tick(ctx context.Context, until time.Time) error {
	var failed []error
	for after := ""; ; {
		organizations, next, err := n.Store.Unsigned(ctx, after, page)
		if err != nil {
			return errors.Join(append(failed, fault.Down(err))...)
		}
		for _, organization := range organizations {
			if !n.Now().Before(until) {
				return errors.Join(failed...)
			}
			if err := n.sign(ctx, organization); err != nil {
				failed = append(failed, fmt.Errorf("notary: log %q: %w", organization, err))
			}
		}
		if after = next; after == "" {
			return errors.Join(failed...)
		}
	}
}

// sign signs a log as it is now.
func (n *Notary) sign(ctx context.Context, organization string) error {
	return race(func() error {
		head, _, err := n.Store.Log(ctx, organization, nil)
		switch {
		case err != nil:
			return fault.Down(err)
		case !head.Dirty():
			return nil // another tick was faster
		}
		if err := n.continues(ctx, head); err != nil {
			return err
		}
		c, err := ledger.Sign(head, n.Issuer, n.Keys[:min(signing, len(n.Keys))], n.Now())
		if err != nil {
			return err
		}
		next := head.Sign()
		next.Attempt = attempt()
		return down(n.Store.WriteCheckpoint(ctx, next, c))
	})
}

// continues demands that a log begins with what its latest checkpoint says. The head is only a note of where we were: whoever can write to the store can
// replace it, and must not get a signature for that.
func (n *Notary) continues(ctx context.Context, head ledger.Head) error {
	latest, err := n.Store.Checkpoint(ctx, head.Organization, 0)
	switch {
	case err != nil:
		return fault.Down(err)
	case latest == nil && head.Signed == 0:
		return nil
	case latest == nil || latest.Size != head.Signed:
		return n.overtaken(ctx, head)
	}
	signed, err := ledger.OpenOwn(*latest, n.Keys)
	if err != nil {
		return ErrForked
	}
	return n.extends(ctx, head, signed)
}

// overtaken tells a checkpoint that was signed since the head was read from a head that was put back.
func (n *Notary) overtaken(ctx context.Context, head ledger.Head) error {
	now, _, err := n.Store.Log(ctx, head.Organization, nil)
	switch {
	case err != nil:
		return fault.Down(err)
	case now.Rev == head.Rev:
		return ErrForked
	}
	return user.ErrConflict
}

func (n *Notary) extends(ctx context.Context, head ledger.Head, signed ledger.Signed) error {
	root, err := head.Root()
	if err != nil {
		return ErrForked
	}
	path, err := ledger.Consistency(signed.Size, head.Size)
	if err != nil {
		return ErrForked
	}
	leaves, err := n.Store.Leaves(ctx, head.Organization, path.Leaves())
	if err != nil {
		return fault.Down(err)
	}
	hashes, err := path.Hashes(leaves)
	if err != nil || !ledger.Extends(signed.Size, signed.Root, head.Size, root, hashes) {
		return ErrForked
	}
	return nil
}
