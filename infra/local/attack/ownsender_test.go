package attack_test

import (
	netmail "net/mail"
	"strings"
	"testing"

	local "twofold/infra/local/ses"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
)

// ownLetter is a code of an organisation whose mail comes from its own domain.
func ownLetter() letter {
	return letter{"a code from an own domain", func(t *tenant) {
		t.sending().call(t.app, "/v1/enrollments", fields{"login": t.login(eve)}).ok(t.t)
	}, func(*tenant) []string { return []string{loginAddress(eve)} }, nil}
}

// senderOf is whom a mail in the mailbox comes from; the system's sender is nobody.
func senderOf(m local.Message) mail.From {
	from, err := netmail.ParseAddress(m.From)
	if err != nil || from.Address == systemSender {
		return mail.From{}
	}
	return mail.From{Name: from.Name, Address: from.Address}
}

// standsIn are the faults that SES answers definitely: the own sender is of no use, and the system's sends at once. Of these
// the second kind say that the domain is lost.
var standsIn = map[string]bool{
	"rejected": true, "not verified": true, "a bad request": false, "suspended": false, "access denied": false, "the set-up is not found": false,
}

// A fault of SES at mail from an own domain: nobody's code fails for it. What SES refuses goes out at once by the system's
// sender, once; what passes is tried again from the own domain; and the domain is lost only where SES says so.
func TestCodesSurviveEveryFaultOfAnOwnDomain(t *testing.T) {
	t.Parallel()
	r := newProduct(t).posting(ownLetter())
	provider := r.through()
	provider.Make(r.domain(), local.Published, nil)
	r.rehearse()
	if len(r.calls) != 1 {
		t.Fatalf("one mail takes %d calls", len(r.calls))
	}
	for _, o := range mailOutages() {
		failed := r.meets(0, o)
		loses, definite := standsIn[o.Name]
		if definite {
			o.effect = unnoticed
			r.prompt(0, o, 2, true)
		}
		r.reported(0, o, failed)
		r.redeliver(0, o, failed, !definite && o.spreads())
		mails := map[string][]mail.Message{}
		for _, m := range r.sent() {
			mails[m.To] = append(mails[m.To], m)
		}
		mine := mails[loginAddress(eve)]
		if len(mine) == 0 || len(mails[loginAddress("bystander")]) == 0 || len(mine) > 1 && o.effect != done {
			t.Fatalf("%s: %d mails, and %d of the bystander's", o.Name, len(mine), len(mails[loginAddress("bystander")]))
		}
		own := mail.From{Name: "Acme Mail", Address: "codes@" + r.domain()}
		if says := strings.Contains(mine[0].Text, "does not come from the usual address"); says != definite || (mine[0].From == own) == definite {
			t.Errorf("%s: from %+v, says so: %t", o.Name, mine[0].From, says)
		}
		r.remembered(o.Name, loses)
		r.again()
	}
}

// remembered demands that the domain is lost, with its event, or is not.
func (r *reading) remembered(fault string, lost bool) {
	r.t.Helper()
	s, err := r.store.Sender(r.t.Context(), r.id)
	r.must(err)
	events := 0
	if lost {
		events = 1
	}
	if (s.State == org.SenderLost) != lost || s.FallsBackSince.IsZero() == lost || r.events(audit.SenderLost) != events {
		r.t.Errorf("%s: the domain is %s, %d events", fault, s.State, r.events(audit.SenderLost))
	}
}

// A domain that was lost says nothing of another organisation's, and no name or address of one is in the other's mail.
func TestOrganisationsDoNotShareSenders(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	a.sending()
	b.entitled().send(b.putting(a.domain())).want(t, 409, "domain_taken")
	for _, body := range []string{b.send(b.read(b.path("/sender"))).want(t, 404, "not_found").raw, b.send(b.putting(a.domain())).raw} {
		if strings.Contains(body, a.id) {
			t.Errorf("the answer names the other organisation or its domain: %s", body)
		}
	}
	for _, ten := range []*tenant{a, b} {
		p.outbox.sent = nil
		ten.call(ten.app, "/v1/enrollments", fields{"login": ten.login(eve)}).ok(t)
		p.post()
		if len(p.outbox.sent) != 1 {
			t.Fatalf("%d mails", len(p.outbox.sent))
		}
		if m := p.outbox.sent[0]; (m.From.Address == "codes@"+a.domain()) != (ten == a) || ten == b && strings.Contains(m.Text+m.HTML+m.Subject, a.domain()) {
			t.Errorf("%s: from %+v", ten.id, m.From)
		}
	}
}

// The vendor's own domain, and whatever is registered with it, is nobody's to claim.
func TestTheVendorsDomainIsReserved(t *testing.T) {
	ten := newProduct(t).tenant().entitled()
	before := ten.dump()
	for _, domain := range []string{"mail.vendor.example", "vendor.example", "a.mail.vendor.example", "other.vendor.example", "VENDOR.example"} {
		r := ten.send(ten.putting(domain)).want(t, 422, "domain_reserved")
		if r.text("field") != "domain" || strings.Contains(strings.ToLower(r.raw), "vendor") {
			t.Errorf("%s: %s", domain, r.raw)
		}
	}
	ten.unchanged(before)
}
