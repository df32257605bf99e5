package factor

import (
	"bytes"
	"errors"
	"regexp"
	"testing"
)

var onePRF = fakePRF{7}

func sample() Mailed {
	return Mailed{
		Purpose: "recover", Organization: "acme", User: "ann", Challenge: "c1",
		Address: []byte("digest-1"), Epoch: 3,
	}
}

func mailed(t *testing.T, prf PRF, keyID uint32, m Mailed) string {
	t.Helper()
	code, err := MailedCode(prf, keyID, m)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestMailedCodeIsEightDigitsAndAlwaysTheSame(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9]{8}$`)
	leading := false
	for epoch := range int64(300) {
		m := sample()
		m.Epoch = epoch
		code := mailed(t, onePRF, 7, m)
		if !shape.MatchString(code) {
			t.Fatalf("a code of another shape: %q", code)
		}
		if code != mailed(t, onePRF, 7, m) {
			t.Fatal("derived again, the code is another")
		}
		leading = leading || code[0] == '0'
	}
	if !leading {
		t.Error("no code of 300 begins with a zero: they are not padded")
	}
}

func TestMailedCodeDependsOnEverything(t *testing.T) {
	base := mailed(t, onePRF, 7, sample())
	for name, change := range map[string]func(*Mailed){
		"purpose":      func(m *Mailed) { m.Purpose = "enroll" },
		"organisation": func(m *Mailed) { m.Organization = "globex" },
		"user":         func(m *Mailed) { m.User = "bob" },
		"challenge":    func(m *Mailed) { m.Challenge = "c2" },
		"address":      func(m *Mailed) { m.Address = []byte("digest-2") },
		"epoch":        func(m *Mailed) { m.Epoch++ },
		// The same letters, parted elsewhere.
		"parting": func(m *Mailed) { m.Organization, m.User = "acm", "eann" },
	} {
		m := sample()
		change(&m)
		if mailed(t, onePRF, 7, m) == base {
			t.Errorf("the code is the same with another %s", name)
		}
	}
	if mailed(t, fakePRF{7, 8}, 8, sample()) == base {
		t.Error("the code is the same under another key")
	}
	// A code mailed before a rotation stays good: its key is named by the challenge.
	if mailed(t, fakePRF{7, 8}, 7, sample()) != base {
		t.Error("the code changed with the rotation of keys")
	}
}

func TestAnUnknownKeyIsAnErrorAndNeverAWrongCode(t *testing.T) {
	if _, err := MailedCode(onePRF, 9, sample()); !errors.Is(err, errUnknownKey) {
		t.Errorf("mailed code: %v", err)
	}
	if _, err := AddressDigest(onePRF, 9, "ann@example.com"); !errors.Is(err, errUnknownKey) {
		t.Errorf("address: %v", err)
	}
	if _, err := SameAddress(onePRF, []byte{0, 0, 0, 9, 1}, "ann@example.com"); !errors.Is(err, errUnknownKey) {
		t.Errorf("same address: %v", err)
	}
	if _, err := RecoveryCode(onePRF, 9, RecoverySet{}, 0); !errors.Is(err, errUnknownKey) {
		t.Errorf("recovery code: %v", err)
	}
	if _, _, err := MatchRecovery(onePRF, 9, RecoverySet{}, "2222222222222222"); !errors.Is(err, errUnknownKey) {
		t.Errorf("matching: %v", err)
	}
}

func TestAddressDigest(t *testing.T) {
	ann := digest(t, onePRF, 7, "ann@example.com")
	if bytes.Contains(ann, []byte("ann")) || len(ann) != 4+addressDigestBytes {
		t.Errorf("a digest of another shape: %x", ann)
	}
	for address, want := range map[string]bool{
		"ann@example.com": true, "Ann@example.com": false, "ann@example.org": false, "": false, "ann@example.com ": false,
	} {
		if same(t, onePRF, ann, address) != want {
			t.Errorf("%q: want %v", address, want)
		}
	}
	for _, broken := range [][]byte{nil, {}, {0, 0, 7}, ann[:4], ann[:len(ann)-1], append(ann[:len(ann):len(ann)], 0)} {
		if same(t, onePRF, broken, "ann@example.com") {
			t.Errorf("%x passes for the address", broken)
		}
	}
}

func TestAddressDigestAfterARotation(t *testing.T) {
	before := digest(t, fakePRF{7}, 7, "ann@example.com")
	rotated := fakePRF{7, 8}
	if !same(t, rotated, before, "ann@example.com") || same(t, rotated, before, "bob@example.com") {
		t.Error("a digest from before the rotation is not judged by its own key")
	}
	after := digest(t, rotated, rotated.PRFKeyID(), "ann@example.com")
	if bytes.Equal(before, after) || !same(t, rotated, after, "ann@example.com") {
		t.Error("a digest from after the rotation is not made with the new key")
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"12345678", "12345678", true}, {"12345678", "12345679", false}, {"12345678", "1234567", false}, {"", "1", false}} {
		if Equal(c.a, c.b) != c.want || Equal(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}
