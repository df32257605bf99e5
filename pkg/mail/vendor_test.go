package mail

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// ofTheVendor is a post whose administrators are the system's: root, cai who is invited, and dan who moves.
func ofTheVendor(t *testing.T) (*post, *org.Administrator) {
	t.Helper()
	p := newPost(t)
	_, bea := p.invited(t)
	cai := *bea
	cai.ID, cai.Organization, cai.Permissions = "cai", "", nil
	p.store.administrators = []org.Administrator{
		{ID: "root", Email: "root@vendor.example"}, cai,
		{ID: "dan", Email: "old@vendor.example", NextEmail: "new@vendor.example", NextEmailAt: noon.Add(time.Second)},
	}
	// A sender of the organisation's must have nothing to do with it.
	p.store.organization.Entitlements.Sender = true
	p.store.sender = &org.Sender{Organization: "acme", Domain: "mail.acme.example", State: org.SenderVerified}
	return p, &p.store.administrators[1]
}

func systemEvent(kind audit.Kind) Order {
	e := audit.Event{
		ID: "e1", At: noon, Kind: kind, Actor: "root", Key: "0123abcd", Notify: true,
		Details: map[string]string{"address": "gone@vendor.example", "old_address": "was@vendor.example"},
	}
	return Order{Kind: NoticeOrder, Reference: "e1", Event: e}
}

// What happens in the system's own log is told to all system administrators who are active, in the system's name and by its sender.
func TestSystemAdministratorsAreTold(t *testing.T) {
	for _, kind := range eventKinds("system.") {
		p, _ := ofTheVendor(t)
		for range 2 {
			if err := p.Deliver(context.Background(), systemEvent(kind)); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"old@vendor.example", "root@vendor.example"}
		if kind == audit.AdministratorRemoved || kind == audit.AdministratorMoved {
			want = []string{"gone@vendor.example", "old@vendor.example", "root@vendor.example", "was@vendor.example"}
		}
		got := p.out.recipients()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", kind, got, want)
		}
		for _, m := range p.out.sent {
			if m.From != (From{}) || !strings.HasSuffix(m.Subject, ": Twofold") || strings.Contains(m.Text, "your organisation") ||
				!strings.Contains(m.Text, "Administrator: root") || !strings.Contains(m.Text, "0123abcd") {
				t.Errorf("%s: %+v", kind, m)
			}
		}
	}
	p, _ := ofTheVendor(t)
	p.store.readErr = errDown
	if err := p.Deliver(context.Background(), systemEvent(audit.KeyIssued)); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
}

func TestColleaguesAreInvitedInTheSystemsName(t *testing.T) {
	p, _ := ofTheVendor(t)
	order := Order{Kind: InvitationOrder, Administrator: "cai", Reference: "i1"}
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"bea@example.com"}) || p.state(t) != delivery.Sent {
		t.Fatalf("went to %v, %v", got, p.store.states)
	}
	m := p.out.sent[0]
	if m.From != (From{}) || m.Subject != "You are invited: Twofold" || !strings.Contains(m.Text, "system administrator") || !strings.Contains(m.Text, "Administrator: cai") {
		t.Errorf("sent %+v", m)
	}
	p, cai := ofTheVendor(t)
	cai.Invitation.AcceptedAt = noon
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
		t.Errorf("accepted before: %v, %v", p.out.recipients(), err)
	}
}

// A code for what is about no organisation is shown in the system's name.
func TestACodeForTheSystemNamesTheSystem(t *testing.T) {
	p, _ := ofTheVendor(t)
	order := p.proposed(t)
	p.store.proposal.Organization = ""
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 1 {
		t.Fatal(err)
	}
	if subject := p.out.sent[0].Subject; !strings.HasSuffix(subject, ": Twofold") {
		t.Errorf("the subject is %q", subject)
	}
}
