package check

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"twofold/pkg/ledger"
)

// Export is what is checked. Earlier may be empty.
type Export struct {
	Key, Checkpoint, Earlier string
	Part                     bool // Entries are a stretch of the log, and not all of it
	// Since is from when on the organisation keeps its audit. What is older may be there by its hash alone. Zero: every event must be there.
	Since   time.Time
	Entries []Entry
}

// What can be wrong.
const (
	Changed  = "changed"
	Removed  = "removed"
	Inserted = "inserted"
	Moved    = "moved"
	Regrown  = "regrown"  // the log does not begin with what an earlier checkpoint says
	Unproven = "unproven" // nothing fits, or what would prove it is missing
)

// Finding is the first thing that is not proven; none where all is.
type Finding struct {
	Wrong string // empty: nothing
	Leaf  uint64 // where in the log
	Text  string
}

// Proven reports whether all is.
func (f Finding) Proven() bool { return f.Wrong == "" }

// String is the finding in words.
func (f Finding) String() string { return f.Text }

func found(wrong string, leaf uint64, text string, values ...any) Finding {
	return Finding{wrong, leaf, fmt.Sprintf(text, values...)}
}

// The errors of Check: there is nothing to judge by.
var (
	ErrKey     = errors.New("the checkpoint is not one of this log, signed with this key")
	ErrEarlier = errors.New("the earlier checkpoint is not one of this log, signed with this key")
	ErrPart    = errors.New("a stretch of a log cannot be held against an earlier checkpoint: give the whole")
	ErrNone    = errors.New("there is no entry")
)

// judgement is a check under way.
type judgement struct {
	ledger.Signed
	entries []Entry
	hashes  [][]byte // computed from the events; nil where there is none and must be one
	unkept  unkept
}

// Check judges an export.
func (x Export) Check() (Finding, error) {
	signed, err := ledger.Open(x.Checkpoint, x.Key)
	switch {
	case err != nil:
		return Finding{}, ErrKey
	case x.Part && x.Earlier != "":
		return Finding{}, ErrPart
	case len(x.Entries) == 0 && (x.Part || signed.Size == 0):
		return Finding{}, ErrNone
	}
	j := judgement{Signed: signed, entries: x.Entries}
	j.hashes, j.unkept = x.hashes()
	if x.Part {
		first := x.Entries[0].Leaf
		return j.walk(first, first+uint64(len(x.Entries))), nil
	}
	if finding := j.whole(); !finding.Proven() || x.Earlier == "" {
		return finding, nil
	}
	return j.grown(x.Earlier, x.Key)
}

// whole judges an export of all of the log: first by the root that its events have, which proves everything at once.
func (j judgement) whole() Finding {
	if uint64(len(j.hashes)) < j.Size || !bytes.Equal(rootOf(j.hashes[:j.Size]), j.Root) {
		return j.walk(0, j.Size)
	}
	if uint64(len(j.hashes)) > j.Size {
		return found(Inserted, j.Size, "inserted: %s stands behind the %d events that the checkpoint covers", j.entries[j.Size].name(), j.Size)
	}
	for at, e := range j.entries {
		if e.Leaf != uint64(at) {
			return found(Moved, uint64(at), "moved: %s says that it is leaf %d, and is leaf %d", e.name(), e.Leaf, at)
		}
	}
	return found("", 0, "proven: %d events, unchanged and complete, as signed for %s%s", j.Size, j.Origin, j.unkept)
}

// grown demands that the log begins with what an earlier checkpoint says.
func (j judgement) grown(text, key string) (Finding, error) {
	earlier, err := ledger.Open(text, key)
	switch {
	case err != nil:
		return Finding{}, ErrEarlier
	case earlier.Size > j.Size:
		return found(Removed, j.Size, "removed: the earlier checkpoint covers %d events, this one %d: leaf %d and what follows is missing", earlier.Size, j.Size, j.Size), nil
	case !bytes.Equal(rootOf(j.hashes[:earlier.Size]), earlier.Root):
		return found(Regrown, 0, "regrown: the first %d events are not those that the earlier checkpoint was signed for", earlier.Size), nil
	}
	return found("", 0, "proven: %d events, unchanged and complete, as signed for %s; the first %d as before%s", j.Size, j.Origin, earlier.Size, j.unkept), nil
}

// rootOf is the root of a log that consists of hashes; nil where one is missing.
func rootOf(hashes [][]byte) []byte {
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, hash := range hashes {
		if hash == nil || r.Append(hash, nil) != nil {
			return nil
		}
	}
	if len(hashes) == 0 {
		return rfc6962.DefaultHasher.EmptyRoot()
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		return nil
	}
	return root
}
