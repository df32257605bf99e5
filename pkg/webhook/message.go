package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// Message is one event on its way out.
type Message struct {
	ID           string // the event's; the same at every attempt
	Organization string // empty: the system's own log
	User         string // empty: it is about nobody
	Kind         audit.Kind
	At           time.Time // when it happened
	Leaf         uint64    // its place in the organisation's log
	Data         []byte    // the event as the API shows it, canonical JSON (ledger.Data)
}

// messageOf is an event at its place in the log.
func messageOf(e audit.Event, leaf uint64) Message {
	return Message{ID: e.ID, Organization: e.Organization, User: e.User, Kind: e.Kind, At: e.At, Leaf: leaf, Data: ledger.Data(e)}
}

// Body is what goes out: type, timestamp and data as Standard Webhooks has them, and the leaf, by which a receiver can put events in order and
// ask the API for their proofs. The data are byte for byte what the leaf commits to.
func (m Message) Body() []byte {
	head, _ := json.Marshal(struct { // texts and a number: it cannot fail
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Leaf      uint64 `json:"leaf"`
	}{string(m.Kind), m.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano), m.Leaf})
	return bytes.Join([][]byte{bytes.TrimSuffix(head, []byte("}")), []byte(`,"data":`), m.Data, []byte("}")}, nil)
}
