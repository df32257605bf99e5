package login_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func TestMask(t *testing.T) {
	for address, want := range map[string]string{
		"ann@example.com": "a•••@example.com", "a@example.com": "a•••@example.com",
		"élodie@example.com": "é•••@example.com",
		"":                   "•••", "ann": "•••", "@example.com": "•••",
	} {
		got := login.Mask(address)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
	// The length of the name is no business of the reader either.
	if login.Mask("ann@example.com") != login.Mask("annabel.longname@example.com") || strings.Contains(login.Mask("ann@example.com"), "nn") {
		t.Error("too much is shown")
	}
}

func TestEventNamesWhoAndFromWhere(t *testing.T) {
	c := access.Caller{RequestID: "r1", Seen: "198.51.100.7", Claimed: "192.0.2.9"}
	e := sample().Event(audit.RecoveryUsed, snapshot(), c, noon)
	want := audit.Event{
		ID: e.ID, At: noon, Kind: audit.RecoveryUsed, Organization: "acme", User: "ann", Role: "application", Actor: "crm",
		Key: "k1", Seen: "198.51.100.7", Claimed: "192.0.2.9", RequestID: "r1",
	}
	if e.Details != nil || e.Notify {
		t.Errorf("details %v, notify %v", e.Details, e.Notify)
	}
	if e.ID != want.ID || e.At != want.At || e.Kind != want.Kind || e.Organization != want.Organization || e.User != want.User ||
		e.Role != want.Role || e.Actor != want.Actor || e.Key != want.Key || e.Seen != want.Seen || e.Claimed != want.Claimed || e.RequestID != want.RequestID {
		t.Errorf("got %+v", e)
	}
	c.Claimed = ""
	if e := sample().Event(audit.RecoveryUsed, snapshot(), c, noon); e.Claimed != "192.0.2.1" {
		t.Errorf("the address is %q, want the one that the login began from", e.Claimed)
	}
	if other := sample().Event(audit.RecoveryUsed, snapshot(), c, noon); other.ID == e.ID || other.ID[14] != '7' {
		t.Errorf("ids %q and %q, want two UUIDs of version 7", e.ID, other.ID)
	}
}

// Everything that a decision depends on reaches it.
func TestStateReachesTheDecision(t *testing.T) {
	totp := []user.Authenticator{{ID: "t1", Method: org.TOTP}}
	for name, c := range map[string]struct {
		change func(*login.Snapshot)
		want   decision.Reason
	}{
		"not enrolled":     {func(*login.Snapshot) {}, decision.NotEnrolled},
		"enrolled":         {func(s *login.Snapshot) { s.Factors.Authenticators = totp }, decision.MethodsAllowed},
		"not entitled":     {func(s *login.Snapshot) { s.Organization.Entitlements = org.Entitlements{} }, decision.NotAvailable},
		"forced":           {func(s *login.Snapshot) { s.Organization.Policy.Status = org.Forced }, decision.PolicyForces},
		"required":         {func(s *login.Snapshot) { s.Profile.Enforcement.Kind = user.Required }, decision.UserRequired},
		"grace":            {func(s *login.Snapshot) { s.Organization.Policy.Status, s.Organization.Policy.GraceDays = org.Forced, 1 }, decision.InGrace},
		"suspended":        {func(s *login.Snapshot) { s.Factors.Throttle.Consecutive = throttle.SuspendAfter }, decision.IsSuspended},
		"locked":           {func(s *login.Snapshot) { s.Factors.Throttle.LockedUntil = noon.Add(1) }, decision.IsLocked},
		"locked until now": {func(s *login.Snapshot) { s.Factors.Throttle.LockedUntil = noon }, decision.NotEnrolled},
		"locked by the cap": {func(s *login.Snapshot) {
			for range throttle.Cap {
				s.Factors.Throttle.Failures = append(s.Factors.Throttle.Failures, noon.Add(-time.Hour))
			}
		}, decision.IsLocked},
	} {
		s := snapshot()
		c.change(&s)
		if got := sample().Decide(s, noon); got.Reason != c.want || got.PolicyVersion != 1 {
			t.Errorf("%s: %s (%s)", name, got.Status, got.Reason)
		}
	}
	mail := sample()
	mail.Service = "imap"
	s := snapshot()
	s.Factors.Authenticators = totp
	if got := mail.Decide(s, noon); got.Status != decision.Denied || got.Rule != decision.RuleServiceDenied {
		t.Errorf("another service: %s (%s)", got.Status, got.Rule)
	}
}
