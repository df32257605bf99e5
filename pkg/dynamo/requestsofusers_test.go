package dynamo_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/storetest"
)

// TestRequestsOfUsers: one user is a login's read and a transaction.
func TestRequestsOfUsers(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Remembering(t)
	w.Trusted(t, "user")
	of := enroll.Subject{Organization: storetest.Organization, User: "user"}
	put := func(id, email string) func() error {
		return func() error {
			of := of
			of.User = id
			_, err := w.Enroll.Register(t.Context(), w.Administrator, of, enroll.Account{Email: email})
			return err
		}
	}
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"a registration", put("new", "new@acme.example"), readAndCommit},
		{"the same again", put("new", "new@acme.example"), readOnce},
		{"another address", put("user", "other@acme.example"), readAndCommit},
		{"a user", func() error { _, err := w.Enroll.User(t.Context(), w.Application, of); return err }, readOnce},
		{"a deletion", func() error { return w.Enroll.Delete(t.Context(), w.Application, of) },
			map[string]int{"BatchGetItem": 1, "Query": 1, "TransactWriteItems": 1}},
		{"a deleted user registered again", put("user", "user@acme.example"),
			map[string]int{"BatchGetItem": 1, "GetItem": 1, "TransactWriteItems": 1}},
	} {
		var err error
		if got := wire.requests(func() { err = c.act() }); !maps.Equal(got, c.want) || err != nil {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}

// TestRequestsOfAnImport: 1,000 users are read 50 at a time and written 100 items at a time, one request after the other: a call must be
// through in a third of the 30 seconds that the API Gateway waits for, the function's own limit.
func TestRequestsOfAnImport(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	lines := func(email string, bring bool) (all []enroll.Line) {
		for i := range enroll.MaxLines {
			l := enroll.Line{User: fmt.Sprintf("user-%04d", i), Account: enroll.Account{Email: email}}
			if bring {
				l.Secret, l.Plants = fmt.Appendf(nil, "a secret of user-%04d", i), true
			}
			all = append(all, l)
		}
		return all
	}
	for _, c := range []struct {
		name  string
		lines []enroll.Line
		want  int // transactions
	}{
		{"1,000 registrations", lines("user@acme.example", false), 20}, // two items each
		{"the same again", lines("user@acme.example", false), 0},
		{"other addresses", lines("other@acme.example", false), 40},                                        // four
		{"authenticators", lines("other@acme.example", true), 31},                                          // three: 33 users at once
		{"those, and other addresses", lines("third@acme.example", true), 40},                              // the apps stand already
		{"the same again", lines("third@acme.example", true), 0},                                           //
		{"one line", []enroll.Line{{User: "one", Account: enroll.Account{Email: "user@acme.example"}}}, 1}, //
	} {
		began := time.Now()
		got := wire.requests(func() {
			if _, err := w.Enroll.Import(t.Context(), w.Administrator, storetest.Organization, c.lines); err != nil {
				t.Error(err)
			}
		})
		want := map[string]int{"BatchGetItem": 1 + (len(c.lines)+49)/50, "TransactWriteItems": c.want}
		if c.want == 0 {
			delete(want, "TransactWriteItems")
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, want)
		}
		t.Logf("%s: %v", c.name, time.Since(began)) // of DynamoDB Local
	}
}
