package mail

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

const (
	loginAt    = "ann@example.com"
	recoveryAt = "ann@home.example"
)

// withRecovery is a post whose Ann has a recovery email with a digest, as every stored one has.
func withRecovery(t *testing.T) *post {
	t.Helper()
	p := newPost(t)
	p.store.profile.RecoveryDigest = []byte("digest of it")
	return p
}

func feedback(outcome Outcome, to ...string) Feedback {
	return Feedback{Of: Of{Organization: "acme", User: "ann", Delivery: "d1"}, Outcome: outcome, Recipients: to, At: noon}
}

func (p *post) hear(t *testing.T, f Feedback) {
	t.Helper()
	if err := p.Hear(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// What becomes of the delivery and of the address, whatever was heard, and however often.
func TestWhatIsHeardOfAMail(t *testing.T) {
	for outcome, want := range map[Outcome]struct {
		state delivery.State
		why   user.Why
	}{
		OutcomeBounced: {delivery.Bounced, user.Bounced}, OutcomeSuppressed: {delivery.Suppressed, user.Suppressed},
		OutcomeComplained: {delivery.Complained, user.Complained}, OutcomeDelayed: {delivery.Bounced, ""}, OutcomeRejected: {delivery.Refused, ""},
		"something new": {delivery.Sent, ""},
	} {
		for _, to := range []string{loginAt, recoveryAt, "ANN@Home.example"} {
			p := withRecovery(t)
			p.store.states["d1"] = delivery.Sent
			for range 3 { // at least once
				p.hear(t, feedback(outcome, to))
			}
			mark := p.store.profile.EmailMark()
			if to != loginAt {
				mark = p.store.profile.RecoveryMark(noon)
			}
			if p.store.states["d1"] != want.state || mark.Why != want.why {
				t.Errorf("%s of %s: %s, %+v", outcome, to, p.store.states["d1"], mark)
			}
			if n := len(p.store.written); n != min(1, len(want.why)) || len(p.store.profile.Marks) != n {
				t.Errorf("%s of %s: %d events, marks %+v", outcome, to, n, p.store.profile.Marks)
			}
		}
	}
}

// The user is told where mail still goes, once; administrators are not mailed; nobody is told of a complaint.
func TestWhoIsToldOfABounce(t *testing.T) {
	for _, c := range []struct {
		outcome Outcome
		to      string
		before  []string
		notify  bool
	}{
		{OutcomeBounced, recoveryAt, nil, true}, {OutcomeBounced, loginAt, nil, true}, {OutcomeSuppressed, loginAt, nil, true},
		{OutcomeComplained, loginAt, nil, false}, {OutcomeBounced, recoveryAt, []string{loginAt}, false}, {OutcomeBounced, loginAt, []string{recoveryAt}, false},
	} {
		p := withRecovery(t)
		for _, address := range c.before {
			p.hear(t, feedback(OutcomeBounced, address))
		}
		p.hear(t, feedback(c.outcome, c.to))
		e := p.store.written[len(p.store.written)-1]
		if e.Notify != c.notify || e.Kind != audit.UserUndeliverable || e.Actor != "mailer" || e.Role != audit.System || e.User != "ann" || e.Organization != "acme" {
			t.Errorf("%+v: %+v", c, e)
		}
		if e.Details["why"] == "" || slices.Contains([]string{loginAt, recoveryAt}, e.Details["address"]) {
			t.Errorf("%+v: the event says %v", c, e.Details)
		}
		if !c.notify {
			continue
		}
		if err := p.Deliver(context.Background(), Order{Kind: NoticeOrder, Organization: "acme", User: "ann", Reference: e.ID, Event: e}); err != nil {
			t.Fatal(err)
		}
		other := loginAt
		if c.to == loginAt {
			other = recoveryAt
		}
		if got := p.out.recipients(); !slices.Equal(got, []string{other}) {
			t.Errorf("%+v: told %v", c, got)
		}
	}
}

// Whatever the provider, or somebody who writes in its name, says of whom: only an address that the user has is marked.
func TestNobodyElseIsMarked(t *testing.T) {
	for name, spoil := range map[string]func(*Feedback){
		"an address of before":        func(f *Feedback) { f.Recipients = []string{"ann@before.example"} },
		"an administrator's":          func(f *Feedback) { f.Of.User = "" },
		"another organisation's":      func(f *Feedback) { f.Of.Organization = "other" },
		"a user who is gone":          func(f *Feedback) { f.Of.User = "bob" },
		"nobody's":                    func(f *Feedback) { f.Of = Of{} },
		"no address":                  func(f *Feedback) { f.Recipients = nil },
		"a look-alike":                func(f *Feedback) { f.Recipients = []string{"аnn@example.com"} },
		"an address among others":     func(f *Feedback) { f.Recipients = []string{"x " + loginAt, loginAt + ", y@z.example"} },
		"the colleague's of a notice": func(f *Feedback) { f.Recipients = []string{"adam@example.com"} },
	} {
		p := withRecovery(t)
		f := feedback(OutcomeBounced, loginAt)
		spoil(&f)
		p.hear(t, f)
		if len(p.store.profile.Marks) != 0 || len(p.store.written) != 0 {
			t.Errorf("%s: %+v", name, p.store.profile.Marks)
		}
	}
}

// The provider may speak before the mail is marked as sent, and last words stand.
func TestFeedbackInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		stands, want delivery.State
	}{
		{delivery.Claimed, delivery.Bounced}, {delivery.Failed, delivery.Bounced}, {delivery.Sent, delivery.Bounced},
		{delivery.Complained, delivery.Complained}, {delivery.Obsolete, delivery.Obsolete}, {"", ""},
	} {
		p := withRecovery(t)
		if c.stands != "" {
			p.store.states["d1"] = c.stands
		}
		p.hear(t, feedback(OutcomeBounced, "gone@example.com"))
		if got := p.store.states["d1"]; got != c.want {
			t.Errorf("%s became %s, want %s", c.stands, got, c.want)
		}
	}
	p := withRecovery(t)
	p.store.profile.Clear(noon)
	p.hear(t, feedback(OutcomeBounced, loginAt))
	next := p.store.profile.Next()
	next.Clear(noon.Add(time.Hour))
	p.store.profile = &next
	p.hear(t, feedback(OutcomeBounced, loginAt)) // once more, late
	if p.store.profile.EmailMark().Known() {
		t.Error("what an administrator cleared came back with a repetition")
	}
	again := feedback(OutcomeBounced, loginAt)
	again.At = noon.Add(2 * time.Hour)
	p.hear(t, again)
	if !p.store.profile.EmailMark().Stops() {
		t.Error("what was heard since does not count")
	}
}

