package memstore

import (
	"context"
	"reflect"
	"slices"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// log is the Merkle log of an organisation.
type log struct {
	head        ledger.Head
	leaves      map[uint64]ledger.Leaf
	entries     map[ledger.Place]uint64
	checkpoints map[uint64]ledger.Checkpoint
	waits       bool // for a checkpoint
}

func (s *Store) log(organization string) *log {
	if s.logs[organization] == nil {
		s.logs[organization] = &log{
			head: ledger.Head{Organization: organization}, leaves: map[uint64]ledger.Leaf{}, entries: map[ledger.Place]uint64{},
			checkpoints: map[uint64]ledger.Checkpoint{},
		}
	}
	return s.logs[organization]
}

func settleHead(h ledger.Head) ledger.Head {
	h.Peaks, h.Attempt = each(h.Peaks, list), list(h.Attempt)
	return h
}

func settleLeaf(l ledger.Leaf) ledger.Leaf {
	l.Hash, l.Nodes = list(l.Hash), each(l.Nodes, list)
	return l
}

func settleCheckpoint(c ledger.Checkpoint) ledger.Checkpoint {
	c.Keys, c.At = list(c.Keys), micro(c.At)
	return c
}

// Log implements notary.Store.
func (s *Store) Log(_ context.Context, organization string, places []ledger.Place) (head ledger.Head, there map[ledger.Place]uint64, err error) {
	err = s.do(Log, func() error {
		head, there = settleHead(s.log(organization).head), s.indexes(organization, places)
		return nil
	})
	return head, there, err
}

func (s *Store) indexes(organization string, places []ledger.Place) map[ledger.Place]uint64 {
	there := map[ledger.Place]uint64{}
	for _, p := range places {
		if index, is := s.log(organization).entries[p]; is {
			there[p] = index
		}
	}
	return there
}

func (s *Store) headPart(next ledger.Head) part {
	l := s.log(next.Organization)
	return part{
		holds: follows(next.Rev, l.head.Rev, l.head.Rev > 0), ours: sameAttempt(l.head.Attempt, next.Attempt), proof: true,
		apply: func() { l.head = next },
	}
}

// absent writes a thing where there is none.
func absent[K comparable, V any](m map[K]V, at K, v V) part {
	stored, present := m[at]
	return part{holds: !present, ours: reflect.DeepEqual(stored, v), apply: func() { m[at] = v }}
}

// Extend implements notary.Store.
func (s *Store) Extend(_ context.Context, next ledger.Head, leaves []ledger.Leaf) error {
	return s.do(Extend, func() error {
		l := s.log(next.Organization)
		parts := []part{s.headPart(settleHead(next))}
		for _, leaf := range leaves {
			parts = append(parts, absent(l.leaves, leaf.Index, settleLeaf(leaf)), absent(l.entries, leaf.Event, leaf.Index))
		}
		if next.Size-uint64(len(leaves)) == next.Signed {
			parts = append(parts, part{holds: true, apply: func() { l.waits = true }})
		}
		return commit(parts)
	})
}

// WriteCheckpoint implements notary.Store.
func (s *Store) WriteCheckpoint(_ context.Context, next ledger.Head, c ledger.Checkpoint) error {
	return s.do(WriteCheckpoint, func() error {
		l := s.log(next.Organization)
		return commit([]part{
			s.headPart(settleHead(next)), absent(l.checkpoints, c.Size, settleCheckpoint(c)),
			{holds: true, apply: func() { l.waits = false }},
		})
	})
}

// Unsigned implements notary.Store.
func (s *Store) Unsigned(_ context.Context, after string, limit int) (organizations []string, next string, err error) {
	err = s.do(Unsigned, func() error {
		rows := map[string]string{}
		for organization, l := range s.logs {
			if l.waits {
				rows["LOG#"+organization] = organization
			}
		}
		organizations, next = pageOf(rows, after, false, limit)
		return nil
	})
	return organizations, next, err
}

// Leaves implements notary.Store.
func (s *Store) Leaves(_ context.Context, organization string, indexes []uint64) (leaves map[uint64]ledger.Leaf, err error) {
	leaves = map[uint64]ledger.Leaf{}
	err = s.do(Leaves, func() error {
		for _, index := range indexes {
			if l, there := s.log(organization).leaves[index]; there {
				leaves[index] = settleLeaf(l)
			}
		}
		return nil
	})
	return leaves, err
}

// Checkpoint implements notary.Store.
func (s *Store) Checkpoint(_ context.Context, organization string, size uint64) (c *ledger.Checkpoint, err error) {
	err = s.do(Checkpoint, func() error {
		all := s.log(organization).checkpoints
		if size == 0 {
			for at := range all {
				size = max(size, at)
			}
		}
		c = pointer(all, size, settleCheckpoint)
		return nil
	})
	return c, err
}

// Entries implements report.Store.
func (s *Store) Entries(_ context.Context, organization string, places []ledger.Place) (there map[ledger.Place]uint64, err error) {
	err = s.do(Entries, func() error {
		there = s.indexes(organization, places)
		return nil
	})
	return there, err
}

// Entry implements report.Store.
func (s *Store) Entry(_ context.Context, organization, id string) (index uint64, there bool, err error) {
	err = s.do(Entry, func() error {
		found := ledger.Place{}
		for p, i := range s.log(organization).entries {
			if p.ID == id && (!there || p.At < found.At) {
				found, index, there = p, i, true
			}
		}
		return nil
	})
	return index, there, err
}

// LeafRange implements report.Store.
func (s *Store) LeafRange(_ context.Context, organization string, from uint64, limit int) (leaves []ledger.Leaf, err error) {
	err = s.do(LeafRange, func() error {
		for _, l := range s.log(organization).leaves {
			if l.Index >= from && l.Index < from+uint64(limit) {
				leaves = append(leaves, settleLeaf(l))
			}
		}
		slices.SortFunc(leaves, func(a, b ledger.Leaf) int { return int(a.Index) - int(b.Index) })
		return nil
	})
	return leaves, err
}

// EventsAt implements report.Store.
func (s *Store) EventsAt(_ context.Context, organization string, places []ledger.Place) (events map[ledger.Place]audit.Event, err error) {
	events = map[ledger.Place]audit.Event{}
	err = s.do(EventsAt, func() error {
		for _, p := range places {
			if e, there := s.events[organization][p.At+"#"+p.ID]; there {
				events[p] = settleEvent(e)
			}
		}
		return nil
	})
	return events, err
}
