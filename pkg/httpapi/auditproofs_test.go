package httpapi

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// An entry's event, as it goes out, is in its canonical form what its leaf commits to.
func TestAnEntryIsWhatWasHashed(t *testing.T) {
	for _, e := range []audit.Event{
		{ID: "1", At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Kind: audit.UserReset},
		{
			ID: "2", At: time.Date(2026, 11, 22, 12, 0, 0, 120_000_000, time.UTC), Kind: audit.UserReset, Organization: "acme", User: "u<ü>\u2028", Role: "org_admin",
			Actor: "ann", Key: "k", Subject: "bob", Session: "s", Reason: "why\n", Seen: "192.0.2.1", Claimed: "2001:db8::7", RequestID: "r",
			Details: map[string]string{"before": "", "after": "x", "😀": "\uffee"}, Notify: true,
		},
	} {
		sent, err := json.Marshal(showEntry(ledger.Line{Leaf: 7, Event: &e, Hash: ledger.Hash(ledger.Data(e))}))
		if err != nil {
			t.Fatal(err)
		}
		var entry struct {
			Event jsontext.Value `json:"event"`
		}
		if err := json.Unmarshal(sent, &entry); err != nil {
			t.Fatal(err)
		}
		if err := entry.Event.Canonicalize(); err != nil || !bytes.Equal(entry.Event, ledger.Data(e)) {
			t.Errorf("sent is\n%s\nhashed was\n%s", entry.Event, ledger.Data(e))
		}
	}
}
