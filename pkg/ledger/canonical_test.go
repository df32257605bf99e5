package ledger_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// full has something in every field.
func full() audit.Event {
	return audit.Event{
		ID: "0190c2d8-7f3e-7c1a-9b7e-0123456789ab", At: time.Date(2026, 11, 22, 13, 0, 0, 123_456_789, time.FixedZone("", 3600)),
		Kind: audit.UserReset, Organization: "acme.example", User: "user#1/ü 😀", Role: "org_admin", Actor: "ann", Key: "0123456789abcdef0123",
		Subject: "bob", Session: "fedcba", Reason: "phone \"lost\"\n", Seen: "192.0.2.1", Claimed: "2001:db8::7", RequestID: "Root=1-2",
		Details: map[string]string{"before": "", "after": "a\u2028<b>&\\\x01", "\U0001F600": "astral", "\uffee": "not"}, Notify: true,
	}
}

// What is written is RFC 8785's one form, as an implementation of others has it.
func TestDataIsCanonical(t *testing.T) {
	for _, e := range []audit.Event{{}, full()} {
		data := ledger.Data(e)
		again := jsontext.Value(bytes.Clone(data))
		if err := again.Canonicalize(); err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s\nis in canonical form (%v)\n%s", data, err, again)
		}
	}
}

func FuzzDataIsCanonical(f *testing.F) {
	f.Add("name", "value")
	f.Add("\x7f\u0080\b\f\ufffd", "\xff\xfe 😀\r\t\x1f")
	f.Fuzz(func(t *testing.T, name, value string) {
		e := audit.Event{ID: value, User: name, Details: map[string]string{name: value, "a": "b", value: name}}
		data := ledger.Data(e)
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return // two names may become one: the table lets none in
		}
		again := jsontext.Value(bytes.Clone(data))
		if err := again.Canonicalize(); err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s\nis in canonical form (%v)\n%s", data, err, again)
		}
	})
}

// The form is for ever: a change of it would make every old proof a lie. This is the one of shape 1.
func TestDataIsWhatItWas(t *testing.T) {
	const want = `{"actor":{"id":"ann","impersonation":"fedcba","in_place_of":"bob","key":"0123456789abcdef0123","role":"org_admin"},` +
		`"at":"2026-11-22T12:00:00.123456Z","claimed_address":"2001:db8::7",` +
		`"details":{"after":"a` + "\u2028" + `<b>&\\\u0001","before":"","😀":"astral","` + "\uffee" + `":"not"},` +
		`"id":"0190c2d8-7f3e-7c1a-9b7e-0123456789ab","kind":"user.reset","organization":"acme.example","reason":"phone \"lost\"\n",` +
		`"request_id":"Root=1-2","seen_address":"192.0.2.1","user":"user#1/ü 😀","version":1}`
	if got := string(ledger.Data(full())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Every field of an event but Notify, which is ours, is in the leaf: a change of any is a change of the hash.
func TestEveryFieldCounts(t *testing.T) {
	whole := string(ledger.Hash(ledger.Data(full())))
	for name, change := range map[string]func(*audit.Event){
		"id": func(e *audit.Event) { e.ID += "0" }, "at": func(e *audit.Event) { e.At = e.At.Add(time.Microsecond) },
		"kind": func(e *audit.Event) { e.Kind = audit.UserDeleted }, "organization": func(e *audit.Event) { e.Organization = "acme2" },
		"user": func(e *audit.Event) { e.User = "" }, "role": func(e *audit.Event) { e.Role = "reader" },
		"actor": func(e *audit.Event) { e.Actor = "eve" }, "key": func(e *audit.Event) { e.Key = "" },
		"subject": func(e *audit.Event) { e.Subject = "" }, "session": func(e *audit.Event) { e.Session = "" },
		"reason": func(e *audit.Event) { e.Reason = "" }, "seen": func(e *audit.Event) { e.Seen = "" },
		"claimed": func(e *audit.Event) { e.Claimed = "" }, "request": func(e *audit.Event) { e.RequestID = "" },
		"a detail": func(e *audit.Event) { e.Details["before"] = "x" }, "no detail": func(e *audit.Event) { delete(e.Details, "before") },
	} {
		e := full()
		change(&e)
		if string(ledger.Hash(ledger.Data(e))) == whole {
			t.Errorf("%s: the hash is the same", name)
		}
	}
	e := full()
	e.Notify = false
	if string(ledger.Hash(ledger.Data(e))) != whole {
		t.Error("notify is in the leaf")
	}
	if !json.Valid(ledger.Data(e)) {
		t.Error("not JSON")
	}
}
