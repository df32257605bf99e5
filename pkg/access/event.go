package access

import (
	"time"

	"github.com/google/uuid"

	"twofold/pkg/audit"
)

// Event begins the audit event of what a key's holder does. Of an impersonation it names both: who acts, with which key,
// and in whose place.
func (c Caller) Event(kind audit.Kind, organization string, k *Key, now time.Time) audit.Event {
	e := audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: kind, Organization: organization, Role: string(k.Role), Actor: k.Holder,
		Key: k.ID, Seen: c.Seen, Claimed: c.Claimed, RequestID: c.RequestID,
	}
	if k.Vendor && k.Role == Application {
		e.Actor = "vendor/" + k.Holder // the organisation may have one of this id, and ids hold no slash
	}
	if k.Impersonates() {
		e.Role, e.Actor, e.Key = string(SystemAdministrator), k.Impersonation.By, k.Impersonation.Key
		e.Subject, e.Session = k.Holder, k.ID
	}
	return e
}

// Who names whoever acts with a key, for what is kept of a change and read by people: an id, or of an impersonation
// "<system administrator> for <administrator>". Ids hold no space.
func (k *Key) Who() string {
	if k.Impersonates() {
		return k.Impersonation.By + " for " + k.Holder
	}
	return k.Holder
}
