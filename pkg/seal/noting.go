package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"twofold/pkg/ledger"
)

// The private keys that sign checkpoints are Ed25519 seeds (RFC 8032 §5.1.5), in the order of their age, like those of Tink's keysets: the last
// one is the next, the one before it is in use. None is ever dropped: a log that was quiet for long continues one that an old key signed.

func freshSeeds() ([]byte, error) {
	first, err := newSeed()
	if err != nil {
		return nil, err
	}
	next, err := newSeed()
	if err != nil {
		return nil, err
	}
	return json.Marshal([][]byte{first, next})
}

func rotateSeeds(old []byte) ([]byte, error) {
	seeds, err := readSeeds(old)
	if err != nil {
		return nil, err
	}
	fresh, err := newSeed()
	if err != nil {
		return nil, err
	}
	return json.Marshal(append(seeds, fresh))
}

func newSeed() ([]byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return private.Seed(), nil
}

// readSeeds hides the decoder's reason, which may quote what it read.
func readSeeds(raw []byte) ([][]byte, error) {
	var seeds [][]byte
	wrong := func(seed []byte) bool { return len(seed) != ed25519.SeedSize }
	if json.Unmarshal(raw, &seeds) != nil || len(seeds) < 2 || slices.ContainsFunc(seeds, wrong) {
		return nil, fmt.Errorf("%w: the keys for checkpoints cannot be read", ErrBlob)
	}
	return seeds, nil
}

// noting signs and does not show its key.
type noting struct{ private ed25519.PrivateKey }

func (n noting) Public() ed25519.PublicKey { return n.private.Public().(ed25519.PublicKey) }

func (n noting) Sign(message []byte) ([]byte, error) { return ed25519.Sign(n.private, message), nil }

// CheckpointKeys are the keys that sign checkpoints: the one in use, and behind it all that were in use before, the latest first. Nil where the purpose
// has none.
func (r *Ring) CheckpointKeys() []ledger.Key {
	var keys []ledger.Key
	for at := len(r.seeds) - 2; at >= 0; at-- {
		keys = append(keys, noting{ed25519.NewKeyFromSeed(r.seeds[at])})
	}
	return keys
}
