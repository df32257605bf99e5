package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/user"
)

const domain = "mail.acme.example"

func fullSender() org.Sender {
	return org.Sender{
		Organization: Organization, Rev: 1, Domain: domain, From: "no-reply", Name: "Acme, Ltd.", State: org.SenderLost,
		ClaimedAt: second(1).Add(time.Microsecond), VerifiedAt: second(2), LostAt: second(3), FallsBackSince: second(3),
		Discarded: "old.acme.example",
	}
}

func fullClaim() org.DomainClaim {
	return org.DomainClaim{
		Domain: domain, Organization: Organization, Rev: 1, ClaimedAt: second(1), ReleasedAt: second(2).Add(time.Microsecond), Verified: true,
	}
}

func senderEvent(id string, kind audit.Kind) audit.Event {
	return audit.Event{ID: id, At: second(1), Kind: kind, Organization: Organization, Role: audit.System, Actor: "mailer"}
}

func sendersReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	none, err := s.Sender(ctx, Organization)
	must(t, err)
	unclaimed, err := s.DomainClaim(ctx, domain)
	must(t, err)
	if none != nil || unclaimed != nil {
		t.Error("a sender or a claim that nobody wrote was read")
	}
	o, c := fullSender(), fullClaim()
	change := sender.Change{Sender: &o, Claims: []org.DomainClaim{c}, Events: []audit.Event{senderEvent("e1", audit.SenderClaimed)}}
	for range 3 { // repeated, it is the same write
		must(t, s.WriteSender(ctx, change))
	}
	got, err := s.Sender(ctx, Organization)
	must(t, err)
	same(t, "sender", got, &o)
	claim, err := s.DomainClaim(ctx, domain)
	must(t, err)
	same(t, "claim", claim, &c)
	bare, open := org.Sender{Organization: Organization, Rev: 2}, org.DomainClaim{Domain: domain, Organization: "other", Rev: 2, ClaimedAt: second(5)}
	must(t, s.WriteSender(ctx, sender.Change{Sender: &bare, Claims: []org.DomainClaim{open}}))
	got, err = s.Sender(ctx, Organization)
	must(t, err)
	same(t, "sender that was given up", got, &bare)
	claim, err = s.DomainClaim(ctx, domain)
	must(t, err)
	same(t, "claim of the next", claim, &open)
	must(t, s.WriteSender(ctx, sender.Change{}))
}

// sendersConflict: each part has a revision of its own, and with one that is stale nothing is written.
func sendersConflict(t *testing.T, s Contract) {
	ctx := t.Context()
	o, c := fullSender(), fullClaim()
	must(t, s.WriteSender(ctx, sender.Change{Sender: &o, Claims: []org.DomainClaim{c}}))
	next, later := o.Next(), c
	later.Rev++
	stale, ahead := o, c
	stale.Name = "Somebody else"
	ahead.Rev += 5
	for what, change := range map[string]sender.Change{
		"a stale sender":                  {Sender: &stale, Claims: []org.DomainClaim{later}},
		"a claim that never was":          {Sender: &next, Claims: []org.DomainClaim{ahead}},
		"a stale sender with an event":    {Sender: &stale, Events: []audit.Event{senderEvent("e1", audit.SenderChanged)}},
		"an event beside the same sender": {Sender: &o, Events: []audit.Event{senderEvent("e2", audit.SenderChanged)}},
	} {
		conflict(t, what, s.WriteSender(ctx, change))
	}
	conflict(t, "a stale sender beside an organisation", s.WriteOrganization(ctx, Organization, policy.Change{Organization: fullChange().Organization, Sender: &stale}))
	got, err := s.Sender(ctx, Organization)
	must(t, err)
	same(t, "sender", got, &o)
	claim, err := s.DomainClaim(ctx, domain)
	must(t, err)
	same(t, "claim", claim, &c)
	_, organization, err := s.ReadOrganization(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization)
	must(t, err)
	events, _, err := s.Events(ctx, Organization, report.EventQuery{Limit: 5})
	must(t, err)
	if organization != nil || len(events) != 0 {
		t.Error("a part of a change that lost was written")
	}
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Organization: fullChange().Organization, Sender: &next}))
	if got, err = s.Sender(ctx, Organization); err != nil || got.Rev != 2 {
		t.Errorf("with its organisation: %+v, %v", got, err)
	}
}

func domainClaimedOnce(t *testing.T, s Contract) {
	errs := collect(20, func(i int) error {
		id := fmt.Sprintf("org-%d", i)
		o := org.Sender{Organization: id, Rev: 1, Domain: domain, From: "a", State: org.SenderPending, ClaimedAt: second(1)}
		c := org.DomainClaim{Domain: domain, Organization: id, Rev: 1, ClaimedAt: second(1)}
		e := senderEvent("e-"+id, audit.SenderClaimed)
		e.Organization = id
		return s.WriteSender(t.Context(), sender.Change{Sender: &o, Claims: []org.DomainClaim{c}, Events: []audit.Event{e}})
	})
	if n := wins(t, errs, user.ErrConflict); n != 1 {
		t.Errorf("%d organisations have the domain, want 1", n)
	}
	claim, err := s.DomainClaim(t.Context(), domain)
	must(t, err)
	for i, err := range errs {
		id := fmt.Sprintf("org-%d", i)
		o, readErr := s.Sender(t.Context(), id)
		must(t, readErr)
		if (o != nil) != (err == nil) || (claim.Organization == id) != (err == nil) {
			t.Errorf("%s: its sender is %+v after %v", id, o, err)
		}
	}
}

func senderLost(t *testing.T, s Contract) {
	ctx := t.Context()
	o := fullSender()
	o.State, o.LostAt, o.FallsBackSince = org.SenderVerified, time.Time{}, time.Time{}
	must(t, s.WriteSender(ctx, sender.Change{Sender: &o}))
	lost, e := o.Lose(second(7)), senderEvent("e1", audit.SenderLost)
	e.Notify = true
	for range 2 {
		must(t, s.LoseSender(ctx, lost, e))
	}
	got, err := s.Sender(ctx, Organization)
	must(t, err)
	same(t, "sender", got, &lost)
	events, _, err := s.Events(ctx, Organization, report.EventQuery{Limit: 5})
	must(t, err)
	same(t, "events", events, []audit.Event{e})
	if err := s.LoseSender(ctx, lost, senderEvent("e2", audit.SenderLost)); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a second loss: %v", err)
	}
}
