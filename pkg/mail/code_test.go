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
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func TestACodeGoesToItsStoredAddressOnly(t *testing.T) {
	for purpose, to := range map[user.Purpose]string{
		user.ProveLogin: "ann@example.com", user.Recover: "ann@home.example", user.VerifyRecovery: "ann@new.example",
	} {
		p := newPost(t)
		p.store.factors.Enrollment = &user.Enrollment{Login: "l1", RecoveryEmail: []byte("sealed:ann@new.example")}
		order, c := p.challenge(t, purpose, to)
		if err := p.Deliver(context.Background(), order); err != nil {
			t.Fatalf("%s: %v", purpose, err)
		}
		want, err := factor.MailedCode(p.Codes, c.KeyID, p.store.factors.Mailed(c))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.out.recipients(); !slices.Equal(got, []string{to}) {
			t.Fatalf("%s: went to %v, want %s", purpose, got, to)
		}
		if m := p.out.sent[0]; strings.Count(m.Text, want) != 1 || strings.Count(m.HTML, want) != 1 || strings.Contains(m.Subject, want) {
			t.Errorf("%s: the code does not stand once in the text and once in the page, and nowhere else", purpose)
		}
		if p.state(t) != delivery.Sent {
			t.Errorf("%s: marked %s", purpose, p.state(t))
		}
	}
}

// Codes of a method go where the recovery email is now; the first one of an enrolment to the address that was entered.
func TestACodeOfAMethodGoesToTheRecoveryEmail(t *testing.T) {
	for name, c := range map[string]struct {
		purpose user.Purpose
		given   func(*post)
		to      string
	}{
		"a sign-in":            {user.By(user.SignIn, org.Email), func(*post) {}, "ann@home.example"},
		"a fresh proof":        {user.By(user.SwitchOff, org.Email), func(*post) {}, "ann@home.example"},
		"a new address, early": {user.By(user.SignIn, org.Email), func(p *post) { p.moves(time.Hour) }, "ann@home.example"},
		"a new address, later": {user.By(user.SignIn, org.Email), func(p *post) { p.moves(0) }, "ann@new.example"},
		"added later":          {user.By(user.Confirm, org.Email), func(p *post) { p.store.factors.Enrollment = &user.Enrollment{} }, "ann@home.example"},
		"in an enrolment": {user.By(user.Confirm, org.Email), func(p *post) {
			p.store.factors.Enrollment = &user.Enrollment{RecoveryEmail: []byte("sealed:ann@new.example")}
		}, "ann@new.example"},
	} {
		p := newPost(t)
		c.given(p)
		order, _ := p.challenge(t, c.purpose, c.to)
		if err := p.Deliver(context.Background(), order); err != nil || !slices.Equal(p.out.recipients(), []string{c.to}) {
			t.Errorf("%s: went to %v, %v", name, p.out.recipients(), err)
		}
	}
}

// moves lets another recovery email wait.
func (p *post) moves(after time.Duration) {
	p.store.profile.NextRecovery = user.NextContact{Contact: user.Contact{Sealed: []byte("sealed:ann@new.example")}, From: noon.Add(after)}
}

func TestSavedCodesAreMailedToTheRecoveryEmailOnce(t *testing.T) {
	order := Order{Kind: SavedCodesOrder, Organization: "acme", User: "ann", Reference: user.DeliverCodes}
	for name, c := range map[string]struct {
		given func(*post)
		state delivery.State
	}{
		"as ordered":               {func(*post) {}, delivery.Sent},
		"not to be mailed by now":  {func(p *post) { p.store.organization.Policy.Recovery.MailCodes = false }, delivery.Obsolete},
		"no recovery email":        {func(p *post) { p.store.profile.RecoveryEmail = nil }, delivery.Obsolete},
		"switched off by now":      {func(p *post) { p.store.factors.Authenticators = nil }, delivery.Obsolete},
		"the organisation is gone": {func(p *post) { p.store.organization = nil }, delivery.Obsolete},
	} {
		p := newPost(t)
		p.store.organization.Policy.Recovery.MailCodes = true
		p.store.factors.Authenticators = []user.Authenticator{{ID: "a", Method: org.TOTP}}
		p.store.factors.RecoveryCodes = user.RecoveryCodes{Generation: 3, KeyID: 1}
		c.given(p)
		for range 2 {
			if err := p.Deliver(context.Background(), order); err != nil {
				t.Fatal(err)
			}
		}
		if p.state(t) != c.state || (len(p.out.sent) == 1) != (c.state == delivery.Sent) {
			t.Errorf("%s: %d mails, marked %v", name, len(p.out.sent), p.store.states)
		}
		if c.state != delivery.Sent {
			continue
		}
		codes, err := p.store.factors.SavedCodes(p.Codes)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if m := p.out.sent[0]; m.To != "ann@home.example" || !strings.Contains(m.Text, code) || strings.Contains(m.Subject, code) {
				t.Errorf("the mail to %s lacks a code", m.To)
			}
		}
	}
}

