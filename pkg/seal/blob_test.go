package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func newBlob(t *testing.T, p Purpose) []byte {
	t.Helper()
	raw, err := NewBlob(p)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func load(t *testing.T, p Purpose, raw []byte) *Ring {
	t.Helper()
	ring, err := Load(p, raw)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newRing(t *testing.T, p Purpose) *Ring {
	t.Helper()
	return load(t, p, newBlob(t, p))
}

// Each purpose can do what it is for, and nothing else.
func TestEachPurposeHasItsAbilities(t *testing.T) {
	abilities := map[Purpose]struct{ seals, derives, authenticates, signs, notes bool }{
		Sign:     {seals: true, authenticates: true, signs: true},
		Secrets:  {seals: true},
		Contacts: {seals: true, derives: true},
		Codes:    {derives: true},

		AppPasswords: {seals: true},
		Exports:      {seals: true, signs: true},
		Checkpoints:  {notes: true},
		Webhooks:     {seals: true},
	}
	if len(Purposes()) != len(abilities) {
		t.Fatalf("purposes %v, the table knows %d", Purposes(), len(abilities))
	}
	for _, p := range Purposes() {
		ring, can := newRing(t, p), abilities[p]
		_, sealErr := ring.Seal([]byte("text"), nil)
		_, openErr := ring.Open([]byte("text"), nil)
		_, prfErr := ring.PRF(ring.PRFKeyID(), []byte("input"), 16)
		_, macErr := ring.MAC([]byte("data"))
		verifyErr := ring.VerifyMAC([]byte("tag"), []byte("data"))
		for name, check := range map[string]struct {
			can bool
			err error
		}{
			"Seal": {can.seals, sealErr}, "Open": {can.seals, openErr}, "PRF": {can.derives, prfErr},
			"MAC": {can.authenticates, macErr}, "VerifyMAC": {can.authenticates, verifyErr},
		} {
			if check.can == errors.Is(check.err, ErrNoSuchKey) {
				t.Errorf("%s of %s: can %t, error %v", name, p, check.can, check.err)
			}
		}
		if can.derives != (ring.PRFKeyID() != 0) {
			t.Errorf("%s: key id %d", p, ring.PRFKeyID())
		}
		if can.signs != (ring.SigningKeys() != nil) {
			t.Errorf("%s: signing keys present: %t", p, ring.SigningKeys() != nil)
		}
		if can.notes != (ring.CheckpointKeys() != nil) {
			t.Errorf("%s: keys for checkpoints present: %t", p, ring.CheckpointKeys() != nil)
		}
	}
}

func TestBlobsAreNeverTheSame(t *testing.T) {
	for _, p := range Purposes() {
		if bytes.Equal(newBlob(t, p), newBlob(t, p)) {
			t.Errorf("%s: two blobs alike", p)
		}
	}
}

// edit changes a blob as a forger or an older version might have left it.
func edit(t *testing.T, raw []byte, change func(*blob)) []byte {
	t.Helper()
	var b blob
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	change(&b)
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnusableBlobsAreRefused(t *testing.T) {
	good := newBlob(t, Contacts)
	var sign blob
	if err := json.Unmarshal(newBlob(t, Sign), &sign); err != nil {
		t.Fatal(err)
	}
	foreign := edit(t, newBlob(t, Secrets), func(b *blob) { b.Purpose = Contacts })
	cases := map[string][]byte{
		"nothing":            nil,
		"no JSON":            []byte("\x00\x01"),
		"null":               []byte("null"),
		"cut off":            good[:len(good)-10],
		"something after it": append(bytes.Clone(good), " {}"...),
		"unknown field":      bytes.Replace(good, []byte(`{`), []byte(`{"extra":1,`), 1),
		"another version":    edit(t, good, func(b *blob) { b.Version++ }),
		"another purpose":    edit(t, good, func(b *blob) { b.Purpose = Codes }),
		"parts of another":   foreign,
		"a part missing":     edit(t, good, func(b *blob) { delete(b.Parts, partPRF) }),
		"a part empty":       edit(t, good, func(b *blob) { b.Parts[partPRF] = nil }),
		"a part too many":    edit(t, good, func(b *blob) { b.Parts[partMAC] = sign.Parts[partMAC] }),
		"a part renamed": edit(t, good, func(b *blob) {
			b.Parts[partMAC] = sign.Parts[partMAC]
			delete(b.Parts, partPRF)
		}),
		"keys of another kind": edit(t, good, func(b *blob) { b.Parts[partAEAD] = b.Parts[partPRF] }),
		"keys that are noise":  edit(t, good, func(b *blob) { b.Parts[partAEAD] = []byte("noise") }),
	}
	for name, raw := range cases {
		if _, err := Load(Contacts, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s: Load gave %v", name, err)
		}
	}
	for _, call := range []func() error{
		func() error { _, err := NewBlob("other"); return err },
		func() error { _, err := Load("other", good); return err },
		func() error { _, err := Rotate("other", good); return err },
		func() error { _, err := Rotate(Codes, good); return err },
		func() error { _, err := Rotate(Contacts, good[:20]); return err },
	} {
		if err := call(); !errors.Is(err, ErrBlob) {
			t.Errorf("got %v", err)
		}
	}
}

func TestSigningKeysMustBeASet(t *testing.T) {
	good := newBlob(t, Sign)
	for name, jwks := range map[string]string{
		"noise": "noise", "none": `{"keys":[]}`, "one, none to come": `{"keys":[{"kty":"EC"}]}`, "not a list": `{"keys":7}`,
	} {
		raw := edit(t, good, func(b *blob) { b.Parts[partJWKS] = []byte(jwks) })
		if _, err := Load(Sign, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s: Load gave %v", name, err)
		}
		if _, err := Rotate(Sign, raw); !errors.Is(err, ErrBlob) {
			t.Errorf("%s: Rotate gave %v", name, err)
		}
	}
}

// What an error says may be logged, so it may not quote what was read.
func TestErrorsQuoteNothing(t *testing.T) {
	const canary = "canary-7f3a"
	good := newBlob(t, Sign)
	for _, raw := range [][]byte{
		[]byte(canary), []byte(`"` + canary + `"`), []byte(`{"` + canary + `":1}`),
		edit(t, good, func(b *blob) { b.Purpose = canary }),
		edit(t, good, func(b *blob) { b.Parts[partAEAD] = []byte(canary) }),
		edit(t, good, func(b *blob) { b.Parts[partJWKS] = []byte(`{"keys":[{"kty":"EC","x":"` + canary + `","y":1},{}]}`) }),
	} {
		_, err := Load(Sign, raw)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("error %v", err)
		}
	}
}

func FuzzLoadNeverPanics(f *testing.F) {
	for _, p := range Purposes() {
		raw, err := NewBlob(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(p), raw)
	}
	f.Add("sign", []byte(`{"version":1,"purpose":"sign","parts":{"aead":"AA==","mac":"AA==","jwks":"e30="}}`))
	f.Fuzz(func(t *testing.T, p string, raw []byte) {
		ring, err := Load(Purpose(p), raw)
		if (ring == nil) == (err == nil) {
			t.Errorf("ring %v, error %v", ring != nil, err)
		}
	})
}
