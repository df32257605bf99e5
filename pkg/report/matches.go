package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// Matches reports whether an event is one of those that are asked for. Times are compared as places have them, to the microsecond.
func (q EventQuery) Matches(e audit.Event) bool {
	at := ledger.PlaceOf(e).At
	from, to := q.Bounds()
	return at >= from && (to == "" || at < to) && (q.Actor == "" || q.Actor == e.Actor) && (q.User == "" || q.User == e.User) &&
		(len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind))
}

// Bounds are the times of the period as places begin; to is empty where it has no end.
func (q EventQuery) Bounds() (from, to string) {
	if !q.From.IsZero() {
		from = q.From.UTC().Format(PlaceLayout)
	}
	if !q.To.IsZero() {
		to = q.To.UTC().Format(PlaceLayout)
	}
	return from, to
}

// Since is the query of what is left where older events than a time, zero for none, are not kept; false if that is nothing. It keeps to one query and its
// cursors while that time moves on.
func (q EventQuery) Since(oldest time.Time) (EventQuery, bool) {
	if !q.From.Before(oldest) {
		return q, true
	}
	q.From = oldest
	from, to := q.Bounds()
	switch {
	case to != "" && to <= from:
		return q, false
	case q.After == "" || q.After >= from:
	case q.Descending:
		return q, false
	default: // the page before ended with what is gone by now: no key stands behind it that is not in the period
		q.After = ""
	}
	return q, true
}

// Sifts reports whether events must be looked at one by one, because no key gives those that are asked for.
func (q EventQuery) Sifts() bool { return len(q.Kinds) > 0 || q.User != "" && q.Actor != "" }

// Sift takes the events that are asked for from those that were looked at, up to the limit; looked is how many it needed.
func (q EventQuery) Sift(events []audit.Event) (fitting []audit.Event, looked int) {
	for at, e := range events {
		if len(fitting) == q.Limit {
			return fitting, at
		}
		if q.Matches(e) {
			fitting = append(fitting, e)
		}
	}
	return fitting, len(events)
}

// asked is all that is asked for but the place, in one form, as a digest; empty where all events are.
func (q EventQuery) asked() string {
	from, to := q.Bounds()
	kinds := slices.Compact(slices.Sorted(slices.Values(q.Kinds)))
	if from+to+q.Actor+q.User == "" && len(kinds) == 0 {
		return ""
	}
	plain, err := json.Marshal([]any{from, to, q.Actor, q.User, kinds})
	if err != nil {
		return "" // strings: cannot fail
	}
	sum := sha256.Sum256(plain)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
