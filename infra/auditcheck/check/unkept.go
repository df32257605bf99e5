package check

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// apart is how far the order of a log may be from that of its events' times: it is that of the stream, and an event has the time at which its request
// began.
const apart = time.Minute

// unkept are entries that have no event because their organisation does not keep it any more.
type unkept struct {
	n     int
	first time.Time // of the first event that is there; zero: none is
}

// String is what a finding adds: what nobody can see any more is not silently counted as seen.
func (u unkept) String() string {
	switch {
	case u.n == 0:
		return ""
	case u.first.IsZero():
		return fmt.Sprintf("; none of them is kept any more: %d are there by their hashes alone", u.n)
	}
	return fmt.Sprintf("; %d of them are not kept any more and there by their hashes alone, and the first event that is there is of %s", u.n, u.first.UTC().Format(time.RFC3339))
}

// hashes are those of the entries, made from their events. Of an event that is not kept any more it is the one that stands there: signed like all
// others, or nothing fits. Such are at the beginning of a log: behind one that is kept, none may be missing.
func (x Export) hashes() (all [][]byte, gone unkept) {
	keeps := x.Since.IsZero()
	for _, e := range x.Entries {
		if len(e.Event) == 0 && !keeps {
			gone.n++
			all = append(all, e.Hash)
			continue
		}
		all = append(all, e.computed())
		if at, ok := e.at(); ok {
			if gone.first.IsZero() {
				gone.first = at
			}
			keeps = keeps || !at.Before(x.Since.Add(apart))
		}
	}
	return all, gone
}

// at is the time that an entry's event says.
func (e Entry) at() (time.Time, bool) {
	var event struct {
		At time.Time `json:"at"`
	}
	ok := len(e.Event) > 0 && json.Unmarshal(e.Event, &event) == nil
	return event.At, ok
}
