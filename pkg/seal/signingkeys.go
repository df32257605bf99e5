package seal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// The private JWK set (RFC 7517 §5) stands in the order: the key in use, the
// next one, and after a rotation the one before it, which verifiers still need.

func freshSigningKeys() ([]byte, error) {
	first, err := newSigningKey()
	if err != nil {
		return nil, err
	}
	next, err := newSigningKey()
	if err != nil {
		return nil, err
	}
	return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{first, next}})
}

func rotateSigningKeys(old []byte) ([]byte, error) {
	set, err := readSigningKeys(old)
	if err != nil {
		return nil, err
	}
	fresh, err := newSigningKey()
	if err != nil {
		return nil, err
	}
	inUse, next := set.Keys[0], set.Keys[1]
	return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{next, fresh, inUse}})
}

// readSigningKeys hides the decoder's reason, which may quote what it read.
func readSigningKeys(raw []byte) (jose.JSONWebKeySet, error) {
	var set jose.JSONWebKeySet
	if json.Unmarshal(raw, &set) != nil || len(set.Keys) < 2 {
		return set, fmt.Errorf("%w: the signing keys cannot be read", ErrBlob)
	}
	return set, nil
}

// newSigningKey makes a P-256 key whose id is its thumbprint (RFC 7638), so that no two share one.
func newSigningKey() (jose.JSONWebKey, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return key, nil
}
