package report

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
)

// The refusals of proofs.
var (
	// ErrNoCheckpoint means that the log has none, or none of that size.
	ErrNoCheckpoint = fault.New(fault.NotFound, "no_checkpoint", "The log has no such checkpoint. One is signed some minutes after an event.")
	// ErrNotInLog means that the audit has no such event, or that it is not in the log of that size yet.
	ErrNotInLog = fault.New(fault.NotFound, "not_in_log", "There is no such event in the log of that size.")
	// ErrNotKept means that the event is in the log, and is not kept any more: its organisation's policy says for how long.
	ErrNotKept = fault.New(fault.NotFound, "event_not_kept", "The event is older than the organisation keeps its audit. The log still has its hash, and proves it.")
	// ErrBeyond refuses a size or a leaf behind what is asked of.
	ErrBeyond = fault.New(fault.Unprocessable, "beyond_checkpoint", "This is beyond what the checkpoint covers.")
	// ErrOneOf refuses an inclusion of nothing, or of two things.
	ErrOneOf = fault.New(fault.Unprocessable, "event_or_leaf", "Name either an event or a leaf.").At("query.event")
)

// audited admits whoever may read the audit of an organisation, and says from when on it is kept; of none, the system's own, all of which is.
func (s *Service) audited(ctx context.Context, c access.Caller, organization string) (since time.Time, err error) {
	if organization == access.VendorHome {
		return time.Time{}, s.vendor(ctx, c, SystemRule)
	}
	now := s.Now()
	o, err := s.organization(ctx, c, AuditRule, organization, now)
	if err != nil {
		return time.Time{}, err
	}
	return o.AuditSince(now), nil
}

// Checkpoint is the latest of an organisation's log, or the one of a size.
func (s *Service) Checkpoint(ctx context.Context, c access.Caller, organization string, size uint64) (ledger.Checkpoint, error) {
	if _, err := s.audited(ctx, c, organization); err != nil {
		return ledger.Checkpoint{}, err
	}
	return s.checkpoint(ctx, organization, size)
}

func (s *Service) checkpoint(ctx context.Context, organization string, size uint64) (ledger.Checkpoint, error) {
	found, err := s.Store.Checkpoint(ctx, organization, size)
	switch {
	case err != nil:
		return ledger.Checkpoint{}, fault.Down(err)
	case found == nil:
		return ledger.Checkpoint{}, ErrNoCheckpoint
	}
	return *found, nil
}

// covered is a size that a checkpoint covers: the latest one's, where none is asked for.
func (s *Service) covered(ctx context.Context, organization string, size uint64, field string) (uint64, error) {
	latest, err := s.checkpoint(ctx, organization, 0)
	switch {
	case err != nil:
		return 0, err
	case size == 0:
		return latest.Size, nil
	case size > latest.Size:
		return 0, ErrBeyond.At(field)
	}
	return size, nil
}

// InclusionQuery asks for the proof of one event, by its id or by its leaf, in the log of a size; 0 is the latest checkpoint's.
type InclusionQuery struct {
	Event string
	Leaf  *uint64
	Size  uint64
}

// Inclusion proves that an event is in the log, and gives the size in which.
func (s *Service) Inclusion(ctx context.Context, c access.Caller, organization string, q InclusionQuery) (ledger.Line, uint64, error) {
	since, err := s.audited(ctx, c, organization)
	if err != nil {
		return ledger.Line{}, 0, err
	}
	if (q.Event == "") == (q.Leaf == nil) {
		return ledger.Line{}, 0, ErrOneOf
	}
	size, err := s.covered(ctx, organization, q.Size, "query.size")
	if err != nil {
		return ledger.Line{}, 0, err
	}
	index, err := s.leaf(ctx, organization, q, size)
	if err != nil {
		return ledger.Line{}, 0, err
	}
	leaves, err := s.Store.LeafRange(ctx, organization, index, 1)
	if err != nil {
		return ledger.Line{}, 0, fault.Down(err)
	}
	if len(leaves) > 0 && !kept(leaves[0].Event, since) {
		return ledger.Line{}, 0, ErrNotKept
	}
	lines, err := s.lines(ctx, organization, size, leaves, since)
	if err != nil || len(lines) == 0 {
		return ledger.Line{}, 0, orMissing(err)
	}
	return lines[0], size, nil
}

// orMissing says of a leaf that is gone what it is: a defect that nobody should overlook, not an id that does not exist.
func orMissing(err error) error {
	if err != nil {
		return err
	}
	return ledger.ErrLeaf
}

// leaf is the index that is asked for.
func (s *Service) leaf(ctx context.Context, organization string, q InclusionQuery, size uint64) (uint64, error) {
	if q.Leaf != nil {
		if *q.Leaf >= size {
			return 0, ErrBeyond.At("query.leaf")
		}
		return *q.Leaf, nil
	}
	index, there, err := s.Store.Entry(ctx, organization, q.Event)
	switch {
	case err != nil:
		return 0, fault.Down(err)
	case !there || index >= size:
		return 0, ErrNotInLog
	}
	return index, nil
}

