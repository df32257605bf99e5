package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// texter answers its errors in turn, then takes everything.
type texter struct{ errs []error }

func (x *texter) Text(context.Context, mail.Text) error {
	if len(x.errs) == 0 {
		return nil
	}
	err := x.errs[0]
	x.errs = x.errs[1:]
	return err
}

// docs/performance.md says what an SMS costs: its order what any does, and its delivery a transaction, so that it is counted once.
func TestRequestsOfAnSMS(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Policy.PutOrganization(t.Context(), w.System, policy.Put{ID: storetest.Organization, Name: "Acme", Entitlements: org.Entitlements{
		TwoFactor: true, SMS: true, SMSCountries: "DE", SMSPerDay: 2,
	}})
	must(err)
	_, o, err := store.ReadOrganization(t.Context(), w.System.Credential, storetest.Organization)
	must(err)
	o.Rev, o.Policy.Methods = o.Rev+1, []org.Method{org.SMS}
	must(store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: o}))
	texts := &texter{errs: []error{nil, errors.New("throttled")}}
	service := &mail.Service{
		Store: store, Texts: texts, Budgets: mail.Budgets{Prefix: 9, OrganizationPrefix: 9}, Codes: w.Keys, Contacts: w.Keys, Now: w.Clock.Now,
		Unsent: func(string, string) {},
	}
	order := func(id string) mail.Order {
		t.Helper()
		w.Enrolled(t, id)
		f := w.Factors(t, id).Next()
		const number = "+491701234567"
		sealed, err := w.Keys.Seal([]byte(number), user.PhoneUse(storetest.Organization, id, "b1b2c3d4e5f60718"))
		must(err)
		digest, err := factor.AddressDigest(w.Keys, storetest.CurrentKey, number)
		must(err)
		f.Authenticators = []user.Authenticator{{ID: "b1b2c3d4e5f60718", Method: org.SMS, Secret: sealed, Digest: digest, Country: "DE", CreatedAt: w.Clock.Now()}}
		must(store.Write(t.Context(), user.Change{Factors: &f}))
		token := w.Login(t, id)
		if got := wire.requests(func() { _, err = w.Verify.Order(t.Context(), w.Application, token, "sms", "") }); err != nil || !maps.Equal(got, readAndUpdate) {
			t.Errorf("an order sent %v; %v", got, err)
		}
		return mail.Order{Kind: mail.CodeOrder, Organization: storetest.Organization, User: id, Reference: w.Factors(t, id).Deliver}
	}
	first, second, third := order("first"), order("second"), order("third")
	for _, c := range []struct {
		name  string
		order mail.Order
		fails bool
		want  map[string]int
	}{
		{"one", first, false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}},
		{"the same record again", first, false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}},
		{"one that fails", second, true, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}},
		{"and is tried again", second, false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 2}},
		{"one beyond a budget, reserved and shared", third, false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 2, "UpdateItem": 2}},
	} {
		var err error
		got := wire.requests(func() { err = service.Deliver(t.Context(), c.order) })
		if (err != nil) != c.fails || !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
