package factor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"
)

var errUnknownKey = errors.New("no such key")

// fakePRF stands in for the sealed keyset: HMAC-SHA-256 under a key for each id, the last one current.
type fakePRF []uint32

func (f fakePRF) PRFKeyID() uint32 { return f[len(f)-1] }

func (f fakePRF) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	for _, id := range f {
		if id == keyID {
			h := hmac.New(sha256.New, binary.BigEndian.AppendUint32([]byte("key "), id))
			h.Write(input)
			return h.Sum(nil)[:n], nil
		}
	}
	return nil, errUnknownKey
}

func digest(t *testing.T, prf PRF, keyID uint32, address string) []byte {
	t.Helper()
	d, err := AddressDigest(prf, keyID, address)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t *testing.T, prf PRF, digest []byte, address string) bool {
	t.Helper()
	ok, err := SameAddress(prf, digest, address)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
