package sign

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestEveryCharacterOfATokenCounts(t *testing.T) {
	f := newForger(t)
	token := f.token(t, forgery{})
	signature := strings.LastIndexByte(token, '.') + 1
	for i := range token {
		replacement := byte('A')
		if token[i] == 'A' {
			replacement = 'Q'
		}
		last := i == len(token)-1 || token[i] == '.' || token[i+1] == '.'
		if last && i >= signature {
			continue // the last character of base64 has bits that mean nothing
		}
		forged := token[:i] + string(replacement) + token[i+1:]
		if _, err := f.verifier.Verify(forged, ours, now); !errors.Is(err, ErrRefused) {
			t.Errorf("character %d: %v", i, err)
		}
	}
}

func TestWhatIsNoTokenIsRefused(t *testing.T) {
	f := newForger(t)
	token := f.token(t, forgery{})
	parts := strings.Split(token, ".")
	for _, other := range []string{
		"", ".", "..", "...", "canary", "canary.canary.canary", parts[0], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
		parts[0] + ".." + parts[2], token + ".", token + "." + parts[2], " " + token, "{" + token + "}",
		`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		parts[0] + "=." + parts[1] + "." + parts[2],
	} {
		_, err := f.verifier.Verify(other, ours, now)
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%.80s: %v", other, err)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error quotes the token: %v", err)
		}
	}
}

// Whatever the work is that a long token would make, it is not done.
func TestALongTokenIsNotRead(t *testing.T) {
	f := newForger(t)
	f.refused(t, "long", f.token(t, forgery{claims: map[string]any{"filler": strings.Repeat("A", maxToken)}}), "too long")
}

// A set may hold keys for other uses, which are left out, and must hold one for ours.
func TestOnlyKeysForES256AreTaken(t *testing.T) {
	signer := privateKey(t, elliptic.P256(), "current")
	good := signer.Public()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*jose.JSONWebKey)) jose.JSONWebKey {
		key := public(privateKey(t, elliptic.P256(), "other"))
		change(&key)
		return key
	}
	unfit := map[string]jose.JSONWebKey{
		"RSA":               {Key: &rsaKey.PublicKey, KeyID: "rsa"},
		"symmetric":         {Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "oct"},
		"another curve":     {Key: public(privateKey(t, elliptic.P384(), "")).Key, KeyID: "p384"},
		"for encryption":    other(func(k *jose.JSONWebKey) { k.Use = "enc" }),
		"another algorithm": other(func(k *jose.JSONWebKey) { k.Algorithm = "ES384" }),
		"without an id":     other(func(k *jose.JSONWebKey) { k.KeyID = "" }),
		"private":           privateKey(t, elliptic.P256(), "private"),
	}
	token := sign(t, newSigner(t, signer), assertion())
	for name, key := range unfit {
		if _, err := NewVerifier(set(t, key), issuer, audience); !errors.Is(err, ErrKeys) {
			t.Errorf("%s alone: %v", name, err)
		}
		v := newVerifier(t, set(t, key, good))
		if _, err := v.Verify(token, ours, now); err != nil || len(v.keys) != 1 {
			t.Errorf("%s beside a good one: %d keys, %v", name, len(v.keys), err)
		}
	}
	var mixed map[string][]any
	if err := json.Unmarshal(set(t, good), &mixed); err != nil {
		t.Fatal(err)
	}
	mixed["keys"] = append(mixed["keys"], map[string]string{"kty": "FUTURE", "kid": "f"})
	raw, err := json.Marshal(mixed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newVerifier(t, raw).Verify(token, ours, now); err != nil {
		t.Errorf("beside a kind of key that is not known yet: %v", err)
	}
}

func TestAVerifierNeedsKeysIssuerAndAudience(t *testing.T) {
	good := newSigner(t).JWKS()
	for name, c := range map[string]struct {
		jwks             []byte
		issuer, audience string
	}{
		"no keys": {nil, issuer, audience}, "noise": {[]byte("canary"), issuer, audience}, "an empty set": {set(t), issuer, audience},
		"no issuer": {good, "", audience}, "no audience": {good, issuer, ""},
		"one id twice": {set(t, public(privateKey(t, elliptic.P256(), "a")), public(privateKey(t, elliptic.P256(), "a"))), issuer, audience},
	} {
		if _, err := NewVerifier(c.jwks, c.issuer, c.audience); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// At a rotation the next key signs, and verifiers hold it already.
func TestTwoKeysOverlap(t *testing.T) {
	a, b := privateKey(t, elliptic.P256(), "a"), privateKey(t, elliptic.P256(), "b")
	before, after := newSigner(t, a, b), newSigner(t, b, a)
	for _, jwks := range [][]byte{before.JWKS(), after.JWKS()} {
		for _, signer := range []*Signer{before, after} {
			if _, err := newVerifier(t, jwks).Verify(sign(t, signer, assertion()), ours, now); err != nil {
				t.Error(err)
			}
		}
	}
	if sign(t, before, assertion())[:40] == sign(t, after, assertion())[:40] {
		t.Error("the same key signs before and after")
	}
}

func FuzzVerifyNeverPanicsNorBelieves(f *testing.F) {
	f.Add("eyJhbGciOiJFUzI1NiIsImtpZCI6ImN1cnJlbnQiLCJ0eXAiOiJKV1QifQ.e30.AA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := newForger(t).verifier.Verify(token, ours, now); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
	})
}
