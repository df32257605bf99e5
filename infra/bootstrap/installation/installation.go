// Package installation makes what Twofold needs before its first request: the
// wrapped keysets and the first system administrator with one API key. It may
// be run again, at any moment and by several people at once: what exists is
// left alone, and what a crash left half done is finished.
//
// It writes the key's text to one file and to nothing else, prints no secret,
// and never changes or rotates what is there.
package installation

import (
	"context"
	"fmt"
	"io"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/seal"
)

// Store is the table. Reads are consistent; every write is conditional and may be repeated.
type Store interface {
	// Keysets gives the wrapped keysets that there are; a purpose without one is missing from the map.
	Keysets(ctx context.Context, purposes ...string) (map[string][]byte, error)
	// PutKeyset stores a wrapped keyset unless the purpose has one. created is false where it had.
	PutKeyset(ctx context.Context, purpose string, wrapped []byte, now time.Time) (created bool, err error)
	// Keys are those of the ids that there are.
	Keys(ctx context.Context, ids ...string) ([]access.Key, error)
	// CreateSystemAdministrator stores the key, its holder and the event together. user.ErrConflict
	// means that a key or a holder of that id is stored already; then nothing was written.
	CreateSystemAdministrator(ctx context.Context, key access.Key, name, email string, event audit.Event) error
}

// Marker is the one item that says whether this installation has its first key.
type Marker interface {
	// Read gives the zero Mark where there is none. Consistent.
	Read(ctx context.Context) (Mark, error)
	// Claim stores a mark for the key unless there is one, and gives the one that there is now.
	Claim(ctx context.Context, keyID string, now time.Time) (Mark, error)
	// Issued adds to the mark of the key that the key is stored. It may be repeated.
	Issued(ctx context.Context, keyID string, now time.Time) error
}

// Mark is claimed before the first key is stored, and issued afterwards. Only a
// mark that is claimed and not issued allows a run to go on with the key in its file.
type Mark struct {
	KeyID  string // empty: no run has got this far
	Issued bool
}

// Installation is one run. Report gets a line for each step, for people; no line holds a secret.
type Installation struct {
	Store  Store
	Marker Marker
	KMS    seal.Client
	KeyARN string
	Now    func() time.Time
	Report io.Writer
}

// Administrator is who gets the first key. Email is a bare address, already checked.
type Administrator struct{ Name, Email string }

// Run makes whatever is missing. file is where the first key's text is, or will be.
func (i *Installation) Run(ctx context.Context, who Administrator, file string) error {
	if err := i.keysets(ctx); err != nil {
		return err
	}
	return i.firstKey(ctx, who, file)
}

func (i *Installation) say(format string, values ...any) {
	// Whoever reads the report may have gone; the run does not depend on it.
	_, _ = fmt.Fprintf(i.Report, format+"\n", values...)
}
