package dynamo_test

import (
	"maps"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/sender"
	"twofold/pkg/storetest"
)

// docs/performance.md says what a sender costs; a mail from an organisation that may not have one costs nothing more.
func TestRequestsOfASender(t *testing.T) {
	store, wire := wired(t)
	w, provider := storetest.NewWorld(t, store), &storetest.Identities{}
	s := &sender.Service{Store: store, Identities: provider, Registrable: publicsuffix.EffectiveTLDPlusOne, Now: w.Clock.Now}
	_, err := w.Policy.PutOrganization(t.Context(), w.System, policy.Put{
		ID: storetest.Organization, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true, Sender: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(domain string) func() error {
		return func() error {
			_, err := s.Put(t.Context(), w.Administrator, storetest.Organization, sender.Put{Domain: domain})
			return err
		}
	}
	look := func() error {
		_, err := s.Look(t.Context(), w.Administrator, storetest.Organization)
		return err
	}
	for _, c := range []struct {
		name     string
		act      func() error
		want     map[string]int
		provider int
	}{
		{"a claim", put("a.acme.example"), map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}, 3},
		{"the same again", put("a.acme.example"), map[string]int{"BatchGetItem": 2}, 1},
		{"another domain", put("b.acme.example"), map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}, 5},
		{"a look", look, map[string]int{"BatchGetItem": 2}, 1},
		{"a look that finds news", func() error { provider.Publish("b.acme.example"); return look() }, map[string]int{"BatchGetItem": 2, "TransactWriteItems": 1}, 1},
		{"the end", func() error { return s.Remove(t.Context(), w.Administrator, storetest.Organization) },
			map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}, 3},
	} {
		provider.Calls()
		var err error
		got := wire.requests(func() { err = c.act() })
		if calls := provider.Calls(); err != nil || !maps.Equal(got, c.want) || len(calls) != c.provider {
			t.Errorf("%s: sent %v, want %v; asked the provider %s; %v", c.name, got, c.want, strings.Join(calls, ", "), err)
		}
	}
}
