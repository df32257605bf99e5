package ledger

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// ErrCheckpoint means that a text is no checkpoint of that log, signed with that key.
var ErrCheckpoint = errors.New("ledger: not a checkpoint of this log, or not signed with this key")

// Checkpoint is what was signed of a log at one size.
type Checkpoint struct {
	Organization string
	Size         uint64
	Note         string   // a signed note, see https://c2sp.org/tlog-checkpoint
	Keys         []string // what its signatures verify with, see https://c2sp.org/signed-note: the key in use first
	At           time.Time
}

// Signed is what a checkpoint says.
type Signed struct {
	Origin string
	Size   uint64
	Root   []byte
}

// Origin names the log of an organisation of a deployment: the first line of its checkpoints, and the name of the key that signs them. So no
// checkpoint of one log verifies with the key of another, though one private key signs all. The vendor's own log has no id at the end.
func Origin(issuer, organization string) string {
	place := strings.TrimRight(strings.TrimPrefix(issuer, "https://"), "/")
	place = strings.ReplaceAll(url.PathEscape(place), "%2F", "/")
	place = strings.ReplaceAll(place, "+", "%2B") // a name holds neither space nor plus
	return place + "/audit/" + organization
}

// Key signs a message with Ed25519 (RFC 8032). It is *seal.Ring's part.
type Key interface {
	Public() ed25519.PublicKey
	Sign(message []byte) ([]byte, error)
}

// signer is a Key under a name, as package note wants it.
type signer struct {
	Key
	note.Verifier
}

func (s signer) Sign(message []byte) ([]byte, error) { return s.Key.Sign(message) }

// Sign makes the checkpoint of a head with every key, the one in use first.
func Sign(h Head, issuer string, keys []Key, now time.Time) (Checkpoint, error) {
	root, err := h.Root()
	if err != nil {
		return Checkpoint{}, err
	}
	origin := Origin(issuer, h.Organization)
	c := Checkpoint{Organization: h.Organization, Size: h.Size, At: now.UTC().Truncate(time.Microsecond)}
	var signers []note.Signer
	for _, key := range keys {
		text, err := note.NewEd25519VerifierKey(origin, key.Public())
		if err != nil {
			return Checkpoint{}, err
		}
		verifier, err := note.NewVerifier(text)
		if err != nil {
			return Checkpoint{}, err
		}
		c.Keys, signers = append(c.Keys, text), append(signers, signer{key, verifier})
	}
	body := log.Checkpoint{Origin: origin, Size: h.Size, Hash: root}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(body)}, signers...)
	c.Note = string(signed)
	return c, err
}

// OpenOwn reads a checkpoint that one of our own keys signed for the log of an organisation, under whatever name the deployment had then.
func OpenOwn(c Checkpoint, keys []Key) (Signed, error) {
	name, _, _ := strings.Cut(c.Note, "\n")
	if !strings.HasSuffix(name, Origin("", c.Organization)) {
		return Signed{}, ErrCheckpoint
	}
	for _, key := range keys {
		text, err := note.NewEd25519VerifierKey(name, key.Public())
		if err != nil {
			return Signed{}, err
		}
		if signed, err := Open(c.Note, text); err == nil && signed.Size == c.Size {
			return signed, nil
		}
	}
	return Signed{}, ErrCheckpoint
}

// Open reads a checkpoint that the key of a log signed. The key names the log.
func Open(text, key string) (Signed, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return Signed{}, ErrCheckpoint
	}
	body, rest, _, err := log.ParseCheckpoint([]byte(text), verifier.Name(), verifier)
	if err != nil || len(rest) > 0 || len(body.Hash) != crypto.SHA256.Size() {
		return Signed{}, ErrCheckpoint
	}
	return Signed{Origin: body.Origin, Size: body.Size, Root: body.Hash}, nil
}
