package mail

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
)

// invited puts bea, who is invited, beside the administrators.
func (p *post) invited(t *testing.T) (Order, *org.Administrator) {
	t.Helper()
	digest, err := factor.AddressDigest(p.Codes, 2, "bea@example.com")
	if err != nil {
		t.Fatal(err)
	}
	p.store.administrators = append(p.store.administrators, org.Administrator{
		ID: "bea", Organization: "acme", Email: "bea@example.com", Permissions: []string{"audit:read"},
		Invitation: &org.Invitation{ID: "i1", KeyID: 2, Address: digest, ExpiresAt: noon.Add(time.Hour)},
	})
	bea := &p.store.administrators[len(p.store.administrators)-1]
	return Order{Kind: InvitationOrder, Organization: "acme", Administrator: "bea", Reference: "i1"}, bea
}

func TestAnInvitationGoesToTheInvited(t *testing.T) {
	p := newPost(t)
	order, bea := p.invited(t)
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	code, err := factor.InvitationCode(p.Codes, 2, stepup.Invited(*bea))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"bea@example.com"}) || p.state(t) != delivery.Sent {
		t.Fatalf("went to %v, %v", got, p.store.states)
	}
	for _, word := range []string{factor.ShowRecovery(code), "Administrator: bea", "You may: audit:read"} {
		if !strings.Contains(p.out.sent[0].Text, word) {
			t.Errorf("the mail lacks %q", word)
		}
	}
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 1 {
		t.Errorf("sent %d times, %v", len(p.out.sent), err)
	}
}

func TestAVoidInvitationIsNotSent(t *testing.T) {
	for name, void := range map[string]func(*post, *org.Administrator){
		"removed":             func(p *post, _ *org.Administrator) { p.store.administrators = nil },
		"another by now":      func(_ *post, a *org.Administrator) { a.Invitation.ID = "i2" },
		"accepted":            func(_ *post, a *org.Administrator) { a.Invitation.AcceptedAt = noon },
		"expired":             func(_ *post, a *org.Administrator) { a.Invitation.ExpiresAt = noon },
		"the address changed": func(_ *post, a *org.Administrator) { a.Email = "eve@evil.example" },
	} {
		p := newPost(t)
		order, bea := p.invited(t)
		void(p, bea)
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %v, %v, %v", name, p.out.recipients(), p.store.states, err)
		}
	}
	p := newPost(t)
	order, _ := p.invited(t)
	p.store.readErr = errDown
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
}

// Whoever was removed, and both addresses of whoever is reached elsewhere, hear of it; whoever has not accepted hears of nothing.
func TestPeopleBesideTheListAreTold(t *testing.T) {
	for kind, want := range map[audit.Kind][]string{
		audit.AdministratorRemoved: {"adam@example.com", "eve@example.com", "new@example.com", "old@example.com"},
		audit.AdministratorMoved:   {"adam@example.com", "eve@example.com", "new@example.com", "old@example.com"},
		audit.AdministratorRaised:  {"adam@example.com", "eve@example.com"},
	} {
		p := newPost(t)
		p.invited(t)
		e := audit.Event{ID: "e1", At: noon, Kind: kind, Organization: "acme", Notify: true,
			Details: map[string]string{"address": "new@example.com", "old_address": "old@example.com"}}
		if err := p.Deliver(context.Background(), Order{Kind: NoticeOrder, Organization: "acme", Reference: "e1", Event: e}); err != nil {
			t.Fatal(err)
		}
		got := p.out.recipients()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", kind, got, want)
		}
	}
}

// An address that waits gets no notice before its time.
func TestNoticesGoWhereCodesGo(t *testing.T) {
	p := newPost(t)
	p.store.administrators = []org.Administrator{
		{ID: "a", Email: "old@example.com", NextEmail: "new@example.com", NextEmailAt: noon.Add(time.Second)},
		{ID: "b", Email: "was@example.com", NextEmail: "is@example.com", NextEmailAt: noon},
	}
	e := audit.Event{ID: "e1", At: noon, Kind: audit.PolicyChanged, Organization: "acme", Notify: true}
	if err := p.Deliver(context.Background(), Order{Kind: NoticeOrder, Organization: "acme", Reference: "e1", Event: e}); err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"old@example.com", "is@example.com"}) {
		t.Errorf("told %v", got)
	}
}
