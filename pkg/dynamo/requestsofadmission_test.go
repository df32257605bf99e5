package dynamo_test

import (
	"crypto/rand"
	"errors"
	"maps"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/storetest"
)

// TestRequestsOfAnAdmission holds what it costs to come into the console, and that an address of nobody costs the same.
func TestRequestsOfAnAdmission(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	ctx := t.Context()
	const returnTo = "https://2fa.vendor.example/console/return"
	ann, err := store.Administrator(ctx, storetest.Organization, "ann")
	if err != nil {
		t.Fatal(err)
	}
	var ticket admission.Ticket
	var session access.Credential
	code := ""
	knock := func(email string) func() error {
		return func() (err error) {
			ticket, err = w.Admission.Knock(ctx, w.Administrator, admission.Claim{Organization: storetest.Organization, Email: email})
			return err
		}
	}
	refused := func(err error) error {
		if !errors.Is(err, admission.ErrRefused) {
			return errors.Join(errors.New("not refused"), err)
		}
		return nil
	}
	knocks := map[string]int{"Query": 1, "GetItem": 1, "UpdateItem": 1}
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"nobody names themselves", knock("nobody@acme.example"), knocks},
		{"nobody answers", func() error { _, err := w.Admission.Answer(ctx, ticket, "12345678"); return refused(err) }, map[string]int{"GetItem": 1, "UpdateItem": 1}},
		{"ann names herself", knock("ann@acme.example"), knocks},
		{"a wrong code", func() error { _, err := w.Admission.Answer(ctx, ticket, "12345678"); return refused(err) }, map[string]int{"GetItem": 1, "UpdateItem": 1}},
		{"the test reads the code", func() error { code = w.MailedCode(t, ticket); return nil }, map[string]int{"GetItem": 1}},
		{"the code after it", func() error { _, err := w.Admission.Answer(ctx, ticket, code); return err }, map[string]int{"GetItem": 2, "UpdateItem": 1}},
		{"the code again", func() error { _, err := w.Admission.Answer(ctx, ticket, code); return err }, map[string]int{"GetItem": 2}},
		{"the desk is set up", func() error { _, err := w.Admission.Desk(ctx, returnTo); return err }, map[string]int{"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}},
		{"the desk", func() error { _, err := w.Admission.Desk(ctx, returnTo); return err }, map[string]int{"GetItem": 1, "BatchGetItem": 1}},
		{"a session", func() (err error) {
			session, err = w.Admission.SignIn(ctx, w.Administrator, admission.Passage{Organization: storetest.Organization, Administrator: "ann", Since: ann.CreatedAt, Secret: rand.Text()})
			return err
		}, map[string]int{"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}},
		{"a page", func() error {
			_, _, err := w.Admission.Who(ctx, access.Caller{Credential: session}, storetest.Organization)
			return err
		}, readOnce},
		{"signing out", func() error { return w.Admission.SignOut(ctx, access.Caller{Credential: session}) }, map[string]int{"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}},
	} {
		var err error
		if got := wire.requests(func() { err = c.act() }); err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
