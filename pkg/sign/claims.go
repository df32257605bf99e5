package sign

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	josejson "github.com/go-jose/go-jose/v4/json"

	"twofold/pkg/login"
)

// claims is the payload on the wire. Times are whole seconds since 1970 (RFC 7519 §2, NumericDate).
type claims struct {
	Issuer        string   `json:"iss"`
	Audience      string   `json:"aud"`
	Subject       string   `json:"sub"`
	Organization  string   `json:"org"`
	ID            string   `json:"jti"`
	Nonce         string   `json:"nonce"`
	AuthTime      int64    `json:"auth_time"`
	IssuedAt      int64    `json:"iat"`
	ExpiresAt     int64    `json:"exp"`
	Methods       []string `json:"amr"`
	Class         string   `json:"acr"`
	PolicyVersion int64    `json:"policy_version"`
	TrustedDevice bool     `json:"trusted_device"`
	Recovery      string   `json:"recovery,omitempty"`
}

// required are the claims that must stand in the payload even where the zero
// value would be a fair reading of their absence.
var required = []string{"policy_version", "trusted_device"}

func claimsOf(a login.Assertion, issuer string) claims {
	return claims{
		Issuer: issuer, Audience: a.Audience, Subject: a.Subject, Organization: a.Organization,
		ID: a.ID, Nonce: a.Nonce,
		AuthTime: a.AuthTime.Unix(), IssuedAt: a.IssuedAt.Unix(), ExpiresAt: a.ExpiresAt.Unix(),
		Methods: a.Methods, Class: a.Class, PolicyVersion: a.PolicyVersion,
		TrustedDevice: a.TrustedDevice, Recovery: a.Recovery,
	}
}

func (c claims) assertion() login.Assertion {
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	return login.Assertion{
		Audience: c.Audience, Subject: c.Subject, Organization: c.Organization,
		ID: c.ID, Nonce: c.Nonce,
		AuthTime: at(c.AuthTime), IssuedAt: at(c.IssuedAt), ExpiresAt: at(c.ExpiresAt),
		Methods: c.Methods, Class: c.Class, PolicyVersion: c.PolicyVersion,
		TrustedDevice: c.TrustedDevice, Recovery: c.Recovery,
	}
}

// readClaims reads a payload whose signature has been verified. go-jose's
// decoder refuses a name that stands twice and one in other letters' case.
func readClaims(payload []byte) (claims, error) {
	var c claims
	var present map[string]json.RawMessage
	if josejson.Unmarshal(payload, &c) != nil || json.Unmarshal(payload, &present) != nil {
		return claims{}, fmt.Errorf("%w: its claims cannot be read", ErrRefused)
	}
	for _, name := range required {
		if value, ok := present[name]; !ok || string(value) == "null" {
			return claims{}, fmt.Errorf("%w: a claim is missing: %s", ErrRefused, name)
		}
	}
	return c, c.check()
}

// check demands that nothing is missing and that the times fit together.
func (c claims) check() error {
	for _, text := range []struct{ name, value string }{
		{"iss", c.Issuer}, {"aud", c.Audience}, {"sub", c.Subject}, {"org", c.Organization},
		{"jti", c.ID}, {"nonce", c.Nonce}, {"acr", c.Class},
	} {
		if text.value == "" {
			return fmt.Errorf("%w: a claim is missing: %s", ErrRefused, text.name)
		}
	}
	if len(c.Methods) == 0 || slices.Contains(c.Methods, "") {
		return fmt.Errorf("%w: a claim is missing: amr", ErrRefused)
	}
	if c.AuthTime <= 0 || c.IssuedAt < c.AuthTime || c.ExpiresAt <= c.IssuedAt {
		return fmt.Errorf("%w: its times are missing or out of order", ErrRefused)
	}
	if c.ExpiresAt-c.IssuedAt > int64(login.AssertionLife/time.Second) {
		return fmt.Errorf("%w: it lives too long", ErrRefused)
	}
	return nil
}
