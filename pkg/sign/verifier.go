package sign

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"twofold/pkg/login"
)

var (
	// ErrRefused means that a token proves nothing. Every error of Verify is one; none quotes the token.
	ErrRefused = errors.New("sign: assertion refused")
	// ErrUnknownKey means that no key of the set has signed the token. It is the one
	// reason to fetch the published keys again, at most once a minute, and to try once more.
	ErrUnknownKey = fmt.Errorf("%w: unknown key", ErrRefused)
	// ErrExpired means that the token was good and is too old: send the user through the login again.
	ErrExpired = fmt.Errorf("%w: expired", ErrRefused)
)

// clockSkew is by how much the application's clock may be behind ours.
const clockSkew = time.Minute

// maxToken is far more than any assertion needs, in bytes.
const maxToken = 8 << 10

// Verifier verifies assertions made for one application; it never changes and
// is safe for use by several goroutines at once.
type Verifier struct {
	keys             publicKeys
	issuer, audience string
}

// NewVerifier takes the public JWK set as it was fetched over TLS from
// Twofold's /.well-known/jwks.json, the issuer as configured, and the
// application's own id. Keys that are not for ES256 are left out; ErrKeys where none remains.
func NewVerifier(jwks []byte, issuer, audience string) (*Verifier, error) {
	if issuer == "" || audience == "" {
		return nil, errors.New("sign: a verifier needs an issuer and an audience")
	}
	keys, err := readPublic(jwks)
	if err != nil {
		return nil, err
	}
	return &Verifier{keys, issuer, audience}, nil
}

// publicKeys are those that verify, by id.
type publicKeys map[string]*ecdsa.PublicKey

func readPublic(jwks []byte) (publicKeys, error) {
	// One by one: a kind of key that go-jose does not know must not spoil the others (RFC 7517 §5).
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(jwks, &set) != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrKeys)
	}
	keys := publicKeys{}
	for _, raw := range set.Keys {
		id, public := verificationKey(raw)
		if public == nil {
			continue
		}
		if keys[id] != nil {
			return nil, fmt.Errorf("%w: two keys have one id", ErrKeys)
		}
		keys[id] = public
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: it holds no key for ES256", ErrKeys)
	}
	return keys, nil
}

// verificationKey gives the id and the key of a JWK that verifies ES256, otherwise nil.
func verificationKey(raw []byte) (string, *ecdsa.PublicKey) {
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &key) != nil {
		return "", nil
	}
	public, ok := key.Key.(*ecdsa.PublicKey)
	fits := ok && public.Curve == elliptic.P256() && key.KeyID != "" &&
		(key.Use == "" || key.Use == "sig") && (key.Algorithm == "" || key.Algorithm == string(algorithm))
	if !fits {
		return "", nil
	}
	return key.KeyID, public
}

// Expected is what the application gave to POST /v1/logins and kept in that browser's session. All
// of it must fit, and what is empty fits nothing: application ids are unique only
// within an organisation, so the audience alone does not say whose user this is.
type Expected struct {
	Organization string
	User         string
	Nonce        string
}

// Verify gives the assertion that a token carries if it was signed by one of
// the keys, for this application, for this login, and is live at now. Whoever must not accept an
// assertion twice remembers its ID until it expires. How the user proved it stands in Methods, Class
// and Recovery: an application that wants more than a recovery looks there.
func (v *Verifier) Verify(token string, of Expected, now time.Time) (login.Assertion, error) {
	key, err := v.keyFor(token)
	if err != nil {
		return login.Assertion{}, err
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		return login.Assertion{}, fmt.Errorf("%w: not a JWS", ErrRefused)
	}
	payload, err := parsed.Verify(key)
	if err != nil {
		return login.Assertion{}, fmt.Errorf("%w: signature", ErrRefused)
	}
	c, err := readClaims(payload)
	if err != nil {
		return login.Assertion{}, err
	}
	if err := v.judge(c, of, now); err != nil {
		return login.Assertion{}, err
	}
	return c.assertion(), nil
}

// header is all that an assertion's header may hold. A header that names a key
// of its own (jwk, jku, x5u, x5c), or asks for anything else (crit, b64, zip),
// makes the token none of ours (RFC 8725 §3.10).
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

func (v *Verifier) keyFor(token string) (*ecdsa.PublicKey, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: too long", ErrRefused)
	}
	encoded, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: not a JWS", ErrRefused)
	}
	var h header
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&h) != nil {
		return nil, fmt.Errorf("%w: its header holds what no assertion's does", ErrRefused)
	}
	if h.Algorithm != string(algorithm) || h.Type != tokenType {
		return nil, fmt.Errorf("%w: algorithm or type", ErrRefused)
	}
	key := v.keys[h.KeyID]
	if key == nil {
		return nil, ErrUnknownKey
	}
	return key, nil
}

func (v *Verifier) judge(c claims, of Expected, now time.Time) error {
	switch {
	case c.Issuer != v.issuer:
		return fmt.Errorf("%w: issuer", ErrRefused)
	case c.Audience != v.audience:
		return fmt.Errorf("%w: audience", ErrRefused)
	case c.Organization != of.Organization: // none of the three is ever empty, or it would not have been read
		return fmt.Errorf("%w: organisation", ErrRefused)
	case c.Subject != of.User:
		return fmt.Errorf("%w: user", ErrRefused)
	case c.Nonce != of.Nonce:
		return fmt.Errorf("%w: nonce", ErrRefused)
	case now.Add(clockSkew).Unix() < c.IssuedAt:
		return fmt.Errorf("%w: issued in the future", ErrRefused)
	case now.Unix() >= c.ExpiresAt:
		return ErrExpired
	}
	return nil
}
