package mail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

const (
	number = "+491701234567"
	other  = "+491707654321"
)

// phoned is the post of an Ann with a number, whose organisation may send SMS to Germany, with a code under way to it.
func phoned(t *testing.T, act user.Act) (*post, Order, user.Challenge) {
	t.Helper()
	p := newPost(t)
	p.store.organization.Entitlements = org.Entitlements{SMS: true, SMSCountries: "DE"}
	order, c := p.challenge(t, user.By(act, org.SMS), number)
	p.store.factors.Authenticators = []user.Authenticator{
		{ID: "t", Method: org.TOTP},
		{ID: "a1", Method: org.SMS, Secret: []byte("sealed:" + number), Digest: c.Address, Country: "DE"},
	}
	return p, order, c
}

func TestACodeBySMSGoesToItsNumberOnly(t *testing.T) {
	for _, act := range append(user.Changes(), user.SignIn, user.Confirm) {
		deed := "deed." + string(act)
		if act == user.Confirm {
			deed = "deed.confirm_number"
		}
		p, order, c := phoned(t, act)
		if act == user.Confirm {
			p.store.factors.Enrollment = &user.Enrollment{AuthenticatorID: "a1", Method: org.SMS, Secret: []byte("sealed:" + number), Digest: c.Address}
			p.store.factors.Authenticators = nil
		}
		if err := p.Deliver(context.Background(), order); err != nil {
			t.Fatalf("%s: %v", act, err)
		}
		want, err := factor.MailedCode(p.Codes, c.KeyID, p.store.factors.Mailed(c))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.out.texts) != 1 || len(p.out.sent) != 0 || p.state(t) != delivery.Sent {
			t.Fatalf("%s: %d SMS, %d mails, %s", act, len(p.out.texts), len(p.out.sent), p.state(t))
		}
		text := p.out.texts[0]
		if text.To != number || text.Body != "Acme: "+want+" is your code "+acmeSays.Say(deed)+". Good for ten minutes, once. Never pass it on." {
			t.Errorf("%s: to %s: %s", act, text.To, text.Body)
		}
		if strings.ContainsAny(text.Tag, "+0123456789_/") || len(text.Body) > 160 {
			t.Errorf("%s: tag %q, %d characters", act, text.Tag, len(text.Body))
		}
	}
}

// gsm are the letters that an SMS of 160 may have (3GPP TS 23.038, section 6.2.1); with any other it has 70.
const gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// In every language every act has its words, and with the longest name a text is one SMS.
func TestTextsAreOnePart(t *testing.T) {
	for _, language := range words.Languages() {
		for _, act := range append(user.Changes(), user.SignIn, user.Confirm) {
			body := codeText(speaking(language, strings.Repeat("Organisation ", 6)), user.By(act, org.SMS), "12345678")
			if n := len([]rune(body)); n > 160 || strings.ContainsAny(body, "\r\n{}") || strings.ContainsFunc(body, func(r rune) bool { return !strings.ContainsRune(gsm, r) }) {
				t.Errorf("%s %s: %d characters: %s", language, act, n, body)
			}
		}
	}
	if got := codeText(speaking("en", "Acme\r\n+49"), user.By(user.SignIn, org.SMS), "12345678"); strings.ContainsAny(got, "\r\n") {
		t.Errorf("a name has lines of its own: %q", got)
	}
}

func TestAVoidSMSIsNotSent(t *testing.T) {
	for name, void := range map[string]func(*post){
		"expired":                    func(p *post) { p.now = noon.Add(user.CodeLife) },
		"used or dropped":            func(p *post) { p.store.factors.Challenges = nil },
		"the user is gone":           func(p *post) { p.store.profile = nil },
		"the number was removed":     func(p *post) { p.store.factors.Authenticators = p.store.factors.Authenticators[:1] },
		"another number":             func(p *post) { p.store.factors.Authenticators[1].Digest = []byte("of another") },
		"another number was sealed":  func(p *post) { p.store.factors.Authenticators[1].Secret = []byte("sealed:" + other) },
		"the country was withdrawn":  func(p *post) { p.store.organization.Entitlements.SMSCountries = "AT" },
		"the policy narrowed it":     func(p *post) { p.store.organization.Policy.SMSCountries = "AT" },
		"the entitlement has gone":   func(p *post) { p.store.organization.Entitlements.SMS = false },
		"no country was ever stored": func(p *post) { p.store.organization.Entitlements.SMSCountries = "" },
	} {
		p, order, _ := phoned(t, user.SignIn)
		void(p)
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts)+len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: %d SMS, %v, %v", name, len(p.out.texts), p.store.states, err)
		}
	}
}

