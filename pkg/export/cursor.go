package export

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// Cursors seals what rides in cursors. Open must fail for whatever Seal did not give for the same associated data.
type Cursors interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
}

// Place is where an export stands: all that its next page must know of those before.
type Place struct {
	request  Request
	what     string
	id       string
	page     int // the number of the page that comes
	previous string
	began    time.Time
	after    string
	asked    string
}

// sealed is a Place in a cursor. What it does not hold, the request says again, and is held to.
type sealed struct {
	Export   string `json:"e"`
	Page     int    `json:"p"`
	Previous string `json:"h"`
	Began    int64  `json:"b"`
	After    string `json:"a"`
	Asked    string `json:"q"`
}

// Begin is where a request wants to go on, or the beginning of another export. Its errors are ErrCursor and ErrOver, and tell nothing about the
// organisation: authorise whoever asks all the same, first of all.
func Begin[R any](k Keys, kind Kind[R], r Request, now time.Time) (Place, error) {
	// Should another version write other columns, an export does not go on with them below the old header.
	at := Place{request: r, what: kind.Name, asked: Digest(r.Query + "\n" + strings.Join(kind.names(), ","))}
	if r.Cursor == "" {
		at.id, at.page, at.began = rand.Text(), 1, now.UTC().Truncate(time.Second)
		return at, nil
	}
	c, ok := at.open(k.Cursors)
	if !ok || c.Asked != at.asked {
		return Place{}, ErrCursor
	}
	at.id, at.page, at.previous, at.after, at.began = c.Export, c.Page, c.Previous, c.After, time.Unix(c.Began, 0).UTC()
	if now.Sub(at.began) > Life {
		return Place{}, ErrOver
	}
	return at, nil
}

func (p Place) open(keys Cursors) (c sealed, ok bool) {
	ciphertext, err := base64.RawURLEncoding.Strict().DecodeString(p.request.Cursor)
	if err != nil {
		return c, false
	}
	plain, err := keys.Open(ciphertext, p.associated())
	return c, err == nil && json.Unmarshal(plain, &c) == nil
}

// next is the cursor of the page after a signed one.
func (p Place) next(keys Cursors, signature, after string) (string, error) {
	plain, err := json.Marshal(sealed{p.id, p.page + 1, Digest(signature), p.began.Unix(), after, p.asked})
	if err != nil {
		return "", err
	}
	ciphertext, err := keys.Seal(plain, p.associated())
	return base64.RawURLEncoding.EncodeToString(ciphertext), err
}

// associated is what a cursor is bound to and does not say. Neither part can hold a NUL.
func (p Place) associated() []byte {
	return []byte("export cursor\x00" + p.what + "\x00" + p.request.Organization)
}

// Digest is SHA-256 in base64url without padding. That of a page's signature, as the page came with it, stands in the page after.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
