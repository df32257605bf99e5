package check

import "twofold/pkg/ledger"

// fits reports whether an entry is proven: its event, at its leaf, in the log of the checkpoint.
func (j judgement) fits(at int) bool {
	e := j.entries[at]
	return j.hashes[at] != nil && ledger.Includes(j.hashes[at], e.Leaf, j.Size, e.Proof, j.Root)
}

// bare reports whether an entry is without a proof and otherwise as it should be at a leaf: hashes of the log are gone, perhaps those of another leaf.
func (j judgement) bare(at int, leaf uint64) bool {
	e := j.entries[at]
	return e.Proof == nil && e.Leaf == leaf && string(j.hashes[at]) == string(e.Hash)
}

// proven are the entries that fit, the first for each leaf.
func (j judgement) proven() map[uint64]int {
	leaves := map[uint64]int{}
	for at := range j.entries {
		if _, again := leaves[j.entries[at].Leaf]; !again && j.fits(at) {
			leaves[j.entries[at].Leaf] = at
		}
	}
	return leaves
}

// walk goes through the entries in their order, from one leaf to before another, by the proof of each, and names the first that is not what it should be.
func (j judgement) walk(from, to uint64) Finding {
	proven := j.proven()
	if !j.related(proven) {
		return found(Unproven, from, "unproven: no entry fits the checkpoint: it is not the one that the export was made for, or all of the export was changed")
	}
	expected, bare := from, Finding{}
	for at, e := range j.entries {
		elsewhere, later := proven[expected]
		switch {
		case j.fits(at) && e.Leaf == expected:
		case j.fits(at) && e.Leaf < expected:
			return found(Inserted, expected, "inserted: %s stands once more behind leaf %d", e.name(), expected-1)
		case j.fits(at) && later:
			return found(Moved, expected, "moved: %s is leaf %d and stands behind others that came later", j.entries[elsewhere].name(), expected)
		case j.fits(at):
			return found(Removed, expected, "removed: leaf %d is missing before %s, which is leaf %d", expected, e.name(), e.Leaf)
		case later:
			return found(Inserted, expected, "inserted: %s is not in the log; leaf %d is %s", e.name(), expected, j.entries[elsewhere].name())
		case j.bare(at, expected):
			if bare.Proven() {
				bare = found(Unproven, expected, "unproven: %s has no proof, and not all other events are as they were signed", e.name())
			}
		case e.Proof == nil && e.Leaf > expected && string(j.hashes[at]) == string(e.Hash): // hashes that would prove it are gone with the leaf
			return found(Removed, expected, "removed: leaf %d is missing before %s, which says that it is leaf %d", expected, e.name(), e.Leaf)
		default:
			return j.changed(at, expected)
		}
		expected++
	}
	if expected < to {
		return found(Removed, expected, "removed: leaf %d is missing, and all that follows: the export has %d of %d events", expected, expected, to)
	}
	if !bare.Proven() {
		return bare
	}
	return found("", 0, "proven: leaves %d to %d, unchanged, as signed for %s%s", from, to-1, j.Origin, j.unkept)
}

func (j judgement) changed(at int, leaf uint64) Finding {
	e := j.entries[at]
	switch {
	case len(e.Event) == 0:
		return found(Removed, leaf, "removed: the event of leaf %d is not in the audit any more", leaf)
	case ledger.Includes(e.Hash, leaf, j.Size, e.Proof, j.Root):
		return found(Changed, leaf, "changed: %s is leaf %d, and is not what was appended there", e.name(), leaf)
	}
	return found(Changed, leaf, "changed: %s stands where leaf %d should, and was not appended there", e.name(), leaf)
}

// related reports whether the checkpoint is one of this export: something in it fits.
func (j judgement) related(proven map[uint64]int) bool {
	for _, e := range j.entries {
		if e.Proof == nil || ledger.Includes(e.Hash, e.Leaf, j.Size, e.Proof, j.Root) {
			return true
		}
	}
	return len(proven) > 0
}