// A code that is void by now is not sent, and the order is closed: nobody need try again.
func TestAVoidCodeIsNotSent(t *testing.T) {
	for name, void := range map[string]func(*post){
		"expired":                  func(p *post) { p.now = noon.Add(user.CodeLife) },
		"used or dropped":          func(p *post) { p.store.factors.Challenges = nil },
		"another one by now":       func(p *post) { p.store.factors.Challenges[0].ID = "c2" },
		"the user is gone":         func(p *post) { p.store.profile = nil },
		"the organisation is gone": func(p *post) { p.store.organization = nil },
		"the address changed":      func(p *post) { p.store.profile.RecoveryEmail = []byte("sealed:eve@evil.example") },
		"the address was cleared":  func(p *post) { p.store.profile.RecoveryEmail = nil },
	} {
		p := newPost(t)
		order, _ := p.challenge(t, user.Recover, "ann@home.example")
		void(p)
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %d, %v, %v", name, len(p.out.sent), p.store.states, err)
		}
	}
}

// The recovery address of an enrolment that is over, or was begun anew with another, gets nothing.
func TestVerifyingAnAddressDiesWithItsEnrolment(t *testing.T) {
	for name, e := range map[string]*user.Enrollment{
		"over":  nil,
		"other": {Login: "l2", RecoveryEmail: []byte("sealed:eve@evil.example")},
		"empty": {Login: "l1"},
	} {
		p := newPost(t)
		order, _ := p.challenge(t, user.VerifyRecovery, "ann@new.example")
		p.store.factors.Enrollment = e
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %v, %v, %v", name, p.out.recipients(), p.store.states, err)
		}
	}
}

// The stream gives a record twice, or two instances have it: one mail.
func TestADeliveredCodeIsNotSentAgain(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.Recover, "ann@home.example")
	for range 3 {
		if err := p.Deliver(context.Background(), order); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.out.sent) != 1 {
		t.Errorf("%d mails", len(p.out.sent))
	}
}

// After a crash between sending and marking the lease runs out, and the same code goes out again.
func TestAfterACrashTheSameCodeGoesOutAgain(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.Recover, "ann@home.example")
	p.store.markErr = errDown
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable {
		t.Fatalf("a mark that failed: %v", err)
	}
	p.store.markErr = nil
	if err := p.Deliver(context.Background(), order); !errors.Is(err, ErrBusy) || len(p.out.sent) != 1 {
		t.Fatalf("within the lease: %v, %d mails", err, len(p.out.sent))
	}
	p.now = p.now.Add(Lease)
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 2 {
		t.Fatalf("after the lease: %v, %d mails", err, len(p.out.sent))
	}
	if p.out.sent[0] != p.out.sent[1] {
		t.Error("the second mail is another")
	}
}

func TestATransientFailureIsTriedAgainAndARefusalIsNot(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.Recover, "ann@home.example")
	p.out.errs = []error{errDown}
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable || p.state(t) != delivery.Failed {
		t.Fatalf("got %v, marked %v", err, p.store.states)
	}
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 1 || p.state(t) != delivery.Sent {
		t.Fatalf("tried again: %v, %d mails, %v", err, len(p.out.sent), p.store.states)
	}

	p = newPost(t)
	order, _ = p.challenge(t, user.Recover, "ann@home.example")
	p.out.errs = []error{ErrRejected}
	for range 2 {
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Refused {
			t.Fatalf("refused for good: %v, %d mails, %v", err, len(p.out.sent), p.store.states)
		}
	}
}

// A part that is down sends nothing, closes nothing, and asks to be tried again.
func TestOutagesSendNothing(t *testing.T) {
	for name, fail := range map[string]func(*post){
		"reads":        func(p *post) { p.store.readErr = errDown },
		"claims":       func(p *post) { p.store.claimErr = errDown },
		"contacts":     func(p *post) { p.Contacts = opener{down: true} },
		"codes' keys":  func(p *post) { p.Codes = prf{3} },
		"void: claims": func(p *post) { p.store.claimErr, p.store.factors.Challenges = errDown, nil },
		"void: marks":  func(p *post) { p.store.markErr, p.store.factors.Challenges = errDown, nil },
	} {
		p := newPost(t)
		order, _ := p.challenge(t, user.Recover, "ann@home.example")
		fail(p)
		err := p.Deliver(context.Background(), order)
		if fault.As(err).Kind != fault.Unavailable || len(p.out.sent) != 0 || len(p.store.states) != 0 {
			t.Errorf("%s: %v, %d mails, %v", name, err, len(p.out.sent), p.store.states)
		}
		if err != nil && strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s: the error holds an address", name)
		}
	}
}

