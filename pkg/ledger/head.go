package ledger

import (
	"errors"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"twofold/pkg/audit"
)

// hasher hashes as RFC 6962 §2.1 says, with SHA-256.
var hasher = rfc6962.DefaultHasher

var factory = &compact.RangeFactory{Hash: hasher.HashChildren}

// ErrHead means that a head is none that this code wrote.
var ErrHead = errors.New("ledger: the head of a log does not fit its size")

// Head is the state of a log: all that is needed to append to it and to sign it. The zero value with an organisation is an empty log;
// that of no organisation is the vendor's own.
type Head struct {
	Organization string
	Rev          int64
	Size         uint64   // how many leaves there are
	Signed       uint64   // the size of the latest checkpoint
	Peaks        [][]byte // the roots of the perfect trees that the log consists of, the largest first
	Attempt      []byte   // the id of the write that made it so
}

// Dirty reports whether there are leaves that no checkpoint covers.
func (h Head) Dirty() bool { return h.Size > h.Signed }

// Place is where an event stands in the audit: its time and its id.
type Place struct {
	At string // in UTC, as PlaceLayout
	ID string
}

// PlaceLayout is how the time in a place is written: sorted as text, it is in order of time.
const PlaceLayout = "2006-01-02T15:04:05.000000Z"

// PlaceOf is where an event stands.
func PlaceOf(e audit.Event) Place { return Place{e.At.UTC().Format(PlaceLayout), e.ID} }

// Leaf is one event's place in the log.
type Leaf struct {
	Index uint64
	Event Place
	Hash  []byte
	// Nodes are the roots of the perfect trees that this leaf completes, of 2, 4, 8, … leaves. So every node of the log
	// stands in the last leaf below it, and is written once.
	Nodes [][]byte
}

func (h Head) peaks() (*compact.Range, error) {
	for _, peak := range h.Peaks {
		if len(peak) != hasher.Size() {
			return nil, ErrHead
		}
	}
	r, err := factory.NewRange(0, h.Size, slices.Clone(h.Peaks))
	if err != nil {
		return nil, ErrHead
	}
	return r, nil
}

// Append is the log with the events at its end, in their order, and their leaves.
func (h Head) Append(events []audit.Event) (Head, []Leaf, error) {
	r, err := h.peaks()
	if err != nil {
		return h, nil, err
	}
	leaves := make([]Leaf, len(events))
	for at, e := range events {
		leaf := Leaf{Index: r.End(), Event: PlaceOf(e), Hash: Hash(Data(e))}
		err := r.Append(leaf.Hash, func(id compact.NodeID, hash []byte) {
			if id.Level > 0 {
				leaf.Nodes = append(leaf.Nodes, hash)
			}
		})
		if err != nil {
			return h, nil, err
		}
		leaves[at] = leaf
	}
	h.Rev, h.Size, h.Peaks = h.Rev+1, r.End(), r.Hashes()
	return h, leaves, nil
}

// Root is the Merkle tree hash of the whole log.
func (h Head) Root() ([]byte, error) {
	r, err := h.peaks()
	if err != nil {
		return nil, err
	}
	if h.Size == 0 {
		return hasher.EmptyRoot(), nil
	}
	return r.GetRootHash(nil)
}

// Sign is the head after a checkpoint of all that there is.
func (h Head) Sign() Head {
	h.Rev, h.Signed = h.Rev+1, h.Size
	return h
}
