package seal

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func rotate(t *testing.T, p Purpose, raw []byte) []byte {
	t.Helper()
	next, err := Rotate(p, raw)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// carries asks whether what one ring makes is understood by another.
func carries(t *testing.T, from, to *Ring) {
	t.Helper()
	sealed, err := from.Seal([]byte("text"), []byte("bound"))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := to.Open(sealed, []byte("bound")); err != nil || string(opened) != "text" {
		t.Errorf("opened %q, %v", opened, err)
	}
}

func TestRotationKeepsWhatWasSealed(t *testing.T) {
	oldest := newBlob(t, Secrets)
	newest := oldest
	for range 3 {
		newest = rotate(t, Secrets, newest)
		carries(t, load(t, Secrets, oldest), load(t, Secrets, newest))
	}
}

// While a rotation spreads, instances from before it meet what those from after it make.
func TestRotationIsUnderstoodByInstancesFromBefore(t *testing.T) {
	before := newBlob(t, Secrets)
	after := rotate(t, Secrets, before)
	carries(t, load(t, Secrets, after), load(t, Secrets, before))

	signBefore := newBlob(t, Sign)
	older, newer := load(t, Sign, signBefore), load(t, Sign, rotate(t, Sign, signBefore))
	tag, err := newer.MAC([]byte("login"))
	if err != nil {
		t.Fatal(err)
	}
	if err := older.VerifyMAC(tag, []byte("login")); err != nil {
		t.Errorf("a newer tag: %v", err)
	}
	tag, err = older.MAC([]byte("login"))
	if err != nil {
		t.Fatal(err)
	}
	if err := newer.VerifyMAC(tag, []byte("login")); err != nil {
		t.Errorf("an older tag: %v", err)
	}
}

// A key that has leaked must go out of use: what a rotation makes, the keys of two rotations ago do not open.
func TestRotationPutsNewKeysToUse(t *testing.T) {
	before := newBlob(t, Secrets)
	after := rotate(t, Secrets, rotate(t, Secrets, before))
	sealed, err := load(t, Secrets, after).Seal([]byte("text"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, Secrets, before).Open(sealed, nil); err == nil {
		t.Error("the oldest keys open what the newest sealed")
	}
}

func TestRotationDerivesOldCodesWithTheirKey(t *testing.T) {
	raw := newBlob(t, Codes)
	before := load(t, Codes, raw)
	code, err := before.PRF(before.PRFKeyID(), []byte("challenge"), 16)
	if err != nil {
		t.Fatal(err)
	}
	after := load(t, Codes, rotate(t, Codes, raw))
	if after.PRFKeyID() == before.PRFKeyID() {
		t.Error("the same key is in use")
	}
	for _, ring := range []*Ring{after, load(t, Codes, rotate(t, Codes, rotate(t, Codes, raw)))} {
		again, err := ring.PRF(before.PRFKeyID(), []byte("challenge"), 16)
		if err != nil || !bytes.Equal(again, code) {
			t.Errorf("the code changed, %v", err)
		}
	}
	fresh, err := after.PRF(after.PRFKeyID(), []byte("challenge"), 16)
	if err != nil || bytes.Equal(fresh, code) {
		t.Errorf("two keys derive the same, %v", err)
	}
	if early, err := before.PRF(after.PRFKeyID(), []byte("challenge"), 16); err != nil || !bytes.Equal(early, fresh) {
		t.Errorf("an instance from before derives another code, %v", err)
	}
}

func keyIDs(t *testing.T, ring *Ring) []string {
	t.Helper()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(ring.SigningKeys(), &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range set.Keys {
		if key.IsPublic() || !key.Valid() || key.Algorithm != "ES256" || key.Use != "sig" || key.KeyID == "" {
			t.Errorf("a key is not a private ES256 one with an id")
		}
		ids = append(ids, key.KeyID)
	}
	return ids
}

func TestSigningKeysArePublishedBeforeTheySign(t *testing.T) {
	raw := newBlob(t, Sign)
	first := keyIDs(t, load(t, Sign, raw))
	raw = rotate(t, Sign, raw)
	second := keyIDs(t, load(t, Sign, raw))
	third := keyIDs(t, load(t, Sign, rotate(t, Sign, raw)))

	if len(first) != 2 || len(second) != 3 || len(third) != 3 {
		t.Fatalf("%d, %d, %d keys", len(first), len(second), len(third))
	}
	if second[0] != first[1] || third[0] != second[1] {
		t.Error("a key signs that was not published before")
	}
	if second[2] != first[0] || third[2] != second[0] {
		t.Error("the key that signed until now is no longer published")
	}
	if slices.Contains(third, first[0]) {
		t.Error("a key is published two rotations after it last signed")
	}
	if slices.Contains(first, second[1]) || slices.Contains(second, third[1]) {
		t.Error("no new key was made")
	}
}
