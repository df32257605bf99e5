package user_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"twofold/pkg/seal"
	"twofold/pkg/user"
)

func contacts(t *testing.T) *seal.Ring {
	t.Helper()
	raw, err := seal.NewBlob(seal.Contacts)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Load(seal.Contacts, raw)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestAnOptOutIsItsOwners(t *testing.T) {
	keys, at := contacts(t), time.Date(2026, 11, 22, 12, 0, 0, 123_456_000, time.UTC)
	p := user.Profile{Organization: "acme", User: strings.Repeat("ü", 64), RegisteredAt: at}
	token, err := user.OptOutOf(p).Token(keys)
	if err != nil || len(token) > 300 {
		t.Fatalf("%d characters, %v", len(token), err)
	}
	got, ok := user.ParseOptOut(keys, token)
	if !ok || !got.Of(p) || !got.RegisteredAt.Equal(at) {
		t.Errorf("read as %+v, %v", got, ok)
	}
	for name, other := range map[string]user.Profile{
		"somebody else":     {Organization: "acme", User: "u", RegisteredAt: at},
		"elsewhere":         {Organization: "globex", User: p.User, RegisteredAt: at},
		"a later namesake":  {Organization: "acme", User: p.User, RegisteredAt: at.Add(time.Microsecond)},
		"an earlier moment": {Organization: "acme", User: p.User, RegisteredAt: at.Add(-time.Hour)},
	} {
		if got.Of(other) {
			t.Errorf("it is %s's too", name)
		}
	}
	raw, _ := base64.RawURLEncoding.DecodeString(token)
	if strings.Contains(string(raw), "acme") || strings.Contains(string(raw), p.User) {
		t.Error("the address tells who it is of")
	}
}

func TestWhatIsNoOptOut(t *testing.T) {
	keys := contacts(t)
	p := user.Profile{Organization: "acme", User: "ann", RegisteredAt: time.Now()}
	token, err := user.OptOutOf(p).Token(keys)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := keys.Seal([]byte("01234567acme#ann"), user.RecoveryUse("acme", "ann"))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := keys.Seal([]byte("01234567acme#ann"), nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(token)
	flipped[len(flipped)/2] ^= 1
	for name, text := range map[string]string{
		"nothing": "", "no base64": "!", "padded": token + "=", "cut": token[:len(token)-2], "altered": string(flipped), "longer": token + "AA",
		"sealed for another use": base64.RawURLEncoding.EncodeToString(elsewhere), "sealed for nothing": base64.RawURLEncoding.EncodeToString(bare),
	} {
		if got, ok := user.ParseOptOut(keys, text); ok {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
	if _, ok := user.ParseOptOut(contacts(t), token); ok {
		t.Error("other keys open it")
	}
}
