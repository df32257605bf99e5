package ledger

import (
	"strconv"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"

	"twofold/pkg/audit"
)

// Shape is the version of what Data writes. A field that is added later is left out where it is empty and changes no older leaf;
// anything else needs another version.
const Shape = 1

// Data is what a leaf commits to: the event as the API shows it, and which log it is of, as canonical JSON (RFC 8785). Whoever has an exported event
// can make it again. Times are in UTC, to the microsecond.
func Data(e audit.Event) []byte {
	actor := object{}
	actor["role"], actor["id"] = quoted(e.Role), quoted(e.Actor)
	actor.text("key", e.Key)
	actor.text("in_place_of", e.Subject)
	actor.text("impersonation", e.Session)
	o := object{
		"version": strconv.Itoa(Shape), "id": quoted(e.ID), "kind": quoted(string(e.Kind)), "actor": actor.String(),
		"at": quoted(e.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)),
	}
	o.text("organization", e.Organization)
	o.text("user", e.User)
	o.text("reason", e.Reason)
	o.text("seen_address", e.Seen)
	o.text("claimed_address", e.Claimed)
	o.text("request_id", e.RequestID)
	if len(e.Details) > 0 {
		details := object{}
		for name, value := range e.Details {
			details[name] = quoted(value) // an empty value says something here: that there was none
		}
		o["details"] = details.String()
	}
	return []byte(o.String())
}

// Hash is the hash of a leaf (RFC 6962 §2.1).
func Hash(data []byte) []byte { return rfc6962.DefaultHasher.HashLeaf(data) }
