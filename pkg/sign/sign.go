// Package sign turns an assertion into a JWT (RFC 7519, signed with ES256, RFC
// 7518 §3.4) and back. The Verifier is what applications in Go use, offline; the
// Signer is the functions'. It also signs pages of exports, with other keys, and
// verifies them. The package decides nothing about logins, reads no
// clock and fetches nothing: whoever verifies brings the published keys and the time.
package sign

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"twofold/pkg/login"
)

// algorithm is the only one, for signing and for verifying: a token never chooses (RFC 8725 §3.1).
const algorithm = jose.ES256

// tokenType is the `typ` header of every assertion (RFC 7519 §5.1).
const tokenType = "JWT"

// ErrKeys means that a JWK set is not one that the Signer or the Verifier can use. It quotes nothing of it.
var ErrKeys = errors.New("sign: not a usable JWK set")

// Signer signs assertions; safe for use by several goroutines at once.
type Signer struct {
	issuer string
	signer jose.Signer
	public []byte
}

// New makes a signer from a private JWK set: the first key signs, the public
// halves of all are published. Every key must be a P-256 key with an id.
// issuer becomes `iss`. Errors are ErrKeys.
func New(jwks []byte, issuer string) (*Signer, error) {
	if issuer == "" {
		return nil, errors.New("sign: no issuer")
	}
	first, public, err := readPrivate(jwks)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType(tokenType)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: first}, options)
	if err != nil {
		return nil, fmt.Errorf("%w: the first key cannot sign", ErrKeys)
	}
	return &Signer{issuer: issuer, signer: signer, public: public}, nil
}

func publicHalves(private jose.JSONWebKeySet) ([]byte, error) {
	var public jose.JSONWebKeySet
	for _, key := range private.Keys {
		half, ok := key.Key.(*ecdsa.PrivateKey)
		if !ok || half.Curve != elliptic.P256() || key.KeyID == "" {
			return nil, fmt.Errorf("%w: a key is not a private P-256 key with an id", ErrKeys)
		}
		if len(public.Key(key.KeyID)) > 0 {
			return nil, fmt.Errorf("%w: two keys have one id", ErrKeys)
		}
		public.Keys = append(public.Keys, jose.JSONWebKey{
			Key: &half.PublicKey, KeyID: key.KeyID, Use: "sig", Algorithm: string(algorithm),
		})
	}
	return json.Marshal(public)
}

// Sign gives the assertion as a JWT in compact form. It refuses an assertion
// that the Verifier would refuse for what it lacks or for how long it lives, so
// that such a mistake shows where it is made.
func (s *Signer) Sign(_ context.Context, a login.Assertion) (string, error) {
	c := claimsOf(a, s.issuer)
	if err := c.check(); err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed, err := s.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

// JWKS is the public JWK set (RFC 7517 §5), for /.well-known/jwks.json.
func (s *Signer) JWKS() []byte { return bytes.Clone(s.public) }