// The number of an enrolment that is over, or was begun anew with another, gets nothing; nor does one that is active serve for it.
func TestConfirmingANumberDiesWithItsEnrolment(t *testing.T) {
	for name, e := range map[string]*user.Enrollment{
		"over":           nil,
		"another":        {AuthenticatorID: "a1", Method: org.SMS, Secret: []byte("sealed:" + other), Digest: []byte("of another")},
		"another sort":   {AuthenticatorID: "a1", Secret: []byte("sealed:" + number)},
		"by mail by now": {AuthenticatorID: "a1", Method: org.Email},
	} {
		p, order, _ := phoned(t, user.Confirm)
		p.store.factors.Enrollment = e
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts)+len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %v, %v, %v", name, p.out.texts, p.store.states, err)
		}
	}
}

// What counts: the number by its digest alone, its block over all and of this organisation, and the organisation where it is limited.
func TestWhatAnSMSCountsAgainst(t *testing.T) {
	p, order, _ := phoned(t, user.SignIn)
	p.store.organization.Entitlements.SMSPerDay = 7
	p.now = time.Date(2026, 11, 23, 0, 30, 0, 0, time.FixedZone("east", 3600)) // still the 22nd in UTC
	p.store.factors.Challenges[0].ExpiresAt = p.now.Add(user.CodeLife)
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{}
	for _, s := range p.store.spending {
		name := s.Name
		if strings.Contains(name, "#number#") {
			name = name[:len("2026-11-22#number#")]
		}
		limits[name] = s.Limit
		if strings.Contains(s.Name, "1234567") || s.Until != time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) {
			t.Errorf("%s until %s", s.Name, s.Until)
		}
	}
	for name, limit := range map[string]int{
		"2026-11-22#number#": NumberReserved, "2026-11-22#prefix#+491701": 1000, "2026-11-22#prefix#+491701#acme": 200, "2026-11-22#organization#acme": 7,
	} {
		if limits[name] != limit {
			t.Errorf("%s is limited to %d, want %d", name, limits[name], limit)
		}
		delete(limits, name)
	}
	if len(limits) != 0 {
		t.Errorf("counted besides: %v", limits)
	}
}

// Beyond a budget nothing is sent, now or later, and mail goes on.
func TestBeyondABudgetNothingIsSent(t *testing.T) {
	p, order, _ := phoned(t, user.SignIn)
	p.store.full = "#number#"
	for range 2 {
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 0 || p.state(t) != delivery.Capped {
			t.Fatalf("%v, %d SMS, %v", err, len(p.out.texts), p.store.states)
		}
		p.store.full = "" // the next day
	}
	if !slices.Equal(p.lost, []string{"acme: capped"}) {
		t.Errorf("logged: %v", p.lost)
	}
	p.store.factors.Challenges = nil
	order, _ = p.challenge(t, user.Recover, "ann@home.example")
	if p.store.full, p.store.states = "#number#", map[string]delivery.State{}; p.Deliver(context.Background(), order) != nil || len(p.out.sent) != 1 {
		t.Error("mail waits for the SMS")
	}
}

func TestATransientFailureOfAnSMSIsTriedAgainAndARefusalIsNot(t *testing.T) {
	p, order, _ := phoned(t, user.SignIn)
	p.out.errs = []error{errDown}
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable || p.state(t) != delivery.Failed {
		t.Fatalf("got %v, marked %v", err, p.store.states)
	}
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 1 || p.state(t) != delivery.Sent {
		t.Fatalf("tried again: %v, %d SMS, %v", err, len(p.out.texts), p.store.states)
	}
	p, order, _ = phoned(t, user.SignIn)
	p.out.errs = []error{errors.Join(errors.New("opted out"), ErrRejected)}
	for range 2 {
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 0 || p.state(t) != delivery.Refused || len(p.lost) != 1 {
			t.Fatalf("refused for good: %v, %d SMS, %v, %v", err, len(p.out.texts), p.store.states, p.lost)
		}
	}
}

func TestOutagesSendNoSMS(t *testing.T) {
	for name, fail := range map[string]func(*post){
		"reads":       func(p *post) { p.store.readErr = errDown },
		"claims":      func(p *post) { p.store.claimErr = errDown },
		"contacts":    func(p *post) { p.Contacts = opener{down: true} },
		"codes' keys": func(p *post) { p.Codes = prf{3} },
	} {
		p, order, _ := phoned(t, user.SignIn)
		fail(p)
		err := p.Deliver(context.Background(), order)
		if fault.As(err).Kind != fault.Unavailable || len(p.out.texts) != 0 || len(p.store.states) != 0 {
			t.Errorf("%s: %v, %d SMS, %v", name, err, len(p.out.texts), p.store.states)
		}
		if err != nil && strings.Contains(err.Error(), "1234567") {
			t.Errorf("%s: the error holds a number", name)
		}
	}
}
