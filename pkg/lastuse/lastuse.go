// Package lastuse notes when a key was used last, to the hour: so that whoever looks after keys sees which of them
// nobody needs any more. It is a note and no proof, and costs next to nothing. It may not judge a key.
package lastuse

import (
	"context"
	"sync"
	"time"

	"twofold/pkg/access"
)

// Precision is how exactly a use is noted.
const Precision = time.Hour

// patience is how long a request waits for the note at most, once for a key and an hour.
const patience = 300 * time.Millisecond

// Store is what the note needs of a store.
type Store interface {
	// NoteUse sets when a key was used last, unless that or later stands there. A key that is not there stays so.
	NoteUse(ctx context.Context, key string, hour time.Time) error
}

// Notes are those that this instance has made. The zero value with a store is ready; it is safe for several goroutines.
type Notes struct {
	Store Store

	mu   sync.Mutex
	hour time.Time
	made map[string]bool // in that hour, by key
}

// Note notes the use of a key that was found good, with at most one write for each key, hour and instance, and none if another instance was
// first: the key as it was read says so. The use of a session is one of the key that it was begun with. An error is for the log alone.
func (n *Notes) Note(ctx context.Context, key access.Key, now time.Time) error {
	if key.Parent != nil {
		key = *key.Parent
	}
	hour := now.UTC().Truncate(Precision)
	if !key.LastUsedAt.Before(hour) || !n.first(key.ID, hour) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return n.Store.NoteUse(ctx, key.ID, hour)
}

// first reports whether nobody has tried this yet.
func (n *Notes) first(key string, hour time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.hour.Equal(hour) {
		n.hour, n.made = hour, map[string]bool{}
	}
	if n.made[key] {
		return false
	}
	n.made[key] = true
	return true
}
