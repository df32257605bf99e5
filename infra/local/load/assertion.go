package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/golang-jwt/jwt/v5"

	"twofold/infra/local/load/ledger"
)

// claims are what an application looks at.
type claims struct {
	jwt.RegisteredClaims
	Organization  string   `json:"org"`
	Nonce         string   `json:"nonce"`
	AuthTime      int64    `json:"auth_time"`
	Methods       []string `json:"amr"`
	PolicyVersion int64    `json:"policy_version"`
	Recovery      string   `json:"recovery"`
}

// keys are the public keys by id, fetched once: assertions are checked offline.
type keys map[string]*ecdsa.PublicKey

func readKeys(r reply) (keys, error) {
	var set struct {
		Keys []struct{ Kid, X, Y string }
	}
	r.into(&set)
	found := keys{}
	for _, k := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y)) // SEC 1 §2.3.4
		if err := errors.Join(errX, errY, err); err != nil {
			return nil, fmt.Errorf("load: a public key cannot be read")
		}
		found[k.Kid] = key
	}
	if len(found) == 0 {
		return nil, errors.New("load: there are no public keys")
	}
	return found, nil
}

// read checks an assertion's signature, audience and life.
func (k keys) read(assertion string) (claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(assertion, &c, func(t *jwt.Token) (any, error) {
		if key, known := k[fmt.Sprint(t.Header["kid"])]; known {
			return key, nil
		}
		return nil, errors.New("signed by an unknown key")
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(application), jwt.WithExpirationRequired())
	return c, err
}

// proved looks at a reply that lets in: whose assertion it is, and whether its code had one before.
func (c *client) proved(p *person, u ledger.Use, nonce string, r reply) (claims, bool) {
	got, err := c.keys.read(r.answer().Assertion)
	good := err == nil && got.Subject == p.User && got.Organization == p.Organization && got.Nonce == nonce && got.ID != ""
	c.ledger.Check(ledger.Expected, good, "%s of %s: the assertion is not one of this login", u.Code, p.User)
	if good {
		c.ledger.Succeeded(u, got.ID)
	}
	return got, good
}

// same checks that a repetition has the claims of the first reply; its own time of issue and end may differ.
func (c *client) same(p *person, first, again claims) {
	c.ledger.Check(ledger.SameClaims, first.ID == again.ID && first.AuthTime == again.AuthTime && first.Nonce == again.Nonce &&
		first.PolicyVersion == again.PolicyVersion && slices.Equal(first.Methods, again.Methods) && first.Recovery == again.Recovery,
		"a retry for %s has other claims", p.User)
}
