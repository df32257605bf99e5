package mail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var errStopped = errors.Join(errors.New("sms: ConflictException (DESTINATION_PHONE_NUMBER_OPTED_OUT)"), ErrOptedOut)

// again puts another code under way to the same number, and delivers it.
func (p *post) again(c user.Challenge, id string) error {
	c.ID = id
	p.store.factors.Challenges = append(p.store.factors.Challenges, c)
	return p.Deliver(context.Background(), Order{Kind: CodeOrder, Organization: "acme", User: "ann", Reference: id})
}

func TestANumberThatOptedOutIsMarkedOnce(t *testing.T) {
	p, order, c := phoned(t, user.SignIn)
	p.out.errs = []error{errStopped, errStopped}
	for range 2 {
		if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 0 || p.state(t) != delivery.Suppressed {
			t.Fatalf("%v, %d SMS, %v", err, len(p.out.texts), p.store.states)
		}
	}
	if len(p.lost) != 1 || strings.Contains(p.lost[0], "1234567") {
		t.Errorf("told of %v", p.lost)
	}
	m := p.store.profile.NumberMark(c.Address)
	if m.Why != user.OptedOut || !m.Since.Equal(noon) || len(p.store.written) != 1 {
		t.Fatalf("marked %+v, %+v", m, p.store.written)
	}
	e := p.store.written[0]
	if e.Kind != audit.NumberOptedOut || e.User != "ann" || e.Role != audit.System || !e.Notify || strings.Contains(e.Reason, "+") {
		t.Errorf("the event is %+v", e)
	}
	if err := p.again(c, "c2"); err != nil || len(p.store.written) != 1 {
		t.Errorf("a second refusal: %v, %+v", err, p.store.written)
	}
}

// An SMS that was taken is the number's word that it wants them again. What an administrator has cleared already needs none.
func TestAnSMSThatIsTakenLiftsTheMark(t *testing.T) {
	for why, events := range map[user.Why]int{user.OptedOut: 1, user.Cleared: 0} {
		p, _, c := phoned(t, user.SignIn)
		p.store.profile.Set(user.Mark{Why: why, Since: noon, Digest: c.Address, Number: true})
		if err := p.again(c, "c2"); err != nil || len(p.out.texts) != 1 || len(p.store.written) != events {
			t.Fatalf("%s: %v, %d SMS, %+v", why, err, len(p.out.texts), p.store.written)
		}
		if events > 0 && (p.store.written[0].Kind != audit.NumberOptedIn || p.store.written[0].Notify || len(p.store.profile.Marks) != 0) {
			t.Errorf("%s: %+v, %+v", why, p.store.written, p.store.profile.Marks)
		}
	}
}

// A number that is no authenticator's (one that waits to be confirmed), or not any more, has no mark; its delivery ends all the same.
func TestOnlyNumbersOfAuthenticatorsAreMarked(t *testing.T) {
	p, order, c := phoned(t, user.Confirm)
	p.store.factors.Enrollment = &user.Enrollment{AuthenticatorID: "a1", Method: org.SMS, Secret: []byte("sealed:" + number), Digest: c.Address}
	p.store.factors.Authenticators = nil
	p.out.errs = []error{errStopped}
	if err := p.Deliver(context.Background(), order); err != nil || p.state(t) != delivery.Suppressed || len(p.store.profile.Marks) != 0 || len(p.store.written) != 0 {
		t.Errorf("%v, %v, %+v", err, p.store.states, p.store.profile.Marks)
	}
}

// Where the mark cannot be written the delivery stays open: the service is asked again, and nothing was sent. After an SMS was sent no
// failure of the store sends it again.
func TestAnOutageWhileAnOptOutIsWritten(t *testing.T) {
	for name, failed := range map[string]error{"down": errDown, "conflicts": user.ErrConflict} {
		p, order, c := phoned(t, user.SignIn)
		p.out.errs, p.store.writeErr = []error{errStopped, errStopped}, failed
		if err := p.Deliver(context.Background(), order); err == nil || p.state(t) != delivery.Failed {
			t.Fatalf("%s: %v, %v", name, err, p.store.states)
		}
		p.store.writeErr = nil
		if err := p.Deliver(context.Background(), order); err != nil || p.state(t) != delivery.Suppressed || p.store.profile.NumberMark(c.Address).Why != user.OptedOut {
			t.Errorf("%s: tried again: %v, %v", name, err, p.store.states)
		}
	}
	p, _, c := phoned(t, user.SignIn)
	p.store.profile.Set(user.Mark{Why: user.OptedOut, Since: noon, Digest: c.Address, Number: true})
	p.store.writeErr = errDown
	for range 2 {
		if err := p.again(c, "c2"); fault.As(err).Kind != fault.Unavailable && err != nil || len(p.out.texts) != 1 {
			t.Errorf("a lift that failed: %v, %d SMS", err, len(p.out.texts))
		}
	}
}

// What comes from an organisation's own identity, and the id by which its events find the delivery.
func TestAnSMSComesFromItsOrganisations(t *testing.T) {
	p, order, _ := phoned(t, user.SignIn)
	p.store.organization.Entitlements.SMSOrigination = "ACME"
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 1 {
		t.Fatal(err)
	}
	if text := p.out.texts[0]; text.From != "ACME" || text.Of != delivery.OfCode("acme", "ann", order.Reference) {
		t.Errorf("sent as %+v", text)
	}
}

// The carriers' words end a delivery once, whichever comes first, and mark nobody.
func TestEventsOfSMS(t *testing.T) {
	p, order, c := phoned(t, user.SignIn)
	id := delivery.OfCode("acme", "ann", order.Reference)
	hear := func() {
		t.Helper()
		if err := p.Hear(context.Background(), Feedback{Of: Of{Delivery: id}, Outcome: OutcomeDelayed, At: noon.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	hear() // of a delivery that nobody knows
	if err := p.Deliver(context.Background(), order); err != nil || p.state(t) != delivery.Sent {
		t.Fatalf("%v, %v", err, p.store.states)
	}
	for range 2 {
		if hear(); p.state(t) != delivery.Bounced {
			t.Errorf("ended as %v", p.store.states)
		}
	}
	if err := p.Deliver(context.Background(), order); err != nil || len(p.out.texts) != 1 || len(p.store.profile.Marks) != 0 || p.store.profile.NumberMark(c.Address).Known() {
		t.Errorf("afterwards: %v, %d SMS, %+v", err, len(p.out.texts), p.store.profile.Marks)
	}
}
