package mail

import (
	"context"
	"strings"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The user's language decides, then the organisation's, then English; administrators are spoken to in the organisation's.
func TestWhoseLanguageItIs(t *testing.T) {
	for name, c := range map[string]struct{ user, organization, begins string }{
		"nobody has said":            {"", "", "Your code"},
		"the organisation":           {"", "de", "Ihr Code"},
		"the user before it":         {"fr-CH", "de", "Votre code"},
		"one that there is not":      {"ja", "es", "Su código"},
		"two that there are not":     {"ja", "xx", "Your code"},
		"no language at all":         {"-", "it", "Il Suo codice"},
		"a dialect of one":           {"de-AT", "", "Ihr Code"},
		"English where another is":   {"en-GB", "de", "Your code"},
		"one that is only near":      {"pt-BR", "de", "Ihr Code"},
		"a script of another people": {"zh-Hant-TW", "fr", "Votre code"},
	} {
		p := newPost(t)
		p.store.profile.Language, p.store.branding.Language = c.user, c.organization
		order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		if m := p.out.sent[0]; !strings.HasPrefix(m.Subject, c.begins) {
			t.Errorf("%s: the subject is %q", name, m.Subject)
		}
	}
}

func TestAdministratorsAreSpokenToInTheOrganisationsLanguage(t *testing.T) {
	p := newPost(t)
	p.store.profile.Language, p.store.branding.Language = "fr", "de"
	if err := p.Deliver(context.Background(), about(audit.UserSuspended, "ann")); err != nil {
		t.Fatal(err)
	}
	for _, m := range p.out.sent {
		want := "Un authentificateur a été suspendu : Acme"
		if !strings.HasPrefix(m.To, "ann") {
			want = "Ein Authenticator wurde gesperrt: Acme"
		}
		if m.Subject != want {
			t.Errorf("%s is told %q", m.To, m.Subject)
		}
	}
	if len(p.out.sent) != 4 {
		t.Errorf("%d were told", len(p.out.sent))
	}
}

// What is about the vendor's own is in English, whatever an organisation has chosen.
func TestTheVendorSpeaksEnglish(t *testing.T) {
	p, _ := ofTheVendor(t)
	p.store.branding = org.Branding{Language: "de", Name: "Evil", Logo: logoOf(t)}
	if err := p.Deliver(context.Background(), systemEvent(audit.KeyIssued)); err != nil {
		t.Fatal(err)
	}
	if m := p.out.sent[0]; m.Subject != "A key of the system was issued: Twofold" || m.Logo != nil {
		t.Errorf("sent %+v", m)
	}
}

// The name, the logo and the words that an organisation has chosen are in the next mail, and its name in the next SMS.
func TestBrandingIsInTheNextMail(t *testing.T) {
	p := newPost(t)
	p.store.branding = org.Branding{Name: "Acme Cloud", Language: "de", Logo: logoOf(t), Texts: map[string]string{"de/code.enroll.lead": "Hier ist er, von {organization}."}}
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	m := p.out.sent[0]
	if m.Subject != "Ihr Code für Acme Cloud" || m.Logo == nil || !strings.Contains(m.Text, "\nHier ist er, von Acme Cloud.\n") || !strings.Contains(m.HTML, `alt="Acme Cloud"`) {
		t.Errorf("sent %+v", m)
	}
	p.store.readErr = errDown
	if err := p.Deliver(context.Background(), order); err == nil {
		t.Error("an outage passes for no branding")
	}
}

// Where a code was asked from is in the order, and in the mail.
func TestAnOrderSaysWhereItWasAskedFrom(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.ProveLogin, "ann@example.com")
	order.From = firefox
	if err := p.Deliver(context.Background(), order); err != nil || !strings.Contains(p.out.sent[0].Text, "192.0.2.7, Firefox on Windows") {
		t.Errorf("%v: %v", err, p.out.sent)
	}
	back := newPost(t)
	order, _ = back.challenge(t, user.ProveLogin, "ann@example.com") // an order that comes back from the queue holds no address
	back.store.factors.From, back.store.factors.Deliver = firefox, order.Reference
	if err := back.Deliver(context.Background(), order); err != nil || !strings.Contains(back.out.sent[0].Text, "192.0.2.7, Firefox on Windows") {
		t.Errorf("%v: %v", err, back.out.sent)
	}
}
