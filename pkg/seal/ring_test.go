package seal

import (
	"bytes"
	"errors"
	"testing"
)

func TestSealOpensOnlyWithWhatItWasBoundTo(t *testing.T) {
	ring := newRing(t, Secrets)
	plain, bound := []byte("12345678901234567890"), []byte("acme|ada|totp-1")
	sealed, err := ring.Seal(plain, bound)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Fatal("the text stands in the ciphertext")
	}
	opened, err := ring.Open(sealed, bound)
	if err != nil || !bytes.Equal(opened, plain) {
		t.Fatalf("opened %q, %v", opened, err)
	}
	for _, other := range [][]byte{nil, []byte("acme|eve|totp-1"), []byte("acme|ada|totp-1 ")} {
		if _, err := ring.Open(sealed, other); !errors.Is(err, ErrOpen) {
			t.Errorf("bound to %q: %v", other, err)
		}
	}
	if _, err := newRing(t, Secrets).Open(sealed, bound); !errors.Is(err, ErrOpen) {
		t.Errorf("another ring: %v", err)
	}
}

func TestEveryByteOfACiphertextCounts(t *testing.T) {
	ring := newRing(t, Secrets)
	sealed, err := ring.Seal([]byte("text"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		forged := bytes.Clone(sealed)
		forged[i] ^= 1
		if _, err := ring.Open(forged, nil); !errors.Is(err, ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := ring.Open(sealed[:i], nil); !errors.Is(err, ErrOpen) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

// The factors item must stay within one write unit, and it holds sealed TOTP secrets (RFC 4226 §4: 160 bits).
func TestASealedTOTPSecretIsSmall(t *testing.T) {
	sealed, err := newRing(t, Secrets).Seal(make([]byte, 20), []byte("bound"))
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) > 53 {
		t.Errorf("%d bytes", len(sealed))
	}
	if len(sealed) != 20+Overhead {
		t.Errorf("the overhead is %d bytes, not %d", len(sealed)-20, Overhead)
	}
}

func TestPRFIsAFunctionOfKeyAndInput(t *testing.T) {
	ring := newRing(t, Codes)
	derive := func(r *Ring, input string, n int) []byte {
		t.Helper()
		out, err := r.PRF(r.PRFKeyID(), []byte(input), n)
		if err != nil || len(out) != n {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
		return out
	}
	first := derive(ring, "challenge-1", 32)
	if !bytes.Equal(first, derive(ring, "challenge-1", 32)) {
		t.Error("not the same twice")
	}
	if !bytes.Equal(first[:8], derive(ring, "challenge-1", 8)) {
		t.Error("a shorter output is not the start of a longer one")
	}
	if bytes.Equal(first, derive(ring, "challenge-2", 32)) {
		t.Error("two inputs, one output")
	}
	if bytes.Equal(first, derive(newRing(t, Codes), "challenge-1", 32)) {
		t.Error("two keys, one output")
	}
	for _, n := range []int{-1, 0, 33, 1 << 40} {
		if out, err := ring.PRF(ring.PRFKeyID(), []byte("challenge-1"), n); err == nil {
			t.Errorf("%d bytes asked, %d given", n, len(out))
		}
	}
	if _, err := ring.PRF(ring.PRFKeyID()+1, []byte("challenge-1"), 16); !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("unknown key id: %v", err)
	}
}

func TestMACFitsOnlyItsData(t *testing.T) {
	ring := newRing(t, Sign)
	tag, err := ring.MAC([]byte("login"))
	if err != nil {
		t.Fatal(err)
	}
	if len(tag) != 5+16 {
		t.Errorf("the tag has %d bytes", len(tag))
	}
	if err := ring.VerifyMAC(tag, []byte("login")); err != nil {
		t.Errorf("own tag: %v", err)
	}
	if err := ring.VerifyMAC(tag, []byte("Login")); !errors.Is(err, ErrMAC) {
		t.Errorf("other data: %v", err)
	}
	for i := range tag {
		forged := bytes.Clone(tag)
		forged[i] ^= 1
		if err := ring.VerifyMAC(forged, []byte("login")); !errors.Is(err, ErrMAC) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if err := ring.VerifyMAC(tag[:i], []byte("login")); !errors.Is(err, ErrMAC) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if err := newRing(t, Sign).VerifyMAC(tag, []byte("login")); !errors.Is(err, ErrMAC) {
		t.Errorf("another ring: %v", err)
	}
}

func TestSigningKeysAreACopy(t *testing.T) {
	ring := newRing(t, Sign)
	clear(ring.SigningKeys())
	if ring.SigningKeys()[0] != '{' {
		t.Error("a caller changed the ring's keys")
	}
}
