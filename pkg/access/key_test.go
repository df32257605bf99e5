package access_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var roles = map[access.Role]string{
	access.SystemAdministrator: "system", access.OrganizationAdministrator: "admin",
	access.Application: "app", access.Reader: "reader",
}

// present parses a key's text, which must be well-formed.
func present(t *testing.T, text string) access.Credential {
	t.Helper()
	c, err := access.Parse(text)
	if err != nil {
		t.Fatalf("a well-formed key is refused: %v", err)
	}
	return c
}

// sealed gives a body its checksum, as anybody can who reads the source.
func sealed(body string) string {
	return fmt.Sprintf("%s%08x", body, crc32.ChecksumIEEE([]byte(body)))
}

func TestKeyFormat(t *testing.T) {
	for role, word := range roles {
		key, text := access.NewKey(role, noon)
		shape := regexp.MustCompile("^tfk_" + word + "_[0-9a-f]{20}_[0-9a-f]{64}[0-9a-f]{8}$")
		if !shape.MatchString(text) {
			t.Errorf("the key of role %s has another shape", role)
		}
		digest := sha256.Sum256([]byte(text))
		if string(key.Digest) != string(digest[:]) {
			t.Errorf("%s: what is stored is not the SHA-256 of the whole text", role)
		}
		if strings.Split(text, "_")[2] != key.ID || key.Role != role || !key.CreatedAt.Equal(noon) {
			t.Errorf("%s: the stored key is another: %+v", role, key)
		}
		if !key.Valid(present(t, text), noon) {
			t.Errorf("%s: a new key is not valid", role)
		}
	}
}

func TestKeysAreNeverTheSame(t *testing.T) {
	ids, texts := map[string]bool{}, map[string]bool{}
	for range 200 {
		key, text := access.NewKey(access.Reader, noon)
		ids[key.ID], texts[text] = true, true
	}
	if len(ids) != 200 || len(texts) != 200 {
		t.Errorf("%d ids and %d texts of 200 keys", len(ids), len(texts))
	}
}

// A typing error is found by the checksum: Parse has no store to look it up in, so refusing here is refusing without a look-up.
func TestEveryTypingErrorIsRefused(t *testing.T) {
	_, text := access.NewKey(access.Application, noon)
	for i := range text {
		for _, wrong := range []byte{'0', 'f', 'A', '_', ' '} {
			if text[i] == wrong {
				continue
			}
			typo := text[:i] + string(wrong) + text[i+1:]
			if _, err := access.Parse(typo); !errors.Is(err, access.ErrUnauthenticated) {
				t.Fatalf("position %d changed to %q: %v", i, wrong, err)
			}
		}
	}
}

func TestParseRefusesWhatIsNoKey(t *testing.T) {
	_, text := access.NewKey(access.Application, noon)
	parts := strings.Split(text, "_")
	secret := parts[3][:64]
	for name, bad := range map[string]string{
		"nothing":              "",
		"another product's":    "ghp_0123456789abcdef0123456789abcdef0123",
		"a prefix only":        "tfk___",
		"another prefix":       sealed("tfx_app_" + parts[2] + "_" + secret),
		"an unknown role":      sealed("tfk_root_" + parts[2] + "_" + secret),
		"no role":              sealed("tfk__" + parts[2] + "_" + secret),
		"the role's long name": sealed("tfk_application_" + parts[2] + "_" + secret),
		"a short id":           sealed("tfk_app_" + parts[2][1:] + "_" + secret),
		"a short secret":       sealed("tfk_app_" + parts[2] + "_" + secret[1:]),
		"a long secret":        sealed("tfk_app_" + parts[2] + "_" + secret + "0"),
		"capitals":             sealed("tfk_app_" + strings.ToUpper(strings.Repeat("a", 20)) + "_" + secret),
		"a fifth part":         sealed("tfk_app_" + parts[2] + "_" + secret + "_"),
		"a space in front":     " " + text,
		"a line break behind":  text + "\n",
		"twice":                text + text,
		"no checksum":          strings.TrimSuffix(text, text[len(text)-8:]),
	} {
		if _, err := access.Parse(bad); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("%s: %v, want unauthenticated", name, err)
		}
	}
}