// Consistency proves that the log of a size is the beginning of the log of a larger one, both covered by checkpoints; to 0 is the latest one's.
func (s *Service) Consistency(ctx context.Context, c access.Caller, organization string, from, to uint64) ([][]byte, uint64, error) {
	if _, err := s.audited(ctx, c, organization); err != nil {
		return nil, 0, err
	}
	to, err := s.covered(ctx, organization, to, "query.to")
	if err != nil {
		return nil, 0, err
	}
	if from == 0 || from > to {
		return nil, 0, ErrBeyond.At("query.from")
	}
	path, err := ledger.Consistency(from, to)
	if err != nil {
		return nil, 0, err
	}
	leaves, err := s.Store.Leaves(ctx, organization, path.Leaves())
	if err != nil {
		return nil, 0, fault.Down(err)
	}
	hashes, err := path.Hashes(leaves)
	return hashes, to, err
}

// Lines are up to limit leaves from an index on, as they are exported for the log of a size, 0 being the latest checkpoint's; and
// the index of the next page, nil after the last. The size must be a checkpoint's.
func (s *Service) Lines(ctx context.Context, c access.Caller, organization string, size, from uint64, limit int) (LinePage, error) {
	since, err := s.audited(ctx, c, organization)
	if err != nil {
		return LinePage{}, err
	}
	return s.page(ctx, organization, size, from, limit, since)
}

// LinePage is part of an export.
type LinePage struct {
	Checkpoint ledger.Checkpoint
	Lines      []ledger.Line
	Since      time.Time // from when on events are kept; zero: all of them. The lines of older ones are without
	Next       *uint64
}

func (s *Service) page(ctx context.Context, organization string, size, from uint64, limit int, since time.Time) (LinePage, error) {
	checkpoint, err := s.checkpoint(ctx, organization, size)
	if err != nil {
		return LinePage{}, err
	}
	page := LinePage{Checkpoint: checkpoint, Since: since}
	if from >= checkpoint.Size {
		return page, ErrBeyond.At("query.from")
	}
	limit = int(min(uint64(limit), checkpoint.Size-from))
	leaves, err := s.Store.LeafRange(ctx, organization, from, limit)
	if err != nil {
		return page, fault.Down(err)
	}
	page.Lines, err = s.lines(ctx, organization, checkpoint.Size, leaves, since)
	if next := from + uint64(limit); next < checkpoint.Size {
		page.Next = &next
	}
	return page, err
}

// kept reports whether an event is one of those that are kept since a time.
func kept(at ledger.Place, since time.Time) bool {
	return since.IsZero() || at.At >= since.UTC().Format(PlaceLayout)
}

// lines are leaves with their events and their proofs in the log of a size. What is kept no more, and what is gone from the store, is left out, for
// whoever checks to see.
func (s *Service) lines(ctx context.Context, organization string, size uint64, leaves []ledger.Leaf, since time.Time) ([]ledger.Line, error) {
	paths, nodes, err := s.paths(ctx, organization, size, leaves)
	if err != nil {
		return nil, err
	}
	var places []ledger.Place
	for _, l := range leaves {
		if kept(l.Event, since) {
			places = append(places, l.Event)
		}
	}
	events, err := s.Store.EventsAt(ctx, organization, places)
	if err != nil {
		return nil, fault.Down(err)
	}
	lines := make([]ledger.Line, len(leaves))
	for at, l := range leaves {
		lines[at] = ledger.Line{Leaf: l.Index, Hash: l.Hash, Event: found(events, l.Event)}
		if hashes, err := paths[at].Hashes(nodes); err == nil {
			lines[at].Proof = hashes
		}
	}
	return lines, nil
}

func found(events map[ledger.Place]audit.Event, at ledger.Place) *audit.Event {
	e, there := events[at]
	if !there {
		return nil
	}
	return &e
}

// paths are the proofs of leaves in the log of a size, and the leaves that hold their hashes: those that are given, and few others.
func (s *Service) paths(ctx context.Context, organization string, size uint64, leaves []ledger.Leaf) ([]ledger.Path, map[uint64]ledger.Leaf, error) {
	nodes := map[uint64]ledger.Leaf{}
	for _, l := range leaves {
		nodes[l.Index] = l
	}
	paths := make([]ledger.Path, len(leaves))
	var more []uint64
	for at, l := range leaves {
		var err error
		if paths[at], err = ledger.Inclusion(l.Index, size); err != nil {
			return nil, nil, err
		}
		for _, index := range paths[at].Leaves() {
			if _, there := nodes[index]; !there {
				more = append(more, index)
			}
		}
	}
	slices.Sort(more)
	others, err := s.Store.Leaves(ctx, organization, slices.Compact(more))
	if err != nil {
		return nil, nil, fault.Down(err)
	}
	for index, l := range others {
		nodes[index] = l
	}
	return paths, nodes, nil
}
