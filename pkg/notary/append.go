package notary

import (
	"context"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/user"
)

// append puts events of one organisation at the end of its log, all or none of those that are not there.
func (n *Notary) append(ctx context.Context, events []audit.Event) error {
	organization := events[0].Organization
	places := make([]ledger.Place, len(events))
	for at, e := range events {
		places[at] = ledger.PlaceOf(e)
	}
	return race(func() error {
		head, there, err := n.Store.Log(ctx, organization, places)
		if err != nil {
			return fault.Down(err)
		}
		fresh := missing(events, there)
		if len(fresh) == 0 {
			return nil
		}
		next, leaves, err := head.Append(fresh)
		if err != nil {
			return err
		}
		next.Attempt = attempt()
		return down(n.Store.Extend(ctx, next, leaves))
	})
}

// missing are the events that are not there, each once.
func missing(events []audit.Event, there map[ledger.Place]uint64) []audit.Event {
	var fresh []audit.Event
	seen := map[ledger.Place]bool{}
	for _, e := range events {
		place := ledger.PlaceOf(e)
		if _, is := there[place]; is || seen[place] {
			continue
		}
		seen[place] = true
		fresh = append(fresh, e)
	}
	return fresh
}

// race tries again where somebody else was faster.
func race(try func() error) error {
	_, err := user.Race(func() (struct{}, error) { return struct{}{}, try() })
	return err
}

// down leaves a lost race as it is, for race to see.
func down(err error) error {
	if err == nil {
		return nil
	}
	return fault.Down(err)
}

// attempt is an id for one write.
func attempt() []byte {
	id := uuid.New()
	return id[:]
}
