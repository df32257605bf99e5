package installation

import (
	"context"
	"fmt"

	"twofold/pkg/seal"
)

// keysets makes the keysets that are missing. Of two runs that make the same
// one at once, the first to store it wins and the other's is forgotten: until
// it is stored, nothing has been sealed with it.
func (i *Installation) keysets(ctx context.Context) error {
	var names []string
	for _, p := range seal.Purposes() {
		names = append(names, string(p))
	}
	stored, err := i.Store.Keysets(ctx, names...)
	if err != nil {
		return fmt.Errorf("reading the keysets: %w", err)
	}
	for _, p := range seal.Purposes() {
		created := false
		if len(stored[string(p)]) == 0 {
			if created, err = i.keyset(ctx, p); err != nil {
				return fmt.Errorf("the keyset for %s: %w", p, err)
			}
		}
		if created {
			i.say("keyset %s: made", p)
		} else {
			i.say("keyset %s: exists, left alone", p)
		}
	}
	return nil
}

func (i *Installation) keyset(ctx context.Context, p seal.Purpose) (created bool, err error) {
	raw, err := seal.NewBlob(p)
	if err != nil {
		return false, err
	}
	wrapped, err := seal.Wrap(ctx, i.KMS, i.KeyARN, p, raw)
	if err != nil {
		return false, err
	}
	return i.Store.PutKeyset(ctx, string(p), wrapped, i.Now())
}
