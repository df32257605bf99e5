package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// ours is the login that every token here is for.
var ours = Expected{Organization: "acme", User: "ada", Nonce: nonce}

// forgery makes a token with another implementation, so that anything can be
// wrong with it. key nil is the signer's own: then only what was changed is wrong.
type forgery struct {
	method jwt.SigningMethod
	key    any
	header map[string]any
	claims map[string]any // a nil value takes the claim away
}

type forger struct {
	own      *ecdsa.PrivateKey
	jwks     []byte
	verifier *Verifier
}

func newForger(t *testing.T) *forger {
	t.Helper()
	key := privateKey(t, elliptic.P256(), "current")
	jwks := newSigner(t, key).JWKS()
	return &forger{own: key.Key.(*ecdsa.PrivateKey), jwks: jwks, verifier: newVerifier(t, jwks)}
}

func (f *forger) token(t *testing.T, forged forgery) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": issuer, "aud": audience, "sub": "ada", "org": "acme", "jti": "0193-jti", "nonce": nonce,
		"auth_time": now.Unix(), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"amr": []string{"otp"}, "acr": "urn:twofold:totp", "policy_version": 7, "trusted_device": false,
	}
	header := map[string]any{"kid": "current"}
	maps.Copy(claims, forged.claims)
	maps.Copy(header, forged.header)
	if forged.method == nil {
		forged.method = jwt.SigningMethodES256
	}
	if forged.key == nil {
		forged.key = f.own
	}
	token := jwt.NewWithClaims(forged.method, claims)
	maps.Copy(token.Header, header)
	for _, all := range []map[string]any{token.Header, claims} {
		maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	}
	signed, err := token.SignedString(forged.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// refused demands an error that names why, so that one guard cannot stand in for another.
func (f *forger) refused(t *testing.T, name, token, why string) {
	t.Helper()
	a, err := f.verifier.Verify(token, ours, now)
	if !errors.Is(err, ErrRefused) || !strings.HasSuffix(err.Error(), why) {
		t.Errorf("%s: %v, not %q", name, err, why)
	}
	if a.Subject != "" {
		t.Errorf("%s: claims came out all the same", name)
	}
}

// The forger's own token passes, so every refusal below is for the one thing that was changed.
func TestAnUnchangedTokenOfTheForgerPasses(t *testing.T) {
	f := newForger(t)
	if _, err := f.verifier.Verify(f.token(t, forgery{}), ours, now); err != nil {
		t.Fatal(err)
	}
}

// RFC 8725 §2.1: the algorithm is ours to choose, not the token's.
func TestTheAlgorithmIsFixed(t *testing.T) {
	f := newForger(t)
	for name, forged := range map[string]forgery{
		"none":                         {method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType},
		"none, in capitals":            {method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType, header: map[string]any{"alg": "NONE"}},
		"HS256 with the published set": {method: jwt.SigningMethodHS256, key: f.jwks},
		"HS256 with the key's point":   {method: jwt.SigningMethodHS256, key: point(t, f.own)},
		"ES384":                        {method: jwt.SigningMethodES384, key: privateKey(t, elliptic.P384(), "x").Key},
		"no algorithm":                 {header: map[string]any{"alg": nil}},
		"another type":                 {header: map[string]any{"typ": "at+jwt"}},
		"no type":                      {header: map[string]any{"typ": nil}},
	} {
		f.refused(t, name, f.token(t, forged), "algorithm or type")
	}
	// Said to be ES256, signed otherwise.
	f.refused(t, "HS256 said to be ES256", f.token(t, forgery{method: jwt.SigningMethodHS256, key: f.jwks, header: map[string]any{"alg": "ES256"}}), "signature")
	f.refused(t, "none said to be ES256", f.token(t, forgery{method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType, header: map[string]any{"alg": "ES256"}}), "signature")
}

func point(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	raw, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// RFC 8725 §3.10: a token cannot bring its own key, not even beside a known id and a good signature.
func TestATokenCannotBringItsKey(t *testing.T) {
	f := newForger(t)
	theirs := privateKey(t, elliptic.P256(), "current")
	embedded := map[string]any{}
	raw, err := json.Marshal(public(theirs))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &embedded); err != nil {
		t.Fatal(err)
	}
	headers := map[string]any{
		"jwk": embedded, "jku": "https://evil.example/jwks.json", "x5u": "https://evil.example/cert.pem",
		"x5c": []string{"MIIB"}, "crit": []string{"exp"}, "b64": false, "zip": "DEF", "cty": "JWT", "x-other": 1,
	}
	for name, value := range headers {
		header := map[string]any{name: value}
		f.refused(t, name+", their key", f.token(t, forgery{key: theirs.Key, header: header}), "its header holds what no assertion's does")
		f.refused(t, name+", our key", f.token(t, forgery{header: header}), "its header holds what no assertion's does")
	}
	f.refused(t, "our id, their key", f.token(t, forgery{key: theirs.Key}), "signature")
}

func TestAForeignKeyIsSaidToBeUnknown(t *testing.T) {
	f := newForger(t)
	theirs := privateKey(t, elliptic.P256(), "theirs")
	for name, id := range map[string]any{"another": "theirs", "none": nil, "empty": "", "a prefix": "curren"} {
		token := f.token(t, forgery{key: theirs.Key, header: map[string]any{"kid": id}})
		if _, err := f.verifier.Verify(token, ours, now); !errors.Is(err, ErrUnknownKey) || !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClaimsMustBeTheseAndComplete(t *testing.T) {
	f := newForger(t)
	for _, name := range []string{"iss", "aud", "sub", "org", "jti", "nonce", "amr", "acr", "policy_version", "trusted_device"} {
		f.refused(t, "without "+name, f.token(t, forgery{claims: map[string]any{name: nil}}), "a claim is missing: "+name)
	}
	for _, name := range []string{"auth_time", "iat", "exp"} {
		f.refused(t, "without "+name, f.token(t, forgery{claims: map[string]any{name: nil}}), "its times are missing or out of order")
	}
	for name, c := range map[string]struct {
		claims map[string]any
		why    string
	}{
		"another issuer":    {map[string]any{"iss": "https://twofold.example.evil"}, "issuer"},
		"another audience":  {map[string]any{"aud": "other-app"}, "audience"},
		"several audiences": {map[string]any{"aud": []string{audience, "other-app"}}, "its claims cannot be read"},
		"another nonce":     {map[string]any{"nonce": nonce + "x"}, "nonce"},
		"another user":      {map[string]any{"sub": "eve"}, "user"},
		// Its application may well have the same id.
		"another organisation": {map[string]any{"org": "globex"}, "organisation"},
		"time as text":         {map[string]any{"exp": "never"}, "its claims cannot be read"},
		"time with fraction":   {map[string]any{"exp": float64(now.Unix()) + 0.5}, "its claims cannot be read"},
		"time overflowing":     {map[string]any{"exp": 1e30}, "its claims cannot be read"},
		"six minutes":          {map[string]any{"exp": now.Add(6 * time.Minute).Unix()}, "it lives too long"},
		"years":                {map[string]any{"exp": int64(1) << 62}, "it lives too long"},
		"null device":          {map[string]any{"trusted_device": json.RawMessage("null")}, "a claim is missing: trusted_device"},
		"issued in a while":    {map[string]any{"iat": now.Unix() + 61, "exp": now.Unix() + 200}, "issued in the future"},
		"proof after issue":    {map[string]any{"auth_time": now.Unix() + 1}, "its times are missing or out of order"},
		"capital letters":      {map[string]any{"iss": nil, "ISS": issuer}, "a claim is missing: iss"},
	} {
		f.refused(t, name, f.token(t, forgery{claims: c.claims}), c.why)
	}
}

func TestTheSameClaimTwiceIsRefused(t *testing.T) {
	f := newForger(t)
	parts := strings.Split(f.token(t, forgery{}), ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	twice := strings.Replace(string(raw), "{", `{"sub":"eve",`, 1)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: f.own, KeyID: "current"}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(twice))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	f.refused(t, "twice", token, "its claims cannot be read")
}

func TestAnAssertionLivesUntilItExpires(t *testing.T) {
	f := newForger(t)
	token := f.token(t, forgery{})
	for after, live := range map[time.Duration]bool{
		-61 * time.Second: false, -60 * time.Second: true, 0: true, 5*time.Minute - time.Second: true,
		5 * time.Minute: false, 5*time.Minute + time.Second: false, 24 * time.Hour: false,
	} {
		_, err := f.verifier.Verify(token, ours, now.Add(after))
		if (err == nil) != live {
			t.Errorf("after %v: %v", after, err)
		}
		if after >= 5*time.Minute && !errors.Is(err, ErrExpired) {
			t.Errorf("after %v: %v is not ErrExpired", after, err)
		}
	}
}

// A browser without a login under way has no nonce, and a token without one must not fit it.
func TestAnEmptyNonceFitsNothing(t *testing.T) {
	f := newForger(t)
	for _, token := range []string{f.token(t, forgery{}), f.token(t, forgery{claims: map[string]any{"nonce": ""}})} {
		if _, err := f.verifier.Verify(token, Expected{Organization: "acme", User: "ada"}, now); !errors.Is(err, ErrRefused) {
			t.Errorf("%v", err)
		}
	}
}
