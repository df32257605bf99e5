package dynamo_test

import (
	"maps"
	"testing"

	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/verify"
)

// TestRequestsOfAHostedLogin holds what a login in a page of ours costs besides the steps that it takes.
func TestRequestsOfAHostedLogin(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	secret := w.Enrolled(t, "user")
	w.Remembering(t)
	ctx := t.Context()
	var h login.Hosted
	var token, code string
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"it begins", func() error {
			a, err := w.Verify.Begin(ctx, w.Application, verify.Begin{
				Organization: storetest.Organization, User: "user", Email: "user@acme.example", Nonce: "nonce", ReturnTo: storetest.ReturnAddress,
			})
			if err == nil {
				h, err = login.ParseEntry(w.Keys, a.Next.Entry)
			}
			return err
		}, readOnce},
		{"whose it is", func() error { _, _, err := store.Face(ctx, storetest.Organization); return err }, readOnce},
		{"where it stands", func() (err error) {
			if token, err = h.Token(w.Keys); err == nil {
				_, err = w.Verify.Look(ctx, h.Caller("", "", ""), token, string(org.TOTP))
			}
			return err
		}, readOnce},
		{"an answer that is remembered", func() error {
			a, err := w.Verify.Answer(ctx, h.Caller("", "", ""), verify.Answer{Login: token, Way: string(org.TOTP), Code: w.Code(t, secret), Remember: &login.Remember{}})
			h.Success, h.Trusted = a.Success, true
			return err
		}, map[string]int{"BatchGetItem": 1, "Query": 1, "TransactWriteItems": 1}},
		{"the way back", func() (err error) { code, err = w.Verify.Return(ctx, h.Caller("", "", ""), h); return err }, readOnce},
		{"the exchange", func() error {
			_, err := w.Verify.Exchange(ctx, w.Application, verify.Exchange{Code: code, Nonce: "nonce", IdempotencyKey: "k"})
			return err
		}, readAndUpdate},
		{"the exchange again", func() error {
			_, err := w.Verify.Exchange(ctx, w.Application, verify.Exchange{Code: code, Nonce: "nonce", IdempotencyKey: "k"})
			return err
		}, readOnce},
	} {
		var err error
		if got := wire.requests(func() { err = c.act() }); err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
