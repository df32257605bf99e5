package user

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// OptOut names a user in the address by which mail ends announcements (RFC 8058). It stands in no store: the address carries it, sealed,
// so that nobody makes one for somebody else and nobody reads from one who it is for. It is good as long as the registration that
// it was made for: whoever is given the id later is somebody else.
type OptOut struct {
	Organization string
	User         string
	RegisteredAt time.Time // to the microsecond
}

// OptOutOf is the one of a user as registered.
func OptOutOf(p Profile) OptOut {
	return OptOut{Organization: p.Organization, User: p.User, RegisteredAt: p.RegisteredAt}
}

// Of reports whether it is a user's own.
func (o OptOut) Of(p Profile) bool {
	return o.Organization == p.Organization && o.User == p.User && o.RegisteredAt.UnixMicro() == p.RegisteredAt.UnixMicro()
}

// sealing and opening are what an OptOut needs of a keyset.
type (
	sealing interface {
		Seal(plaintext, associated []byte) ([]byte, error)
	}
	opening interface {
		Open(ciphertext, associated []byte) ([]byte, error)
	}
)

// Token writes it as a part of a path, of at most 300 characters of [A-Za-z0-9_-].
func (o OptOut) Token(keys sealing) (string, error) {
	plain := binary.BigEndian.AppendUint64(nil, uint64(o.RegisteredAt.UnixMicro()))
	plain = append(plain, o.Organization+"#"+o.User...) // the id of an organisation holds no '#'
	sealed, err := keys.Seal(plain, optOutUse())
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// ParseOptOut reads a token; false for whatever Token has not written.
func ParseOptOut(keys opening, token string) (OptOut, bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return OptOut{}, false
	}
	plain, err := keys.Open(sealed, optOutUse())
	if err != nil || len(plain) < 8 {
		return OptOut{}, false
	}
	organization, id, ok := bytes.Cut(plain[8:], []byte("#"))
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(plain))).UTC()
	return OptOut{Organization: string(organization), User: string(id), RegisteredAt: at}, ok
}

// optOutUse is the associated data of a token: none that was sealed for another use opens as one.
func optOutUse() []byte { return sealedFor("announcements opt-out", "", "") }
