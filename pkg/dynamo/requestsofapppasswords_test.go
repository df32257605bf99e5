package dynamo_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/verify"
)

// TestRequestsOfAppPasswords: a check is one read; a wrong app password is one write the first time, and a right one the first time of
// an hour (design §7).
func TestRequestsOfAppPasswords(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Offering(t, "imap", "smtp")
	secret := w.Enrolled(t, "user")
	password := w.AppPassword(t, "user", "imap")
	of := enroll.Subject{Organization: storetest.Organization, User: "user"}
	check := func(password string) func() error {
		return func() error {
			_, err := w.Verify.Check(t.Context(), w.Application, verify.Check{
				Organization: storetest.Organization, User: "user", Service: "imap", Password: password,
			})
			return err
		}
	}
	proof := func() enroll.Request {
		w.Clock.Advance(30 * time.Second)
		return enroll.Request{Of: of, Proof: enroll.Proof{Method: org.TOTP, Code: w.Code(t, secret)}}
	}
	list := func() ([]enroll.AppPassword, error) { return w.Enroll.AppPasswords(t.Context(), w.Application, of) }
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	twiceReadAndCommit := map[string]int{"BatchGetItem": 2, "TransactWriteItems": 1}
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
		err  error
	}{
		{"the first check of an hour", check(password), readAndUpdate, nil},
		{"another", check(password), readOnce, nil},
		{"a wrong app password", check(strings.Repeat("A", 28)), readAndUpdate, verify.ErrAppPassword},
		{"the same again", check(strings.Repeat("A", 28)), readOnce, verify.ErrAppPassword},
		{"the account password", check("correct horse"), readOnce, verify.ErrAppPassword},
		{"all app passwords", func() error { _, err := list(); return err }, readOnce, nil},
		{"one more", func() error {
			_, err := w.Enroll.CreateAppPassword(t.Context(), w.Application, enroll.NewAppPassword{Request: proof(), Service: "smtp"})
			return err
		}, twiceReadAndCommit, nil},
		{"one shown again", func() error {
			_, err := w.Enroll.ViewAppPassword(t.Context(), w.Application, proof(), all[0].ID)
			return err
		}, twiceReadAndCommit, nil},
		{"one withdrawn", func() error { return w.Enroll.WithdrawAppPassword(t.Context(), w.Administrator, of, all[0].ID) }, readAndCommit, nil},
	} {
		if got := wire.requests(func() { err = c.act() }); !maps.Equal(got, c.want) || !errors.Is(err, c.err) {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
	for i := range throttle.FreeTries {
		_ = check(strings.Repeat("B", 28-i) + strings.Repeat("C", i))()
	}
	if got := wire.requests(func() { _ = check(strings.Repeat("D", 28))() }); !maps.Equal(got, readOnce) {
		t.Errorf("while limited it sent %v, want %v", got, readOnce)
	}
}
