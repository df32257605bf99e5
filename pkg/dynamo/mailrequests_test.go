package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/storetest"
)

// letterbox is a provider whose answers are given.
type letterbox struct{ errs []error }

func (l *letterbox) Send(context.Context, mail.Message) error {
	err := l.errs[0]
	l.errs = l.errs[1:]
	return err
}

// TestRequestsOfAMail: what a mail costs is counted, like a login.
func TestRequestsOfAMail(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Enrolled(t, "user")
	if _, err := w.Verify.Order(t.Context(), w.Application, w.Login(t, "user"), string(login.MailedRecovery), ""); err != nil {
		t.Fatal(err)
	}
	service := &mail.Service{
		Store: store, Sender: &letterbox{errs: []error{errors.New("throttled"), nil}}, Codes: w.Keys, Contacts: w.Keys, Now: w.Clock.Now,
		Limits: mail.Limits{Organization: 10}, Unsent: func(string, string) {}, FellBack: func(string, string) {},
	}
	order := mail.Order{Kind: mail.CodeOrder, Organization: storetest.Organization, User: "user", Reference: w.Factors(t, "user").Deliver}
	for _, c := range []struct {
		name  string
		fails bool
		want  map[string]int
	}{
		{"a mail that is not taken", true, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}},
		{"once more: it is counted already", false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 2}},
		{"and again: it was sent", false, map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}},
	} {
		var err error
		if got := wire.requests(func() { err = service.Deliver(t.Context(), order) }); !maps.Equal(got, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
