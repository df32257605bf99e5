package seal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
)

// The key in use signs; a rotation puts the next one to use, and all that were used before still stand behind it.
func TestCheckpointKeysStayInOrder(t *testing.T) {
	raw := newBlob(t, Checkpoints)
	var used []ed25519.PublicKey
	for range 4 {
		keys := load(t, Checkpoints, raw).CheckpointKeys()
		if len(keys) != len(used)+1 {
			t.Fatalf("%d keys after %d rotations", len(keys), len(used))
		}
		signature, err := keys[0].Sign([]byte("text"))
		if err != nil || !ed25519.Verify(keys[0].Public(), []byte("text"), signature) {
			t.Errorf("a signature does not verify: %v", err)
		}
		used = append([]ed25519.PublicKey{keys[0].Public()}, used...)
		for at, key := range keys {
			if !bytes.Equal(key.Public(), used[at]) {
				t.Errorf("key %d is not the one that was used %d rotations ago", at, at)
			}
		}
		if len(used) > 1 && bytes.Equal(used[0], used[1]) {
			t.Error("a rotation left the key in use")
		}
		raw = rotate(t, Checkpoints, raw)
	}
}

func TestSeedsMustBeSeeds(t *testing.T) {
	good := newBlob(t, Checkpoints)
	for name, seeds := range map[string]string{
		"noise": "noise", "none": `[]`, "one, none to come": `["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]`, "short": `["AAAA","AAAA"]`,
	} {
		raw := edit(t, good, func(b *blob) { b.Parts[partSeeds] = []byte(seeds) })
		if _, err := Load(Checkpoints, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s: Load gave %v", name, err)
		}
		if _, err := Rotate(Checkpoints, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s: Rotate gave %v", name, err)
		}
	}
}

// KMS takes 4,096 bytes: so many rotations fit that a key a quarter lasts longer than this product.
func TestManyRotationsOfCheckpointKeysFit(t *testing.T) {
	raw := newBlob(t, Checkpoints)
	for range 50 {
		raw = rotate(t, Checkpoints, raw)
	}
	if len(raw) > maxBlob {
		t.Errorf("%d bytes", len(raw))
	}
}