// The role stands in the text for people to see; whoever edits it there, checksum and all, gains nothing.
func TestTheRoleInTheTextMustBeTheStoredOne(t *testing.T) {
	key, text := access.NewKey(access.Application, noon)
	body := text[:len(text)-8]
	forged := present(t, sealed(strings.Replace(body, "tfk_app_", "tfk_system_", 1)))
	if key.Valid(forged, noon) {
		t.Error("a key whose text was edited to another role is valid")
	}
	key.Role = access.SystemAdministrator
	if key.Valid(present(t, text), noon) {
		t.Error("the text says application, the store system administrator, and the key is valid")
	}
	// Even where the store agrees on the role, the digest covers the whole text.
	if key.Valid(forged, noon) {
		t.Error("the digest does not cover the role's word")
	}
}

func TestOnlyTheWholeDigestIsTheKey(t *testing.T) {
	key, text := access.NewKey(access.Reader, noon)
	c := present(t, text)
	whole := key.Digest
	for i := range whole {
		key.Digest = append([]byte(nil), whole...)
		key.Digest[i] ^= 1
		if key.Valid(c, noon) {
			t.Errorf("a digest that differs in byte %d is accepted", i)
		}
	}
	for name, digest := range map[string][]byte{"none": nil, "a part": whole[:16], "more": append(whole[:32:32], 0)} {
		if key.Digest = digest; key.Valid(c, noon) {
			t.Errorf("%s of the digest is accepted", name)
		}
	}
}

func TestTheSecretOfAnotherKeyIsRefused(t *testing.T) {
	key, text := access.NewKey(access.Reader, noon)
	_, other := access.NewKey(access.Reader, noon)
	mixed := sealed(text[:len("tfk_reader_")+21] + strings.Split(other, "_")[3][:64])
	if c := present(t, mixed); c.ID != key.ID || key.Valid(c, noon) {
		t.Error("a key with the right id and another's secret is valid")
	}
	if key.Valid(present(t, other), noon) {
		t.Error("another key is valid")
	}
	if (*access.Key)(nil).Valid(present(t, text), noon) || key.Valid(access.Credential{}, noon) {
		t.Error("no key, or no credential, is valid")
	}
}

func TestExpiryAndRevocation(t *testing.T) {
	for name, c := range map[string]struct {
		expires, revoked time.Time
		want             bool
	}{
		"for ever":              {time.Time{}, time.Time{}, true},
		"just before expiry":    {noon.Add(1), time.Time{}, true},
		"at expiry":             {noon, time.Time{}, false},
		"after expiry":          {noon.Add(-time.Second), time.Time{}, false},
		"revoked":               {time.Time{}, noon.Add(-time.Second), false},
		"revoked at the moment": {time.Time{}, noon, false},
		// Clocks of instances differ: a revocation counts at once, even if its time lies ahead of ours.
		"revoked by a fast clock": {time.Time{}, noon.Add(time.Minute), false},
		"revoked, not expired":    {noon.Add(time.Hour), noon.Add(-time.Hour), false},
	} {
		key, text := access.NewKey(access.Reader, noon.Add(-time.Hour))
		key.ExpiresAt, key.RevokedAt = c.expires, c.revoked
		if got := key.Valid(present(t, text), noon); got != c.want {
			t.Errorf("%s: valid is %v, want %v", name, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	key, text := access.NewKey(access.Application, noon)
	f.Add(text)
	f.Add(strings.ToUpper(text))
	f.Add("tfk_app_" + hex.EncodeToString(make([]byte, 10)) + "_")
	f.Add("tfk_é_\x00_")
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := access.Parse(typed)
		if err != nil {
			if !errors.Is(err, access.ErrUnauthenticated) || strings.Contains(err.Error(), typed) && len(typed) > 20 {
				t.Errorf("a refusal of another kind, or one that quotes what was typed")
			}
			if c != (access.Credential{}) {
				t.Error("a refused text gives a credential")
			}
			return
		}
		if len(typed) != len("tfk___")+len(strings.Split(typed, "_")[1])+20+64+8 || sealed(typed[:len(typed)-8]) != typed {
			t.Errorf("accepted another shape")
		}
		if key.Valid(c, noon) != (typed == text) {
			t.Error("valid with another text")
		}
	})
}
