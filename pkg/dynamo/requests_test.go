package dynamo_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

var (
	readOnce      = map[string]int{"BatchGetItem": 1}
	readAndUpdate = map[string]int{"BatchGetItem": 1, "UpdateItem": 1}
	readAndCommit = map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1}
)

// TestRequestsOfALogin holds the costs of design §7: they are what a deployment pays for each login.
func TestRequestsOfALogin(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	secret := w.Enrolled(t, "user")
	var token string
	answer := func(way, code string) error {
		_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{Login: token, Way: way, Code: code})
		return err
	}
	mailClient := func() error {
		_, err := w.Verify.Begin(t.Context(), w.Application, verify.Begin{
			Organization: storetest.Organization, User: "user", Email: "user@acme.example", Nonce: "nonce", Service: "imap",
		})
		return err
	}
	right := w.Code(t, secret)
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
		err  error
	}{
		{"a first login registers", func() error { w.Login(t, "stranger"); return nil }, readAndCommit, nil},
		{"a login", func() error { token = w.Login(t, "user"); return nil }, readOnce, nil},
		{"a first login with a mail client", mailClient, readAndCommit, nil},
		{"a login with a mail client", mailClient, readOnce, nil},
		{"a wrong answer", func() error { return answer(string(org.TOTP), wrong) }, readAndUpdate, verify.ErrRefused},
		{"a right answer", func() error { return answer(string(org.TOTP), right) }, readAndUpdate, nil},
		{"a used code", func() error { return answer(string(org.TOTP), right) }, readAndUpdate, verify.ErrRefused},
		{"an ordered code", func() error {
			_, err := w.Verify.Order(t.Context(), w.Application, token, string(login.MailedRecovery), "")
			return err
		}, readAndUpdate, nil},
		{"the same order again", func() error {
			_, err := w.Verify.Order(t.Context(), w.Application, token, string(login.MailedRecovery), "")
			return err
		}, readOnce, nil},
	} {
		var err error
		got := wire.requests(func() { err = c.act() })
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
	}
	for range 4 { // with the used code, five
		if err := answer(string(org.TOTP), wrong); !errors.Is(err, verify.ErrRefused) {
			t.Fatal(err)
		}
	}
	if got := wire.requests(func() { _ = answer(string(org.TOTP), wrong) }); !maps.Equal(got, readOnce) {
		t.Errorf("an answer while locked sent %v, want %v", got, readOnce)
	}
}

// TestFailureChangesNothing: whatever cannot be reached is 503, never "wrong code", and counts nothing.
func TestFailureChangesNothing(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	secret := w.Enrolled(t, "user")
	token := w.Login(t, "user")
	before := w.Factors(t, "user")
	for _, operation := range []string{"BatchGetItem", "UpdateItem"} {
		wire.set(func() { wire.refuse[operation] = true })
		for _, code := range []string{w.Code(t, secret), "000000"} {
			_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{Login: token, Way: string(org.TOTP), Code: code})
			if kind := fault.As(err).Kind; kind != fault.Unavailable {
				t.Errorf("%s fails: %v, want %v", operation, kind, fault.Unavailable)
			}
		}
		wire.set(func() { wire.refuse[operation] = false })
		if after := w.Factors(t, "user"); after.Rev != before.Rev || after.Throttle.Consecutive != 0 {
			t.Errorf("%s failed, and the factors changed: %+v", operation, after)
		}
	}
	_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{Login: token, Way: string(org.TOTP), Code: w.Code(t, secret)})
	if err != nil {
		t.Errorf("the code after the failures: %v", err)
	}
}

// TestRequestsOfEnforcing: one user is a login's read and a transaction; many are read 50 at a time.
func TestRequestsOfEnforcing(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	var lines []policy.Line
	for i := range 101 {
		id := fmt.Sprintf("user-%03d", i)
		p := user.Profile{Organization: storetest.Organization, User: id, Rev: 1, RegisteredAt: w.Clock.Now()}
		if err := store.Write(t.Context(), user.Change{Profile: &p}); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, policy.Line{User: id, Want: user.Enforcement{Kind: user.Required}})
	}
	one := func() {
		of := policy.Subject{Organization: storetest.Organization, User: "user-000"}
		if _, err := w.Policy.Enforce(t.Context(), w.Administrator, of, lines[0].Want); err != nil {
			t.Error(err)
		}
	}
	status := func() {
		of := policy.Subject{Organization: storetest.Organization, User: "user-000"}
		if _, err := w.Policy.Status(t.Context(), w.Application, of); err != nil {
			t.Error(err)
		}
	}
	many := func() {
		if _, err := w.Policy.EnforceMany(t.Context(), w.Administrator, storetest.Organization, lines); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		name string
		act  func()
		want map[string]int
	}{
		{"one user", one, readAndCommit},
		{"the same again", one, readOnce},
		{"a status", status, readOnce},
		{"101 users, one of whom is done", many, map[string]int{"BatchGetItem": 4, "TransactWriteItems": 100}},
		{"the same again", many, map[string]int{"BatchGetItem": 4}},
	} {
		if got := wire.requests(c.act); !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
}

// TestRequestsOfADryRun: the numbers are two reads, whoever there is; names are at most five queries a page.
func TestRequestsOfADryRun(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	for i := range 450 {
		p := user.Profile{Organization: storetest.Organization, User: fmt.Sprintf("user-%03d", i), Rev: 1, RegisteredAt: w.Clock.Now()}
		if err := store.Write(t.Context(), user.Change{Profile: &p}); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) { // the index is a moment behind
		rows, _, err := store.Facts(t.Context(), storetest.Organization, "", 451)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d rows in the index, %v", len(rows), err)
		}
		if len(rows) == 450 {
			break
		}
	}
	dryRun := func() {
		if _, err := w.Policy.DryRun(t.Context(), w.Administrator, storetest.Organization, nil); err != nil {
			t.Error(err)
		}
	}
	page := func(group policy.Group, limit int) func() {
		return func() {
			q := policy.ForetoldQuery{Group: group, Limit: limit}
			if _, err := w.Policy.Foretold(t.Context(), w.Administrator, storetest.Organization, q); err != nil {
				t.Error(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		act  func()
		want map[string]int
	}{
		{"the numbers", dryRun, map[string]int{"BatchGetItem": 1, "GetItem": 1}},
		{"a page that is soon full", page("let_in", 50), map[string]int{"BatchGetItem": 3, "Query": 1}},
		{"a page that finds nobody", page("verify", 50), map[string]int{"BatchGetItem": 6, "Query": 3}},
	} {
		if got := wire.requests(c.act); !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
}
