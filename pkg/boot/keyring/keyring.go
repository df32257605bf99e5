// Package keyring opens the keysets that a function's role may unwrap, in the init
// phase, all at once. What it opens stays in the memory of the process.
package keyring

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"twofold/pkg/boot"
	"twofold/pkg/seal"
)

// Store gives the wrapped keysets, by purpose.
type Store interface {
	Keysets(ctx context.Context, purposes ...string) (map[string][]byte, error)
}

// Rings are opened keysets by purpose.
type Rings map[seal.Purpose]*seal.Ring

// Open unwraps the keysets of the purposes. It fails unless all can be: a function with
// half of its keys must not start.
func Open(ctx context.Context, f *boot.Function, store Store, purposes ...seal.Purpose) (Rings, error) {
	f.Connect("kms", len(purposes))
	names := make([]string, len(purposes))
	for i, p := range purposes {
		names[i] = string(p)
	}
	wrapped, err := store.Keysets(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	client := kms.NewFromConfig(f.AWS, func(o *kms.Options) { o.BaseEndpoint = boot.Endpoint("kms") })
	rings, errs := make([]*seal.Ring, len(purposes)), make([]error, len(purposes))
	var wait sync.WaitGroup
	for i, p := range purposes {
		wait.Go(func() { rings[i], errs[i] = open(ctx, client, f.KeyARN, p, wrapped[string(p)]) })
	}
	wait.Wait()
	all := Rings{}
	for i, p := range purposes {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all[p] = rings[i]
	}
	return all, nil
}

func open(ctx context.Context, client seal.Client, keyARN string, p seal.Purpose, wrapped []byte) (*seal.Ring, error) {
	if len(wrapped) == 0 {
		return nil, fmt.Errorf("keyring: there is no keyset for %s; run the bootstrap", p)
	}
	raw, err := seal.Unwrap(ctx, client, keyARN, p, wrapped)
	if err != nil {
		return nil, err
	}
	return seal.Load(p, raw)
}
