package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// own gives Acme a sender of its own.
func (p *post) own(change func(s *org.Sender)) *post {
	p.store.organization.Entitlements.Sender = true
	p.store.sender = &org.Sender{
		Organization: "acme", Rev: 3, Domain: "mail.acme.example", From: "no-reply", Name: "Acme Mail", State: org.SenderVerified, VerifiedAt: noon,
	}
	if change != nil {
		change(p.store.sender)
	}
	return p
}

func (p *post) code(t *testing.T) error {
	t.Helper()
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	return p.Deliver(t.Context(), order)
}

var (
	errUnverified = fmt.Errorf("ses: %w: %w", ErrSender, ErrUnverified)
	errForbidden  = fmt.Errorf("ses: %w", ErrSender)
)

// Mail comes from the organisation's own domain when that is verified and granted, and from the system's in every other
// state; it says so where it once was otherwise.
func TestWhoMailComesFrom(t *testing.T) {
	since := noon.Add(-time.Hour)
	for name, c := range map[string]struct {
		change func(s *org.Sender)
		from   string
		says   bool
	}{
		"verified":                      {nil, "no-reply@mail.acme.example", false},
		"pending":                       {func(s *org.Sender) { s.State = org.SenderPending }, "", false},
		"failed":                        {func(s *org.Sender) { s.State = org.SenderFailed }, "", false},
		"lost":                          {func(s *org.Sender) { s.State, s.FallsBackSince = org.SenderLost, since }, "", true},
		"pending after a verified one":  {func(s *org.Sender) { s.State, s.FallsBackSince = org.SenderPending, since }, "", true},
		"failed after a verified one":   {func(s *org.Sender) { s.State, s.FallsBackSince = org.SenderFailed, since }, "", true},
		"given up":                      {func(s *org.Sender) { *s = org.Sender{Organization: "acme", Rev: 4} }, "", false},
		"another organisation's, if so": {func(s *org.Sender) { s.Organization = "globex" }, "", false},
	} {
		p := newPost(t).own(c.change)
		if err := p.code(t); err != nil || len(p.out.sent) != 1 || p.state(t) != delivery.Sent {
			t.Fatalf("%s: sent %d, %v", name, len(p.out.sent), err)
		}
		m := p.out.sent[0]
		if m.From.Address != c.from || c.from != "" && m.From.Name != "Acme Mail" || strings.Contains(m.Text, acmeSays.Say("standin")) != c.says || strings.Contains(m.HTML, "usual address") != c.says {
			t.Errorf("%s: from %+v, says so: %v", name, m.From, strings.Contains(m.Text, acmeSays.Say("standin")))
		}
		if (len(p.fell) == 1) != c.says {
			t.Errorf("%s: logged %v", name, p.fell)
		}
	}
}

func TestWithoutTheEntitlementTheDomainIsNotUsed(t *testing.T) {
	p := newPost(t).own(nil)
	p.store.organization.Entitlements.Sender = false
	p.store.senderErr = errDown // nobody even looks
	if err := p.code(t); err != nil || len(p.out.sent) != 1 || p.out.sent[0].From != (From{}) {
		t.Errorf("sent %+v, %v", p.out.sent, err)
	}
}

func TestTheOrganisationsNameStandsBesideTheAddress(t *testing.T) {
	p := newPost(t).own(func(s *org.Sender) { s.Name = "" })
	p.store.organization.Name = "Acme\r\nBcc: eve@evil.example"
	if err := p.code(t); err != nil || p.out.sent[0].From.Name != "Acme Bcc: eve@evil.example" {
		t.Errorf("%+v, %v", p.out.sent, err)
	}
}

// Refused as unverified: the same mail goes out at once by the system's sender, once, and the loss is remembered and told.
func TestALostDomainFallsBackAtOnce(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errUnverified}
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	for range 2 {
		if err := p.Deliver(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.out.sent) != 1 || p.out.sent[0].From != (From{}) || !strings.Contains(p.out.sent[0].Text, acmeSays.Say("standin")) || p.state(t) != delivery.Sent {
		t.Fatalf("sent %+v", p.out.sent)
	}
	s := p.store.sender
	if s.State != org.SenderLost || !s.LostAt.Equal(noon) || !s.FallsBackSince.Equal(noon) || s.Rev != 4 {
		t.Errorf("remembered: %+v", s)
	}
	if len(p.store.lost) != 1 {
		t.Fatalf("events: %+v", p.store.lost)
	}
	e := p.store.lost[0]
	if e.Kind != audit.SenderLost || !e.Notify || e.Role != audit.System || e.Organization != "acme" || e.Details["status"] != "verified → lost" || e.ID == "" {
		t.Errorf("event: %+v", e)
	}
	if len(p.fell) != 1 || strings.Contains(p.fell[0], "example") {
		t.Errorf("logged %q", p.fell)
	}
}

