package dynamo_test

import (
	"maps"
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// TestRequestsOfAUsersChanges: a code by mail costs what any other does; a fresh proof costs nothing of its own, and what waits for its first
// code one conditional update, as does a wrong one.
func TestRequestsOfAUsersChanges(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	secret := w.Enrolled(t, "user")
	w.Decree(t, func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	of := enroll.Subject{Organization: storetest.Organization, User: "user"}
	proof := func() enroll.Request {
		w.Clock.Advance(30 * time.Second)
		return enroll.Request{Of: of, Proof: enroll.Proof{Method: org.TOTP, Code: w.Code(t, secret)}}
	}
	sent := func(p user.Purpose) string {
		f := w.Factors(t, "user")
		for _, c := range f.Challenges {
			if c.Purpose == p {
				code, err := factor.MailedCode(w.Keys, c.KeyID, f.Mailed(c))
				if err != nil {
					t.Fatal(err)
				}
				return code
			}
		}
		t.Fatalf("no code of purpose %s is under way", p)
		return ""
	}
	confirmation := func(code string) enroll.Confirmation { return enroll.Confirmation{Of: of, Code: code} }
	var token, code string
	var mailbox enroll.Authenticator
	app, ctx := w.Application, t.Context()
	var page login.Account
	for _, c := range []struct {
		name    string
		prepare func()
		act     func() error
		want    map[string]int
	}{
		{"an authenticator begun", nil, func() error { _, err := w.Enroll.Add(ctx, app, proof(), org.Email, ""); return err }, readAndUpdate},
		{"confirmed", func() { code = sent(user.By(user.Confirm, org.Email)) }, func() error {
			var err error
			mailbox, err = w.Enroll.ConfirmAuthenticator(ctx, app, confirmation(code))
			return err
		}, readAndCommit},
		{"all authenticators", nil, func() error { _, err := w.Enroll.Authenticators(ctx, app, of); return err }, readOnce},
		{"the other one first", nil, func() error { _, err := w.Enroll.Prefer(ctx, app, of, mailbox.ID); return err }, readAndCommit},
		{"a code by mail ordered", func() { token = w.Login(t, "user") }, func() error {
			_, err := w.Verify.Order(ctx, app, token, string(org.Email), "")
			return err
		}, readAndUpdate},
		{"and answered", func() { code = sent(user.By(user.SignIn, org.Email)) }, func() error {
			_, err := w.Verify.Answer(ctx, app, verify.Answer{Login: token, Way: string(org.Email), Code: code})
			return err
		}, readAndUpdate},
		{"a code for a proof", nil, func() error { _, err := w.Enroll.OrderProof(ctx, app, of, user.RenewCodes, org.Email, ""); return err }, readAndUpdate},
		{"new recovery codes", nil, func() error { _, err := w.Enroll.RenewCodes(ctx, app, proof()); return err }, readAndCommit},
		{"another recovery email begun", nil, func() error {
			_, err := w.Enroll.MoveRecovery(ctx, app, proof(), "new@home.example", "new@home.example")
			return err
		}, readAndUpdate},
		{"and confirmed", func() { code = sent(user.VerifyRecovery) }, func() error {
			_, err := w.Enroll.ConfirmRecovery(ctx, app, confirmation(code))
			return err
		}, readAndCommit},
		{"the user's own view", nil, func() error { _, err := w.Enroll.Overview(ctx, app, of); return err }, map[string]int{"BatchGetItem": 1, "Query": 2}},
		{"a page of the user's own opened", nil, func() error {
			opened, err := w.Enroll.OpenAccount(ctx, app, of, storetest.ReturnAddress)
			if err == nil {
				page, err = login.ParseAccountEntry(w.Keys, opened.Entry, w.Clock.Now())
			}
			return err
		}, readOnce},
		{"it is entered", nil, func() error { return w.Enroll.EnterAccount(ctx, app, page) }, readAndUpdate},
		{"a change that is looked at", nil, func() error { _, err := w.Enroll.Prospect(ctx, app, of, user.AddMethod); return err }, readOnce},
		{"an authenticator removed", nil, func() error { return w.Enroll.Remove(ctx, app, proof(), mailbox.ID) },
			map[string]int{"BatchGetItem": 1, "Query": 1, "TransactWriteItems": 1}},
		{"an administrator's code", nil, func() error { _, err := w.Enroll.MakeBypass(ctx, w.Administrator, of, "r", time.Hour); return err },
			map[string]int{"BatchGetItem": 1, "GetItem": 1, "TransactWriteItems": 1}},
	} {
		if c.prepare != nil {
			c.prepare()
		}
		var err error
		if got := wire.requests(func() { err = c.act() }); !maps.Equal(got, c.want) || err != nil {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
