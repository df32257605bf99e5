package sign

import (
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"twofold/pkg/export"
	"twofold/pkg/login"
)

// pages are a signer of pages with its verifier.
func pages(t *testing.T, keys ...jose.JSONWebKey) (*Pages, *PageVerifier) {
	t.Helper()
	if keys == nil {
		keys = []jose.JSONWebKey{privateKey(t, elliptic.P256(), "current"), privateKey(t, elliptic.P256(), "next")}
	}
	jwks, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewPages(jwks)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := NewPageVerifier(signer.JWKS())
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

var third = export.Header{Export: "E1", What: "enrollment", Organization: "acme", Query: "format=csv", Page: 3, Lines: 1, Bytes: 5, Began: now.UTC(), Read: now.UTC(), Previous: "x"}

func TestAPageIsSignedDetached(t *testing.T) {
	signer, verifier := pages(t)
	page := []byte("a,b\r\n")
	signature, err := signer.SignPage(t.Context(), third, page)
	if err != nil || strings.Count(signature, ".") != 2 || !strings.Contains(signature, "..") {
		t.Fatalf("%s, %v", signature, err)
	}
	if got, err := verifier.Verify(signature, page); err != nil || got != third {
		t.Errorf("%+v, %v", got, err)
	}
	for _, other := range []string{"", "a,b\n", "a,b\r\n\r\n", "a,c\r\n", " a,b\r\n"} {
		if _, err := verifier.Verify(signature, []byte(other)); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", other, err)
		}
	}
	// Whoever joins the parts again has a common JWS of the page (RFC 7515 appendix F).
	parts := strings.Split(signature, ".")
	whole, err := jose.ParseSignedCompact(parts[0]+"."+base64.RawURLEncoding.EncodeToString(page)+"."+parts[2], []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := whole.Verify(verifier.keys["current"]); err != nil || string(payload) != string(page) {
		t.Errorf("%q, %v", payload, err)
	}
}

func TestEveryCharacterOfAPagesSignatureCounts(t *testing.T) {
	signer, verifier := pages(t)
	signature, err := signer.SignPage(t.Context(), third, []byte("page"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(signature) - 1 { // the last character of base64 has bits that mean nothing
		replacement := byte('A')
		if signature[i] == 'A' {
			replacement = 'Q'
		}
		if _, err := verifier.Verify(signature[:i]+string(replacement)+signature[i+1:], []byte("page")); !errors.Is(err, ErrRefused) {
			t.Errorf("character %d: %v", i, err)
		}
	}
	parts := strings.Split(signature, ".")
	for _, other := range []string{
		"", ".", "..", "canary", parts[0] + ".." + parts[2] + ".", parts[0] + "." + parts[2], parts[0] + "..", ".." + parts[2],
		parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("page")) + "." + parts[2], strings.Repeat("A", maxPageSignature+1),
	} {
		if _, err := verifier.Verify(other, []byte("page")); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%.60s: %v", other, err)
		}
	}
}

// What was signed for something else is no page, and a page is no assertion, were the keys the same.
func TestPagesAndAssertionsAreNotTakenForEachOther(t *testing.T) {
	f := newForger(t)
	token := f.token(t, forgery{})
	key := privateKey(t, elliptic.P256(), "current")
	signer, verifier := pages(t, key, privateKey(t, elliptic.P256(), "next"))
	parts := strings.Split(token, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if _, err := verifier.Verify(parts[0]+".."+parts[2], payload); !errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknownKey) {
		t.Errorf("an assertion as a page: %v", err)
	}
	signature, err := signer.SignPage(t.Context(), third, payload)
	if err != nil {
		t.Fatal(err)
	}
	half := strings.Split(signature, ".")
	assertions, err := NewVerifier(signer.JWKS(), "https://issuer.example", "webshop")
	if err != nil {
		t.Fatal(err)
	}
	var none login.Assertion
	if got, err := assertions.Verify(half[0]+"."+parts[1]+"."+half[2], ours, now); !errors.Is(err, ErrRefused) || got.ID != none.ID {
		t.Errorf("a page as an assertion: %v", err)
	}
	_, strangers := pages(t, privateKey(t, elliptic.P256(), "other"), privateKey(t, elliptic.P256(), "another"))
	if _, err := strangers.Verify(signature, payload); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("of a stranger's key: %v", err)
	}
	_, namesakes := pages(t, privateKey(t, elliptic.P256(), "current"), privateKey(t, elliptic.P256(), "next"))
	if _, err := namesakes.Verify(signature, payload); !errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknownKey) {
		t.Errorf("of another key of the same id: %v", err)
	}
}

// A header that says more than a page's, or another algorithm, makes a signature none of ours.
func TestAPagesHeaderHoldsNothingElse(t *testing.T) {
	key := privateKey(t, elliptic.P256(), "current")
	_, verifier := pages(t, key, privateKey(t, elliptic.P256(), "next"))
	for name, more := range map[string]map[jose.HeaderKey]any{
		"a key of its own": {"jwk": key.Public()}, "an address": {"jku": "https://thief.example"}, "another type": {"typ": "JWT"}, "no type": {"typ": ""},
		"a page's unknown member": {"page": map[string]any{"page": 1, "more": true}}, "as it is": nil,
	} {
		options := (&jose.SignerOptions{}).WithType(pageType).WithHeader(pageMember, third)
		for k, v := range more {
			options = options.WithHeader(k, v)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key.Key, KeyID: "current"}}, options)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign([]byte("page"))
		if err != nil {
			t.Fatal(err)
		}
		signature, err := signed.DetachedCompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verifier.Verify(signature, []byte("page")); (err == nil) != (more == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPagesNeedAUsableSet(t *testing.T) {
	for _, jwks := range []string{"", "{}", `{"keys":[]}`, `{"keys":[{}]}`} {
		if _, err := NewPages([]byte(jwks)); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v", jwks, err)
		}
		if _, err := NewPageVerifier([]byte(jwks)); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v", jwks, err)
		}
	}
}
