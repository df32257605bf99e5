package seal

import (
	"bytes"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/mac"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Overhead is by how many bytes a sealed text is longer than the plain one:
// Tink's key prefix 5, nonce 12, tag 16.
const Overhead = 5 + 12 + 16

// Ring is the keys of one purpose, ready for use; safe for use by several
// goroutines at once. A method for which the purpose has no key gives ErrNoSuchKey.
type Ring struct {
	aead tink.AEAD
	prf  *prf.Set
	mac  tink.MAC
	jwks []byte

	seeds [][]byte
}

// Load reads the unwrapped blob of a purpose. Its errors are ErrBlob and name no key.
func Load(p Purpose, raw []byte) (*Ring, error) {
	b, err := parseBlob(p, raw)
	if err != nil {
		return nil, err
	}
	ring := &Ring{}
	for name, keys := range b.Parts {
		if err := ring.take(name, keys); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

func (r *Ring) take(name part, keys []byte) (err error) {
	switch name {
	case partJWKS:
		_, err = readSigningKeys(keys)
		r.jwks = keys
		return err
	case partSeeds:
		r.seeds, err = readSeeds(keys)
		return err
	}
	handle, err := readKeyset(keys)
	if err != nil {
		return err
	}
	switch name {
	case partAEAD:
		r.aead, err = aead.New(handle)
	case partPRF:
		r.prf, err = prf.NewPRFSet(handle)
	case partMAC:
		r.mac, err = mac.New(handle)
	}
	if err != nil {
		return fmt.Errorf("%w: the %s keys are of another kind", ErrBlob, name)
	}
	return nil
}

// Seal encrypts and authenticates plaintext, and binds it to associated, which
// is not stored in it: name there what the text belongs to (organisation, user,
// item), so that a ciphertext put in another's place does not open.
func (r *Ring) Seal(plaintext, associated []byte) ([]byte, error) {
	if r.aead == nil {
		return nil, ErrNoSuchKey
	}
	return r.aead.Encrypt(plaintext, associated)
}

// Open gives back what Seal was given, or ErrOpen.
func (r *Ring) Open(ciphertext, associated []byte) ([]byte, error) {
	if r.aead == nil {
		return nil, ErrNoSuchKey
	}
	plaintext, err := r.aead.Decrypt(ciphertext, associated)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// PRFKeyID is the id of the key to derive new values with. Store it beside
// whatever must be derived again: a rotation changes it. Zero where there is no such key.
func (r *Ring) PRFKeyID() uint32 {
	if r.prf == nil {
		return 0
	}
	return r.prf.PrimaryID
}

// PRF derives n bytes, at most 32, from input with the key of that id. The same
// key and input always give the same bytes. ErrNoSuchKey where the id is unknown.
func (r *Ring) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	if r.prf == nil {
		return nil, ErrNoSuchKey
	}
	key, known := r.prf.PRFs[keyID]
	if !known {
		return nil, ErrNoSuchKey
	}
	if n <= 0 || n > maxPRF {
		return nil, fmt.Errorf("seal: cannot derive %d bytes, only 1 to %d", n, maxPRF)
	}
	return key.ComputePRF(input, uint32(n))
}

const maxPRF = 32 // the output of SHA-256

// MAC authenticates data with a tag of 128 bits and Tink's key prefix of 5 bytes.
func (r *Ring) MAC(data []byte) ([]byte, error) {
	if r.mac == nil {
		return nil, ErrNoSuchKey
	}
	return r.mac.ComputeMAC(data)
}

// VerifyMAC gives nil for a tag that MAC gave for the same data, otherwise ErrMAC.
// Tags are compared in constant time.
func (r *Ring) VerifyMAC(tag, data []byte) error {
	if r.mac == nil {
		return ErrNoSuchKey
	}
	if r.mac.VerifyMAC(tag, data) != nil {
		return ErrMAC
	}
	return nil
}

// SigningKeys is the private JWK set, the key to sign with first, for package
// sign alone: it is secret. Nil where the purpose has none.
func (r *Ring) SigningKeys() []byte { return bytes.Clone(r.jwks) }