func TestAnUnknownOrderIsNothingToDo(t *testing.T) {
	p := newPost(t)
	if err := p.Deliver(context.Background(), Order{Kind: "carrier pigeon", Organization: "acme"}); err != nil || len(p.out.sent) != 0 {
		t.Errorf("%v, %d mails", err, len(p.out.sent))
	}
}

// proposed puts a change of the policy under way for Adam.
func (p *post) proposed(t *testing.T) Order {
	t.Helper()
	digest, err := factor.AddressDigest(p.Codes, 2, "adam@example.com")
	if err != nil {
		t.Fatal(err)
	}
	p.store.proposal = &Proposal{
		ID: "p1", Thing: stepup.Policy, Organization: "Acme", Email: "adam@example.com", KeyID: 2, Live: true, Seen: "198.51.100.7",
		Mailed:  factor.Mailed{Purpose: "step-up", Organization: "acme", User: "adam", Challenge: "p1", Address: digest},
		Changes: map[string]string{"status": "enabled → forced", "grace_days": "0 → 14"},
	}
	return Order{Kind: StepUpOrder, Organization: "acme", Administrator: "adam", Reference: "p1"}
}

func TestAStepUpCodeShowsWhatItConfirms(t *testing.T) {
	p := newPost(t)
	order := p.proposed(t)
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	code, err := factor.MailedCode(p.Codes, 2, p.store.proposal.Mailed)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"adam@example.com"}) || p.state(t) != delivery.Sent {
		t.Fatalf("went to %v, %v", got, p.store.states)
	}
	for _, word := range []string{code, "Status: enabled → forced", "Days of grace: 0 → 14", "Asked from: 198.51.100.7", "Acme"} {
		if !strings.Contains(p.out.sent[0].Text, word) {
			t.Errorf("the mail lacks %q", word)
		}
	}
}

func TestAVoidStepUpIsNotSent(t *testing.T) {
	for name, void := range map[string]func(*post){
		"none":                func(p *post) { p.store.proposal = nil },
		"another by now":      func(p *post) { p.store.proposal.ID = "p2" },
		"ended":               func(p *post) { p.store.proposal.Live = false },
		"the address changed": func(p *post) { p.store.proposal.Email = "eve@evil.example" },
	} {
		p := newPost(t)
		order := p.proposed(t)
		void(p)
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %v, %v, %v", name, p.out.recipients(), p.store.states, err)
		}
	}
	p := newPost(t)
	order := p.proposed(t)
	p.store.readErr = errDown
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable || len(p.store.states) != 0 {
		t.Errorf("an outage: %v, %v", err, p.store.states)
	}
}

// The code of somebody who signs in to the console goes where a step-up's would, and counts apart from those.
func TestACodeForTheConsole(t *testing.T) {
	p := newPost(t)
	p.proposed(t)
	order := Order{Kind: ArrivalOrder, Organization: "acme", Administrator: "adam", Reference: "p1"}
	if err := p.Deliver(context.Background(), order); err != nil {
		t.Fatal(err)
	}
	code, err := factor.MailedCode(p.Codes, 2, p.store.proposal.Mailed)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"adam@example.com"}) || !strings.Contains(p.out.sent[0].Text, code) || !strings.Contains(p.out.sent[0].Text, "198.51.100.7") {
		t.Fatalf("went to %v: %v", got, p.out.sent)
	}
	for name := range p.store.spent {
		if strings.HasSuffix(name, "#acme") {
			t.Errorf("counted as the organisation's own: %s", name)
		}
	}
	for name, void := range map[string]func(*post){
		"none": func(p *post) { p.store.proposal = nil }, "ended": func(p *post) { p.store.proposal.Live = false },
		"the address changed": func(p *post) { p.store.proposal.Email = "eve@evil.example" },
	} {
		p := newPost(t)
		p.proposed(t)
		void(p)
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.sent) != 0 || p.state(t) != delivery.Obsolete {
			t.Errorf("%s: sent %v, %v, %v", name, p.out.recipients(), p.store.states, err)
		}
	}
	p = newPost(t)
	p.store.readErr = errDown
	if err := p.Deliver(context.Background(), order); fault.As(err).Kind != fault.Unavailable || len(p.store.states) != 0 {
		t.Errorf("an outage: %v, %v", err, p.store.states)
	}
}

func TestTheLeaseOutlastsAMailer(t *testing.T) {
	if Lease < 20*time.Second {
		t.Errorf("the lease of %v is shorter than a mailer may run", Lease)
	}
}
