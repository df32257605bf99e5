package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// Key is one API key as it is stored: everything that a request must know about
// its holder, and only a digest of the key itself.
type Key struct {
	ID     string
	Digest []byte // SHA-256 of the whole key text
	Role   Role
	Holder string // the administrator's, the application's or the reader's id
	Name   string // what its holder calls it
	// Organizations are the ones that the key is good for; Everywhere makes it
	// good for all (system administrators, the vendor's own application).
	Organizations []string
	Everywhere    bool
	Vendor        bool // its holder is the vendor's own and belongs to no organisation
	// ReturnAddresses are where a page of ours may send a browser back to, of an application.
	ReturnAddresses []string
	Audience        string // of the assertions made for its holder, an application; empty: the holder's id
	// Permissions are what it may do now: those of its holder, within its scope.
	Permissions []Permission
	Scope       []Permission // what it was narrowed to when it was made; nil: all that its holder has
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: does not expire
	RevokedAt   time.Time // zero: not revoked
	LastUsedAt  time.Time // the full hour; zero: not noted yet
	// Impersonation makes it a session. Parent is then the key that it was begun with, as it stands; nil: there is none any
	// more. It is read beside the session and not stored with it.
	Impersonation Impersonation
	Parent        *Key
	// Console says that it is a session of the console, which an administrator has signed in to: nobody has its text.
	Console bool
}

// Credential is a key as a caller presented it, well-formed but not yet proven.
type Credential struct {
	ID     string
	Parent string // of a session: the id of the key that it was begun with, to be read beside it; otherwise empty
	role   Role
	digest [sha256.Size]byte
	found  *Found
}

// Found is where Authorize leaves the stored key, once the presented one has proven to be it.
type Found struct{ Key *Key }

// Same reports whether two credentials are of one key's text.
func (c Credential) Same(other Credential) bool {
	return c.ID == other.ID && c.Parent == other.Parent && c.role == other.role && c.digest == other.digest
}

// Finding gives the credential with a place for what will be found.
func (c Credential) Finding() (Credential, *Found) {
	c.found = &Found{}
	return c, c.found
}

const (
	prefix      = "tfk"
	sessionWord = "acting" // in the place of a role's
	idBytes     = 10       // 80 bits: never twice
	secretBytes = 32       // 256 bits
)

// NewKey makes a key for a role, with its text, which exists nowhere else and is shown once.
// The caller fills in holder, organisations and permissions.
func NewKey(role Role, now time.Time) (Key, string) { return newKey(role, role.word(), "", now) }

// What a key's text is made of: the id's bytes, and behind them the secret's.
const (
	RawIDBytes  = idBytes
	RawKeyBytes = idBytes + secretBytes
)

var errRaw = errors.New("access: a key is derived of other bytes than RawKeyBytes")

// DerivedKey makes the key of these bytes, with its credential, for a holder of ours who can make it again: nobody is shown its text. The
// caller sees to it that nobody else has the bytes, and fills in holder and organisations.
func DerivedKey(role Role, raw []byte, at time.Time) (Key, Credential, error) {
	if len(raw) != RawKeyBytes {
		return Key{}, Credential{}, errRaw
	}
	k, text := keyOf(role, role.word(), "", raw, at)
	c, err := Parse(text)
	return k, c, err
}

// newKey makes a key whose text begins with a word, and names a parent behind its own id.
func newKey(role Role, word, parent string, now time.Time) (Key, string) {
	var raw [RawKeyBytes]byte
	rand.Read(raw[:]) // never fails: crypto/rand ends the process rather than return weak bytes
	return keyOf(role, word, parent, raw[:], now)
}

func keyOf(role Role, word, parent string, raw []byte, now time.Time) (Key, string) {
	id := hex.EncodeToString(raw[:idBytes])
	body := strings.Join([]string{prefix, word, id + parent, hex.EncodeToString(raw[idBytes:])}, "_")
	text := body + checksum(body)
	digest := sha256.Sum256([]byte(text))
	return Key{ID: id, Digest: digest[:], Role: role, CreatedAt: now}, text
}

// Parse reads a key's text, or a session's token: tfk_acting_<id><parent's id>_<secret>. It fails without any look-up on whatever
// cannot be one: a typing error, or another product's token.
func Parse(text string) (Credential, error) {
	parts := strings.Split(text, "_")
	if len(parts) != 4 || parts[0] != prefix {
		return Credential{}, ErrUnauthenticated
	}
	role, known := roleOf(parts[1])
	ids := 2 * idBytes
	if parts[1] == sessionWord {
		role, known, ids = OrganizationAdministrator, true, 2*ids
	}
	wantLen := 2*secretBytes + 2*crc32.Size
	if !known || len(parts[2]) != ids || len(parts[3]) != wantLen || !isHex(parts[2]+parts[3]) {
		return Credential{}, ErrUnauthenticated
	}
	body := text[:len(text)-2*crc32.Size]
	if checksum(body) != text[len(body):] {
		return Credential{}, ErrUnauthenticated
	}
	id, parent := parts[2][:2*idBytes], parts[2][2*idBytes:]
	return Credential{ID: id, Parent: parent, role: role, digest: sha256.Sum256([]byte(text))}, nil
}

// Valid reports whether the stored key is the presented one, live at now. A nil key is none.
func (k *Key) Valid(c Credential, now time.Time) bool {
	return k.is(c) && k.Live(now) && (!k.Impersonates() || k.parentLives(now))
}

// is reports whether the stored key is the presented one, whether it is live or not.
func (k *Key) is(c Credential) bool {
	if k == nil || k.ID != c.ID || k.Role != c.role || k.Impersonation.Key != c.Parent {
		return false
	}
	return subtle.ConstantTimeCompare(k.Digest, c.digest[:]) == 1
}

// Live reports whether the key is good for anything at now. Of a session it says nothing of the key that it was begun with.
func (k *Key) Live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Under gives the key as it is when its holder has these permissions: within its scope, and never more than them.
func (k Key) Under(permissions []Permission) Key {
	k.Permissions = nil
	for _, p := range permissions {
		if k.Scope == nil || slices.Contains(k.Scope, p) {
			k.Permissions = append(k.Permissions, p)
		}
	}
	return k
}

// Reaches reports whether the key is good for an organisation. An application that is good for all is not good for that of the administrators:
// it asks for people whose passwords it checks, and those have none with it.
func (k *Key) Reaches(organization string) bool {
	everywhere := k.Everywhere && (organization != Administrators || k.Role != Application)
	return everywhere || slices.Contains(k.Organizations, organization)
}

// Home is where the holder of an administrator's key is at home: what waits for the holder's second word stands there.
// A system administrator belongs to no organisation, in somebody else's place too.
func (k *Key) Home() (organization, administrator string) {
	if k.Impersonates() {
		return "", k.Impersonation.By
	}
	if k.Role == OrganizationAdministrator && len(k.Organizations) > 0 {
		return k.Organizations[0], k.Holder
	}
	return "", k.Holder
}

func checksum(body string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body)))
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}
