package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// blobVersion is the layout below. A blob of another one is refused, never guessed at.
const blobVersion = 1

// blob is what KMS wraps. Purpose is repeated inside, so that a blob put in
// another's place is noticed even by whoever may unwrap both.
type blob struct {
	Version int             `json:"version"`
	Purpose Purpose         `json:"purpose"`
	Parts   map[part][]byte `json:"parts"`
}

// kind knows how the keys of a part come to be.
type kind struct {
	fresh  func() ([]byte, error)
	rotate func(old []byte) ([]byte, error)
}

var kinds = map[part]kind{
	partAEAD: keysetKind(aeadTemplate),
	partPRF:  keysetKind(prfTemplate),
	partMAC:  keysetKind(macTemplate),
	partJWKS: {freshSigningKeys, rotateSigningKeys},

	partSeeds: {freshSeeds, rotateSeeds},
}

// NewBlob makes the keys of a purpose. The result is secret: wrap it before it goes anywhere.
func NewBlob(p Purpose) ([]byte, error) {
	parts, err := partsFor(p)
	if err != nil {
		return nil, err
	}
	b := blob{Version: blobVersion, Purpose: p, Parts: map[part][]byte{}}
	for _, name := range parts {
		if b.Parts[name], err = kinds[name].fresh(); err != nil {
			return nil, fmt.Errorf("seal: making %s keys for %s: %w", name, p, err)
		}
	}
	return json.Marshal(b)
}

// Rotate puts the next key of every part to use and makes another to come
// after it; see the package comment. Whatever was sealed, derived or
// authenticated before can still be opened, derived and verified. Signing keys
// are kept for one rotation after they were last used. The result is secret.
func Rotate(p Purpose, old []byte) ([]byte, error) {
	b, err := parseBlob(p, old)
	if err != nil {
		return nil, err
	}
	for name, keys := range b.Parts {
		if b.Parts[name], err = kinds[name].rotate(keys); err != nil {
			return nil, fmt.Errorf("seal: rotating %s keys for %s: %w", name, p, err)
		}
	}
	return json.Marshal(b)
}

// parseBlob reads strictly and gives no detail of what it read: that is secret.
func parseBlob(p Purpose, raw []byte) (blob, error) {
	parts, err := partsFor(p)
	if err != nil {
		return blob{}, err
	}
	var b blob
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&b) != nil {
		return blob{}, fmt.Errorf("%w: not in the expected layout", ErrBlob)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return blob{}, fmt.Errorf("%w: more than one value", ErrBlob)
	}
	if b.Version != blobVersion {
		return blob{}, fmt.Errorf("%w: layout version %d, not %d", ErrBlob, b.Version, blobVersion)
	}
	if b.Purpose != p {
		return blob{}, fmt.Errorf("%w: it is not for %s", ErrBlob, p)
	}
	if len(b.Parts) != len(parts) {
		return blob{}, fmt.Errorf("%w: not the parts of %s", ErrBlob, p)
	}
	for _, name := range parts {
		if len(b.Parts[name]) == 0 {
			return blob{}, fmt.Errorf("%w: no %s keys", ErrBlob, name)
		}
	}
	return b, nil
}
