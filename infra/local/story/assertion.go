package story

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// keys fetches the public keys: once; from then on assertions are checked without asking anybody.
func (s *Story) keys(ctx context.Context) (map[string]*ecdsa.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.API+"/.well-known/jwks.json", nil)
	if err != nil {
		return nil, err
	}
	body, status, err := fetch(request)
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("keys: status %d: %w", status, err)
	}
	var set struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	found := map[string]*ecdsa.PublicKey{}
	for _, k := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(k.X)
		y, errY := base64.RawURLEncoding.DecodeString(k.Y)
		if k.Kty != "EC" || k.Crv != "P-256" || errX != nil || errY != nil {
			return nil, fmt.Errorf("keys: %s is no P-256 key", k.Kid)
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y)) // SEC 1 §2.3.4
		if err != nil {
			return nil, fmt.Errorf("keys: %s is no point of P-256: %w", k.Kid, err)
		}
		found[k.Kid] = key
	}
	return found, nil
}

// believe checks an assertion as an application must, with a library that the product does not use.
func (s *Story) believe(ctx context.Context, assertion string) (jwt.MapClaims, error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return nil, err
	}
	s.secret("assertion", assertion)
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(assertion, claims, func(t *jwt.Token) (any, error) {
		key, known := keys[fmt.Sprint(t.Header["kid"])]
		if !known {
			return nil, fmt.Errorf("signed by an unknown key")
		}
		return key, nil
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(applicationID), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(s.Now))
	if err != nil {
		return nil, err
	}
	return claims, all(
		want("nonce", claims["nonce"], s.nonce), want("sub", claims["sub"], userID),
		want("org", claims["org"], s.Organization),
	)
}