// An outage loses nothing: the same is said again.
func TestFeedbackInAnOutage(t *testing.T) {
	for name, fail := range map[string]func(*store, error){
		"reading": func(s *store, err error) { s.readErr = err }, "reporting": func(s *store, err error) { s.markErr = err },
		"writing": func(s *store, err error) { s.writeErr = err },
	} {
		p := withRecovery(t)
		fail(p.store, errDown)
		if err := p.Hear(context.Background(), feedback(OutcomeBounced, loginAt)); fault.As(err).Kind != fault.Unavailable || len(p.store.profile.Marks) != 0 {
			t.Errorf("%s: %v", name, err)
		}
		fail(p.store, nil)
		p.hear(t, feedback(OutcomeBounced, loginAt))
		if !p.store.profile.EmailMark().Stops() {
			t.Errorf("%s: nothing was marked afterwards", name)
		}
	}
	p := withRecovery(t)
	p.Contacts = opener{down: true}
	if err := p.Hear(context.Background(), feedback(OutcomeBounced, recoveryAt)); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an address that cannot be opened: %v", err)
	}
	p.store.writeErr = user.ErrConflict
	p.Contacts = opener{}
	if err := p.Hear(context.Background(), feedback(OutcomeBounced, loginAt)); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a race that is never won: %v", err)
	}
}

// Nothing goes to an address that mail comes back from: the order ends, and no other address takes its place. Whoever complained gets
// codes all the same.
func TestNothingIsSentWhereMailComesBackFrom(t *testing.T) {
	for _, c := range []struct {
		purpose user.Purpose
		address string
	}{{user.ProveLogin, loginAt}, {user.Recover, recoveryAt}, {user.VerifyRecovery, recoveryAt}} {
		for outcome, sent := range map[Outcome]int{OutcomeBounced: 0, OutcomeSuppressed: 0, OutcomeComplained: 1, OutcomeDelayed: 1} {
			p := withRecovery(t)
			p.hear(t, feedback(outcome, c.address))
			order, _ := p.challenge(t, c.purpose, c.address)
			if c.purpose == user.VerifyRecovery { // the address that is entered is the one that came back
				p.store.factors.Enrollment = &user.Enrollment{Login: "l1", RecoveryEmail: []byte("sealed:ANN@home.example")}
				p.store.factors.Challenges = nil
				order, _ = p.challenge(t, c.purpose, "ANN@home.example")
			}
			if err := p.Deliver(context.Background(), order); err != nil {
				t.Fatal(err)
			}
			want := delivery.Suppressed
			if sent > 0 {
				want = delivery.Sent
			}
			if len(p.out.sent) != sent || p.state(t) != want {
				t.Errorf("%s of %s: %d sent, %v", outcome, c.purpose, len(p.out.sent), p.store.states)
			}
		}
	}
}