// What else the provider has against the sender makes the mail fall back too, and is no loss: it may be ours to mend.
func TestARefusedSenderFallsBackWithoutALoss(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errForbidden}
	if err := p.code(t); err != nil || len(p.out.sent) != 1 || len(p.store.lost) != 0 || p.store.sender.State != org.SenderVerified {
		t.Errorf("sent %d, lost %v, %v", len(p.out.sent), p.store.lost, err)
	}
}

// A message that the provider refuses from either sender says nothing about the domain.
func TestARejectedMessageIsNoLoss(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errUnverified, ErrRejected}
	if err := p.code(t); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Refused || len(p.store.lost) != 0 {
		t.Errorf("sent %d, %v, lost %v, %v", len(p.out.sent), p.store.states, p.store.lost, err)
	}
}

// Where nobody knows what became of the first try, there is no second one at once: it might be the same mail twice.
func TestAnUnclearFailureDoesNotFallBack(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errDown}
	if err := p.code(t); err == nil || len(p.out.sent) != 0 || p.state(t) != delivery.Failed || len(p.fell) != 0 {
		t.Errorf("sent %d, %v, %v", len(p.out.sent), p.store.states, err)
	}
}

// A standing-in that fails for a passing reason is tried again, and again falls back.
func TestAFallbackThatFailsIsTriedAgain(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errUnverified, errDown, errUnverified}
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	if err := p.Deliver(t.Context(), order); err == nil || p.state(t) != delivery.Failed || len(p.store.lost) != 0 {
		t.Errorf("%v, %v", err, p.store.states)
	}
	if err := p.Deliver(t.Context(), order); err != nil || len(p.out.sent) != 1 || len(p.store.lost) != 1 {
		t.Errorf("sent %d, lost %d, %v", len(p.out.sent), len(p.store.lost), err)
	}
}

// The mail counts: a loss that cannot be written is reported, and not sent again; a race over it is nobody's failure.
func TestALossThatCannotBeWritten(t *testing.T) {
	for _, c := range []struct {
		err    error
		failed bool
	}{{errDown, true}, {user.ErrConflict, false}} {
		p := newPost(t).own(nil)
		p.store.loseErr = c.err
		p.out.errs = []error{errUnverified}
		order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
		err := p.Deliver(t.Context(), order)
		if (err != nil) != c.failed || len(p.out.sent) != 1 || p.state(t) != delivery.Sent {
			t.Errorf("%v: sent %d, %v", c.err, len(p.out.sent), err)
		}
		if err := p.Deliver(t.Context(), order); err != nil || len(p.out.sent) != 1 {
			t.Errorf("%v, again: sent %d, %v", c.err, len(p.out.sent), err)
		}
	}
}

// Of several recipients the first meets the loss, and the others' mails do not try the domain again.
func TestOneOrderLosesTheDomainOnce(t *testing.T) {
	p := newPost(t).own(nil)
	p.out.errs = []error{errUnverified}
	o := Order{Kind: NoticeOrder, Organization: "acme", Reference: "e1", Event: audit.Event{ID: "e1", At: noon, Kind: audit.PolicyChanged, Organization: "acme"}}
	if err := p.Deliver(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"adam@example.com", "eve@example.com"}) || p.out.sent[1].From != (From{}) || len(p.store.lost) != 1 {
		t.Errorf("sent to %v, the second from %+v, lost %d", got, p.out.sent[1].From, len(p.store.lost))
	}
}

func TestASenderThatCannotBeReadDelaysTheMail(t *testing.T) {
	p := newPost(t).own(nil)
	p.store.senderErr = errDown
	if err := p.code(t); err == nil || len(p.out.sent) != 0 || len(p.store.states) != 0 {
		t.Errorf("sent %d, %v", len(p.out.sent), err)
	}
	p.store.senderErr = nil
	if err := p.Deliver(t.Context(), Order{Kind: CodeOrder, Organization: "acme", User: "ann", Reference: "c1"}); err != nil || len(p.out.sent) != 1 {
		t.Errorf("afterwards: sent %d, %v", len(p.out.sent), err)
	}
}
