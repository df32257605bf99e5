package sign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"twofold/pkg/export"
)

// pageType is the `typ` header of every page's signature: no assertion can be taken for one, nor one for an assertion.
const pageType = "twofold-export-page"

// pageMember is the protected header's member that holds the page's own header. It is a private name (RFC 7515 §4.3).
const pageMember = "page"

// maxPageSignature is far more than any needs, in bytes; API Gateway sends 10 KB of headers at most.
const maxPageSignature = 8 << 10

// Pages signs pages of exports, with keys that sign nothing else; safe for use by several goroutines at once.
type Pages struct {
	key    jose.JSONWebKey
	public []byte
}

// NewPages makes a signer from a private JWK set, as New does.
func NewPages(jwks []byte) (*Pages, error) {
	key, public, err := readPrivate(jwks)
	return &Pages{key, public}, err
}

// SignPage gives a detached JWS (RFC 7515 appendix F): the compact form without its payload, which is the page.
func (p *Pages) SignPage(_ context.Context, h export.Header, page []byte) (string, error) {
	options := (&jose.SignerOptions{}).WithType(pageType).WithHeader(pageMember, h)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: p.key}, options)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signed, err := signer.Sign(page)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.DetachedCompactSerialize()
}

// JWKS is the public JWK set (RFC 7517 §5), for /.well-known/exports/jwks.json.
func (p *Pages) JWKS() []byte { return append([]byte(nil), p.public...) }

// PageVerifier verifies pages of exports; it never changes. Which pages belong together export.Chain says.
type PageVerifier struct{ keys publicKeys }

// NewPageVerifier takes the public JWK set as it was fetched over TLS from Twofold's /.well-known/exports/jwks.json. Keys that are not for
// ES256 are left out; ErrKeys where none remains.
func NewPageVerifier(jwks []byte) (*PageVerifier, error) {
	keys, err := readPublic(jwks)
	return &PageVerifier{keys}, err
}

// Verify gives what the signature says of the page, if it is one of these bytes and of one of the keys. Its errors are ErrRefused and ErrUnknownKey.
func (v *PageVerifier) Verify(signature string, page []byte) (export.Header, error) {
	h, err := readPageHeader(signature)
	if err != nil {
		return export.Header{}, err
	}
	key := v.keys[h.KeyID]
	if key == nil {
		return export.Header{}, ErrUnknownKey
	}
	if page == nil {
		page = []byte{} // of a page without lines; go-jose takes nil for none
	}
	parsed, err := jose.ParseDetached(signature, page, []jose.SignatureAlgorithm{algorithm})
	if err != nil {
		return export.Header{}, fmt.Errorf("%w: not a detached JWS", ErrRefused)
	}
	if parsed.DetachedVerify(page, key) != nil {
		return export.Header{}, fmt.Errorf("%w: signature", ErrRefused)
	}
	return h.Page, nil
}

// pageHeader is all that a page's protected header may hold.
type pageHeader struct {
	Algorithm string        `json:"alg"`
	KeyID     string        `json:"kid"`
	Type      string        `json:"typ"`
	Page      export.Header `json:"page"`
}

// PageSize is how many bytes a signature says that its page has. Nothing vouches for that before Verify.
func PageSize(signature string) (int, error) {
	h, err := readPageHeader(signature)
	return h.Page.Bytes, err
}

func readPageHeader(signature string) (h pageHeader, err error) {
	if len(signature) > maxPageSignature {
		return h, fmt.Errorf("%w: too long", ErrRefused)
	}
	encoded, _, _ := strings.Cut(signature, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return h, fmt.Errorf("%w: not a JWS", ErrRefused)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&h) != nil || h.Algorithm != string(algorithm) || h.Type != pageType {
		return h, fmt.Errorf("%w: its header is not that of a page", ErrRefused)
	}
	return h, nil
}

// readPrivate gives the first key of a private set, which signs, and the public set of all.
func readPrivate(jwks []byte) (jose.JSONWebKey, []byte, error) {
	var private jose.JSONWebKeySet
	if json.Unmarshal(jwks, &private) != nil || len(private.Keys) == 0 {
		return jose.JSONWebKey{}, nil, fmt.Errorf("%w: it holds no key", ErrKeys)
	}
	public, err := publicHalves(private)
	if err != nil {
		return jose.JSONWebKey{}, nil, err
	}
	return jose.JSONWebKey{Key: private.Keys[0].Key, KeyID: private.Keys[0].KeyID}, public, nil
}
