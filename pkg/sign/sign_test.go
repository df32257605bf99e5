package sign

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"twofold/pkg/login"
)

const (
	issuer   = "https://twofold.example"
	audience = "mail-app"
	nonce    = "n-0S6_WzA2Mj"
)

var now = time.Date(2026, 11, 22, 16, 5, 0, 0, time.UTC)

func privateKey(t *testing.T, curve elliptic.Curve, id string) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: id, Use: "sig", Algorithm: "ES256"}
}

// public is a key as it is published.
func public(key jose.JSONWebKey) jose.JSONWebKey { return key.Public() }

func set(t *testing.T, keys ...jose.JSONWebKey) []byte {
	t.Helper()
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func newSigner(t *testing.T, keys ...jose.JSONWebKey) *Signer {
	t.Helper()
	if len(keys) == 0 {
		keys = []jose.JSONWebKey{privateKey(t, elliptic.P256(), "current"), privateKey(t, elliptic.P256(), "next")}
	}
	signer, err := New(set(t, keys...), issuer)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func newVerifier(t *testing.T, jwks []byte) *Verifier {
	t.Helper()
	v, err := NewVerifier(jwks, issuer, audience)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func assertion() login.Assertion {
	return login.Assertion{
		Audience: audience, Subject: "ada", Organization: "acme", ID: "0193-jti", Nonce: nonce,
		AuthTime: now.Add(-20 * 24 * time.Hour), IssuedAt: now, ExpiresAt: now.Add(login.AssertionLife),
		Methods: []string{"pwd", "otp"}, Class: "urn:twofold:totp", PolicyVersion: 7, TrustedDevice: true, Recovery: "code",
	}
}

func sign(t *testing.T, s *Signer, a login.Assertion) string {
	t.Helper()
	token, err := s.Sign(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestWhatIsSignedIsVerified(t *testing.T) {
	signer := newSigner(t)
	verifier := newVerifier(t, signer.JWKS())
	full, plain := assertion(), assertion()
	plain.TrustedDevice, plain.Recovery, plain.PolicyVersion = false, "", 0
	for _, want := range []login.Assertion{full, plain} {
		got, err := verifier.Verify(sign(t, signer, want), ours, now)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

// The wire format is a promise to applications in other languages: exactly these names and kinds.
func TestTheWireFormat(t *testing.T) {
	token := sign(t, newSigner(t), assertion())
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	wantHeader := map[string]any{"alg": "ES256", "kid": "current", "typ": "JWT"}
	if got := decoded(t, parts[0]); !maps.Equal(got, wantHeader) {
		t.Errorf("header %v", got)
	}
	wantClaims := map[string]any{
		"iss": issuer, "aud": audience, "sub": "ada", "org": "acme", "jti": "0193-jti", "nonce": nonce,
		"auth_time": float64(1793635500), "iat": float64(1795363500), "exp": float64(1795363800),
		"amr": []any{"pwd", "otp"}, "acr": "urn:twofold:totp", "policy_version": float64(7),
		"trusted_device": true, "recovery": "code",
	}
	if got := decoded(t, parts[1]); !reflect.DeepEqual(got, wantClaims) {
		t.Errorf("claims %v", got)
	}
	bare := assertion()
	bare.Recovery = ""
	if got := decoded(t, strings.Split(sign(t, newSigner(t), bare), ".")[1]); got["recovery"] != nil {
		t.Errorf("claims without a recovery: %v", got)
	}
}

func decoded(t *testing.T, part string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Another implementation accepts what we sign, given the set that we publish.
func TestAnotherImplementationVerifies(t *testing.T) {
	signer := newSigner(t)
	_, err := jwt.Parse(sign(t, signer, assertion()), func(token *jwt.Token) (any, error) {
		var published jose.JSONWebKeySet
		if err := json.Unmarshal(signer.JWKS(), &published); err != nil {
			return nil, err
		}
		return published.Key(token.Header["kid"].(string))[0].Key, nil
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		t.Error(err)
	}
}

func TestOnlyPublicHalvesArePublished(t *testing.T) {
	var published struct{ Keys []map[string]string }
	signer := newSigner(t)
	if err := json.Unmarshal(signer.JWKS(), &published); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range published.Keys {
		names := slices.Sorted(maps.Keys(key))
		if !slices.Equal(names, []string{"alg", "crv", "kid", "kty", "use", "x", "y"}) {
			t.Errorf("members %v", names)
		}
		if key["alg"] != "ES256" || key["crv"] != "P-256" || key["kty"] != "EC" || key["use"] != "sig" {
			t.Errorf("key %v", key)
		}
		ids = append(ids, key["kid"])
	}
	if !slices.Equal(ids, []string{"current", "next"}) {
		t.Errorf("ids %v", ids)
	}
	clear(signer.JWKS())
	if signer.JWKS()[0] != '{' {
		t.Error("a caller changed what is published")
	}
}

func TestUnusableSigningKeysAreRefused(t *testing.T) {
	good := privateKey(t, elliptic.P256(), "good")
	half := jose.JSONWebKey{Key: public(good).Key, KeyID: "public"}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, jwks := range map[string][]byte{
		"nothing": nil, "noise": []byte("canary"), "no key": set(t), "a public key": set(t, half), "a public one behind": set(t, good, half),
		"another curve": set(t, privateKey(t, elliptic.P384(), "big")), "no id": set(t, privateKey(t, elliptic.P256(), "")),
		"one id twice": set(t, good, privateKey(t, elliptic.P256(), "good")),
		"a secret":     set(t, jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "oct"}),
		"RSA":          set(t, jose.JSONWebKey{Key: rsaKey, KeyID: "rsa"}),
	} {
		if _, err := New(jwks, issuer); !errors.Is(err, ErrKeys) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(set(t, good), ""); err == nil {
		t.Error("no issuer, no error")
	}
}

func TestAnIncompleteAssertionIsNotSigned(t *testing.T) {
	signer := newSigner(t)
	for name, spoil := range map[string]func(*login.Assertion){
		"audience":      func(a *login.Assertion) { a.Audience = "" },
		"subject":       func(a *login.Assertion) { a.Subject = "" },
		"organisation":  func(a *login.Assertion) { a.Organization = "" },
		"id":            func(a *login.Assertion) { a.ID = "" },
		"nonce":         func(a *login.Assertion) { a.Nonce = "" },
		"class":         func(a *login.Assertion) { a.Class = "" },
		"methods":       func(a *login.Assertion) { a.Methods = nil },
		"empty method":  func(a *login.Assertion) { a.Methods = []string{"otp", ""} },
		"no auth time":  func(a *login.Assertion) { a.AuthTime = time.Time{} },
		"no issue time": func(a *login.Assertion) { a.IssuedAt = time.Time{} },
		"no expiry":     func(a *login.Assertion) { a.ExpiresAt = time.Time{} },
		"too long":      func(a *login.Assertion) { a.ExpiresAt = a.ExpiresAt.Add(time.Second) },
		"proof to come": func(a *login.Assertion) { a.AuthTime = a.IssuedAt.Add(time.Second) },
	} {
		a := assertion()
		spoil(&a)
		if token, err := signer.Sign(context.Background(), a); err == nil {
			t.Errorf("%s: signed %s", name, token)
		}
	}
}
