package console

import (
	"maps"
	"slices"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// auditRow is an event.
type auditRow struct {
	ID            string
	At            time.Time
	What          string
	Kind          audit.Kind
	Alike         string // all of this kind
	Actor, Role   string
	InPlaceOf     string // of an impersonation: the administrator
	User, Path    string
	Seen, Claimed string
	Reason        string
	Details       []fact
	Logged        bool // it stands in the log
	Leaf          uint64
	Covered       bool // and the latest checkpoint covers it
}

func (v *visit) auditRow(e audit.Event, asked auditAsked, entries map[ledger.Place]uint64, latest *ledger.Checkpoint) auditRow {
	asked.Groups, asked.Kinds = nil, []string{string(e.Kind)}
	r := auditRow{
		ID: e.ID, At: e.At, What: v.kind(e.Kind), Kind: e.Kind, Alike: v.with("/audit", asked.values()), Actor: e.Actor, Role: v.roleWord(e.Role),
		InPlaceOf: e.Subject, User: e.User, Path: v.userPath(e.User), Seen: e.Seen, Claimed: e.Claimed, Reason: e.Reason, Details: v.eventFacts(e),
	}
	r.Leaf, r.Logged = entries[ledger.PlaceOf(e)]
	r.Covered = r.Logged && latest != nil && r.Leaf < latest.Size
	return r
}

// eventFacts are what an event says besides, in words, and by which ids it is found elsewhere.
func (v *visit) eventFacts(e audit.Event) []fact {
	var facts []fact
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		facts = append(facts, fact{v.detail(name), v.say.Told(name, e.Details[name])})
	}
	for _, id := range []struct{ name, value string }{
		{"key", e.Key}, {"impersonation", e.Session}, {"request", e.RequestID}, {"event", e.ID},
	} {
		if id.value != "" {
			facts = append(facts, fact{v.say.Say("console.audit.id." + id.name), id.value})
		}
	}
	return facts
}

// roleWord is a role in words, or as it stands where there are none.
func (v *visit) roleWord(role string) string {
	for _, key := range []string{"console.role." + role, "word." + role} {
		if v.say.Has(key) {
			return v.say.Say(key)
		}
	}
	return role
}
