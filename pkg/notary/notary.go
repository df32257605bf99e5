// Package notary is the workflow that makes the audit provable: it appends events to the Merkle log of their organisation, from the stream
// and so outside of anybody's request, and signs checkpoints at a tick. It may not import AWS, HTTP or another workflow, and decides nothing.
package notary

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// Store is what the workflow needs of a store.
type Store interface {
	// Log gets, in one strongly consistent read, the head of a log, an empty one where there is none, and which of up to MaxAppend
	// places stand in it already.
	Log(ctx context.Context, organization string, places []ledger.Place) (ledger.Head, map[ledger.Place]uint64, error)
	// Extend writes the next revision of a head, the leaves that it adds and the places of their events, in one transaction, and where
	// it is the first since the latest checkpoint that the log waits for one. user.ErrConflict if anybody else has written
	// the revision, or one of the leaves or places is there; nil if this very write has been done already.
	Extend(ctx context.Context, next ledger.Head, leaves []ledger.Leaf) error
	// Unsigned are the organisations of up to limit logs that wait for a checkpoint, strongly consistent, in a fixed order behind one
	// that it gave as next; next is empty after the last.
	Unsigned(ctx context.Context, after string, limit int) (organizations []string, next string, err error)
	// Leaves gets leaves by their index, strongly consistent; those that are not there are missing.
	Leaves(ctx context.Context, organization string, indexes []uint64) (map[uint64]ledger.Leaf, error)
	// Checkpoint is the one of a size, strongly consistent; nil where there is none. Size 0 is the latest.
	Checkpoint(ctx context.Context, organization string, size uint64) (*ledger.Checkpoint, error)
	// WriteCheckpoint writes one with the next revision of its head, and that the log waits for none any more, in one transaction. It
	// answers as Extend does.
	WriteCheckpoint(ctx context.Context, next ledger.Head, c ledger.Checkpoint) error
}

// MaxAppend is how many events one transaction appends: two items each, of the hundred that it may have.
const MaxAppend = 48

// Notary appends and signs. All fields are needed.
type Notary struct {
	Store  Store
	Keys   []ledger.Key // the key in use first, then all before it
	Issuer string
	Now    func() time.Time
}

// ErrForked refuses to sign a log that is not the continuation of what was signed of it: somebody has written to the store past this code.
var ErrForked = errors.New("notary: a log does not continue its latest checkpoint: no more checkpoints of it are signed")

// signing is how many keys sign a checkpoint: the one in use, and the one before it, which auditors may still have.
const signing = 2

// Append puts events at the end of the logs of their organisations, in their order, and says of each why it failed. One that is there already is left as it is;
// behind one that failed, nothing of its organisation is appended, so that a log is in the order of the stream.
func (n *Notary) Append(ctx context.Context, events []audit.Event) []error {
	failed := make([]error, len(events))
	for _, group := range byOrganization(events) {
		for len(group) > 0 {
			some := group[:min(len(group), MaxAppend)]
			err := n.append(ctx, at(events, some))
			if err != nil {
				some = group
			}
			for _, i := range some {
				failed[i] = err
			}
			group = group[len(some):]
		}
	}
	return failed
}

// byOrganization gives the indexes of the events of each organisation, in the order in which organisations come first.
func byOrganization(events []audit.Event) [][]int {
	var groups [][]int
	group := map[string]int{}
	for i, e := range events {
		g, known := group[e.Organization]
		if !known {
			g = len(groups)
			group[e.Organization], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

func at(events []audit.Event, indexes []int) []audit.Event {
	some := make([]audit.Event, len(indexes))
	for to, from := range indexes {
		some[to] = events[from]
	}
	return some
}
