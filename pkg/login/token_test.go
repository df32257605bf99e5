package login_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// sealer is AES-256-GCM with a random nonce in front: what the product's keyset does, without its rotation.
type sealer struct{ cipher.AEAD }

func newSealer(t testing.TB) sealer {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return sealer{aead}
}

func (s sealer) Seal(plaintext, associated []byte) ([]byte, error) {
	nonce := make([]byte, s.NonceSize())
	rand.Read(nonce)
	return s.AEAD.Seal(nonce, nonce, plaintext, associated), nil
}

func (s sealer) Open(ciphertext, associated []byte) ([]byte, error) {
	if len(ciphertext) < s.NonceSize() {
		return nil, errors.New("too short")
	}
	return s.AEAD.Open(nil, ciphertext[:s.NonceSize()], ciphertext[s.NonceSize():], associated)
}

func sample() login.Login {
	return login.Login{
		ID: "l1", Organization: "acme", User: "ann", Application: "acme/crm", Audience: "crm", Nonce: "n-1", Service: "web",
		PolicyVersion: 7, Epoch: 3, ExpiresAt: noon.Add(login.Life), Claimed: "192.0.2.1", Agent: "a browser",
	}
}

func token(t testing.TB, s login.Sealer, l login.Login) string {
	t.Helper()
	text, err := login.Token(s, l)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestATokenIsReadBack(t *testing.T) {
	s := newSealer(t)
	text := token(t, s, sample())
	got, err := login.Parse(s, text)
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("got %+v, %v", got, err)
	}
	if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Error("the token needs escaping")
	}
}

func TestATokenTellsNothing(t *testing.T) {
	s := newSealer(t)
	text := token(t, s, sample())
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"acme", "ann", "crm", "n-1", "192.0.2.1"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("%q can be read in it", word)
		}
	}
	if text == token(t, s, sample()) {
		t.Error("two tokens of one login are the same: whoever sees them learns that")
	}
}

func TestEveryTamperedBitIsRefused(t *testing.T) {
	s := newSealer(t)
	raw, err := base64.RawURLEncoding.DecodeString(token(t, s, sample()))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		refused(t, s, base64.RawURLEncoding.EncodeToString(raw))
		raw[bit/8] ^= 1 << (bit % 8)
	}
}

func refused(t *testing.T, s login.Sealer, text string) {
	t.Helper()
	if l, err := login.Parse(s, text); !errors.Is(err, login.ErrInvalid) || l != (login.Login{}) {
		t.Fatalf("got %+v, %v, want login_invalid and nothing", l, err)
	}
}

func TestOtherTextsAreRefused(t *testing.T) {
	s := newSealer(t)
	text := token(t, s, sample())
	refused(t, s, "")
	refused(t, s, text[:len(text)-1])
	refused(t, s, text+"A")
	refused(t, s, text+"=")
	refused(t, s, " "+text)
	refused(t, s, text[:10])
	refused(t, s, text+text)
	refused(t, s, "eyJhbGciOiJub25lIn0.eyJpIjoibDEifQ.")
	refused(t, newSealer(t), text) // sealed with another key
}

// What the same key sealed for another use is no login, nor is a sealed text that is none.
func TestAnotherUseOfTheKeyIsRefused(t *testing.T) {
	s := newSealer(t)
	plain := []byte(`{"i":"l1","o":"acme","u":"ann"}`)
	for _, use := range []string{"", "another use", "twofold login token v0"} {
		sealed, err := s.Seal(plain, []byte(use))
		if err != nil {
			t.Fatal(err)
		}
		refused(t, s, base64.RawURLEncoding.EncodeToString(sealed))
	}
	sealed, err := s.Seal([]byte(`[1]`), []byte("twofold login token v1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := login.Parse(s, base64.RawURLEncoding.EncodeToString(sealed)); !errors.Is(err, login.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

type downSealer struct{ sealer }

func (downSealer) Seal(_, _ []byte) ([]byte, error) { return nil, errors.New("no keys") }

func TestASealerThatFailsIsAnOutage(t *testing.T) {
	if text, err := login.Token(downSealer{}, sample()); text != "" || fault.As(err).Kind != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	s := newSealer(f)
	f.Add(token(f, s, sample()))
	f.Add("AAAA")
	f.Add("\n\r=")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := login.Parse(s, text); err == nil && l != sample() {
			t.Errorf("a login that nobody sealed: %+v", l)
		}
	})
}

// snapshot is what is read of the sample's user.
func snapshot() login.Snapshot {
	return login.Snapshot{
		Key:          &access.Key{ID: "k1", Holder: "crm", Role: access.Application, Organizations: []string{"acme"}},
		Organization: &org.Organization{ID: "acme", Entitlements: org.Entitlements{TwoFactor: true}, Policy: org.DefaultOrganizationPolicy(noon)},
		Profile:      &user.Profile{Organization: "acme", User: "ann", RegisteredAt: noon},
		Factors:      user.Factors{Organization: "acme", User: "ann", Epoch: 3},
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		at     time.Duration
		change func(*login.Snapshot)
		want   error
	}{
		"good":                      {0, func(*login.Snapshot) {}, nil},
		"at the last moment":        {login.Life - 1, func(*login.Snapshot) {}, nil},
		"expired":                   {login.Life, func(*login.Snapshot) {}, login.ErrEnded},
		"after a reset":             {0, func(s *login.Snapshot) { s.Factors.Epoch++ }, login.ErrEnded},
		"of an epoch to come":       {0, func(s *login.Snapshot) { s.Factors.Epoch-- }, login.ErrEnded},
		"another application":       {0, func(s *login.Snapshot) { s.Key.Holder = "erp" }, login.ErrInvalid},
		"another's, and expired":    {login.Life, func(s *login.Snapshot) { s.Key.Holder = "erp" }, login.ErrInvalid},
		"another's, user unknown":   {0, func(s *login.Snapshot) { s.Key.Holder, s.Profile = "erp", nil }, login.ErrInvalid},
		"the vendor's of that id":   {0, func(s *login.Snapshot) { s.Key.Vendor = true }, login.ErrInvalid},
		"an organisation's of it":   {0, func(s *login.Snapshot) { s.Key.Organizations = []string{"globex", "acme"} }, login.ErrInvalid},
		"another audience by now":   {0, func(s *login.Snapshot) { s.Key.Audience = "urn:other" }, nil},
		"the user is gone":          {0, func(s *login.Snapshot) { s.Profile = nil }, login.ErrEnded},
		"the organisation is gone":  {0, func(s *login.Snapshot) { s.Organization = nil }, login.ErrEnded},
		"the same holder's new key": {0, func(s *login.Snapshot) { s.Key.ID = "k2" }, nil},
	} {
		s := snapshot()
		c.change(&s)
		err := sample().Check(s, noon.Add(c.at))
		if (err == nil) != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Design §5.
func TestLives(t *testing.T) {
	if login.Life != 10*time.Minute || login.EnrollingLife != 30*time.Minute || login.AssertionLife > 5*time.Minute {
		t.Errorf("%v, %v, %v", login.Life, login.EnrollingLife, login.AssertionLife)
	}
}
