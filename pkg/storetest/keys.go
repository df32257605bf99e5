package storetest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"

	"twofold/pkg/login"
)

// Keys stands in for every keyset and for the signer. The same input always gives the same output,
// so tests can be repeated; none of it protects anything.
type Keys struct{}

// ErrKeys is every refusal of Keys.
var ErrKeys = errors.New("storetest: not made by these keys")

// CurrentKey is the id of the one PRF key.
const CurrentKey uint32 = 0x7e57

func sum(label string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, []byte("storetest "+label))
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}

func sealer() cipher.AEAD {
	block, err := aes.NewCipher(sum("seal")[:16])
	if err != nil {
		panic(err) // a key of 16 bytes is always good
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // so is AES
	}
	return aead
}

// Seal encrypts with a nonce made from the content.
func (Keys) Seal(plaintext, associated []byte) ([]byte, error) {
	aead := sealer()
	nonce := sum("nonce", plaintext, associated)[:aead.NonceSize()]
	return aead.Seal(nonce, nonce, plaintext, associated), nil
}

// Open gives back what Seal was given.
func (Keys) Open(ciphertext, associated []byte) ([]byte, error) {
	aead := sealer()
	if len(ciphertext) < aead.NonceSize() {
		return nil, ErrKeys
	}
	nonce, sealed := ciphertext[:aead.NonceSize()], ciphertext[aead.NonceSize():]
	plaintext, err := aead.Open(nil, nonce, sealed, associated)
	if err != nil {
		return nil, ErrKeys
	}
	return plaintext, nil
}

// PRFKeyID is CurrentKey.
func (Keys) PRFKeyID() uint32 { return CurrentKey }

// PRF derives up to 32 bytes.
func (Keys) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	if keyID != CurrentKey || n > sha256.Size {
		return nil, ErrKeys
	}
	return sum("prf", input)[:n], nil
}

// MAC makes a tag of 16 bytes.
func (Keys) MAC(data []byte) ([]byte, error) { return sum("mac", data)[:16], nil }

// VerifyMAC checks a tag.
func (Keys) VerifyMAC(tag, data []byte) error {
	if !hmac.Equal(tag, sum("mac", data)[:16]) {
		return ErrKeys
	}
	return nil
}

// Sign writes the assertion as JSON.
func (Keys) Sign(_ context.Context, a login.Assertion) (string, error) {
	b, err := json.Marshal(a)
	return string(b), err
}
