package storetest

import (
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func absent(t *testing.T, s Contract) {
	ctx := t.Context()
	snap, err := s.Read(ctx, "0123456789abcdef0123", Organization, somebody)
	must(t, err)
	if snap.Key != nil || snap.Organization != nil || snap.Profile != nil {
		t.Errorf("Read: %+v", snap)
	}
	same(t, "factors", snap.Factors, user.Factors{Organization: Organization, User: somebody})
	key, organization, err := s.ReadOrganization(ctx, "0123456789abcdef0123", Organization)
	must(t, err)
	administrator, err := s.Administrator(ctx, Organization, "ann")
	must(t, err)
	application, err := s.Application(ctx, Organization, "crm")
	must(t, err)
	one, err := s.Key(ctx, "0123456789abcdef0123")
	must(t, err)
	proposal, err := s.Proposal(ctx, Organization, "ann")
	must(t, err)
	if key != nil || organization != nil || administrator != nil || application != nil || one != nil || proposal != nil {
		t.Error("something that nobody wrote was read")
	}
	counts, err := s.Counts(ctx, Organization)
	must(t, err)
	same(t, "counts", counts, user.Counts{})
	counted, err := s.Counted(ctx, Organization, somebody)
	must(t, err)
	same(t, "counted", counted, user.Counted{Organization: Organization, User: somebody})
	absentForMail(t, s)
}

func absentForMail(t *testing.T, s Contract) {
	organization, profile, factors, err := s.Recipient(t.Context(), Organization, somebody)
	must(t, err)
	if organization != nil || profile != nil {
		t.Error("Recipient gave what nobody wrote")
	}
	same(t, "factors", factors, user.Factors{Organization: Organization, User: somebody})
	pending, organization, err := s.Pending(t.Context(), Organization, "ann", second(0))
	must(t, err)
	if pending != nil || organization != nil {
		t.Error("Pending gave what nobody wrote")
	}
	administrators, err := s.Administrators(t.Context(), Organization)
	must(t, err)
	users, next, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: report.ByUser, Limit: 5})
	must(t, err)
	events, after, err := s.Events(t.Context(), Organization, report.EventQuery{Limit: 5})
	must(t, err)
	if len(administrators) != 0 || len(users) != 0 || next != nil || len(events) != 0 || after != "" {
		t.Error("lists of nothing hold something")
	}
}

func fullPolicy() org.Policy {
	return org.Policy{
		Version: 7, ChangedAt: second(1), ChangedBy: "ann", Status: org.Forced, Methods: []org.Method{org.TOTP, org.SMS},
		EnforceFrom: second(2).Add(time.Microsecond), GraceDays: 14, RememberDevice: true, RememberDays: 30,
		AppPasswordServices: []string{"smtp", "imap"}, Recovery: org.Recovery{SavedCodes: true},
		EnrollmentProof: org.ProofTicket, RecoveryEmailDistinct: true, Outage: org.OutageOpen,
	}
}

func fullChange() policy.Change {
	p := fullPolicy()
	o := org.Organization{
		ID: Organization, Name: "Acme, Ltd.", CreatedAt: second(3), Rev: 1, Policy: p,
		Entitlements: org.Entitlements{TwoFactor: true, SMS: true, AppPasswords: true, Sender: true},
	}
	return policy.Change{
		Organization: &o, History: &p,
		Administrators: []org.Administrator{{
			ID: "ann", Organization: Organization, Name: "Ann", Email: "ann@acme.example",
			Permissions: []string{"policy:write", "users:reset"}, CreatedAt: second(4),
		}, {
			ID: "bob", Organization: Organization, Email: "bob@acme.example", CreatedAt: second(5),
		}},
		Applications: []org.Application{{ID: "crm", Organization: Organization, Name: "CRM", CreatedAt: second(6)}},
		Keys: []access.Key{{
			ID: "0123456789abcdef0123", Digest: []byte("digest"), Role: access.Application, Holder: "crm",
			Organizations: []string{Organization, "other"}, Permissions: []access.Permission{access.UsersWrite},
			CreatedAt: second(7), ExpiresAt: second(8),
		}},
	}
}

func organizationReturns(t *testing.T, s Contract) {
	ctx := t.Context()
	want := fullChange()
	must(t, s.WriteOrganization(ctx, Organization, fullChange()))
	snap, err := s.Read(ctx, want.Keys[0].ID, Organization, somebody)
	must(t, err)
	same(t, "organisation", snap.Organization, want.Organization)
	same(t, "key", snap.Key, &want.Keys[0])
	key, organization, err := s.ReadOrganization(ctx, want.Keys[0].ID, Organization)
	must(t, err)
	same(t, "organisation", organization, want.Organization)
	same(t, "key", key, &want.Keys[0])
	one, err := s.Key(ctx, want.Keys[0].ID)
	must(t, err)
	same(t, "key", one, &want.Keys[0])
	application, err := s.Application(ctx, Organization, "crm")
	must(t, err)
	same(t, "application", application, &want.Applications[0])
	ann, err := s.Administrator(ctx, Organization, "ann")
	must(t, err)
	same(t, "administrator", ann, &want.Administrators[0])
	both, err := s.Administrators(ctx, Organization)
	must(t, err)
	same(t, "administrators", both, want.Administrators)
}

func fullProposal() policy.Proposal {
	return policy.Proposal{
		Organization: Organization, Administrator: "ann", Rev: 1, ID: "00112233445566aa", Policy: fullPolicy(), BaseVersion: 7,
		KeyID: 0xffffffff, Address: []byte("address digest"), ExpiresAt: second(9).Add(time.Microsecond), Tries: 2,
		Throttle: throttle.State{Consecutive: 2, Failures: []time.Time{second(1), second(1)}, LockedUntil: second(2)},
		Sends:    []time.Time{second(1), second(1)}, AppliedVersion: 8, Deliver: "00112233445566aa",
		Attempt: []byte("attempt1"), Seen: "192.0.2.1",
	}
}

func proposalReturns(t *testing.T, s Contract) {
	want := fullProposal()
	must(t, s.WriteOrganization(t.Context(), Organization, policy.Change{Proposal: &want}))
	got, err := s.Proposal(t.Context(), Organization, "ann")
	must(t, err)
	want = fullProposal()
	same(t, "proposal", got, &want)
	if got.Mailed().Challenge != want.Mailed().Challenge {
		t.Error("the code of a proposal is another after it was stored")
	}
	bare := policy.Proposal{
		Organization: Organization, Administrator: "ann", Rev: 2, ID: "next", Policy: org.DefaultOrganizationPolicy(second(0)),
		Attempt: []byte("attempt2"), ExpiresAt: second(5),
	}
	must(t, s.WriteOrganization(t.Context(), Organization, policy.Change{Proposal: &bare}))
	got, err = s.Proposal(t.Context(), Organization, "ann")
	must(t, err)
	same(t, "the proposal after it", got, &bare)
}

func eventReturns(t *testing.T, s Contract) {
	want := audit.Event{
		ID: "0190c2d8-7f3e-7c1a-9b7e-0123456789ab", At: second(1).Add(time.Microsecond), Kind: audit.UserReset,
		Organization: Organization, User: somebody, Role: "org_admin", Actor: "ann", Key: "0123", Reason: "lost\r\nphone",
		Seen: "192.0.2.1", Claimed: "198.51.100.7", RequestID: "request", Details: map[string]string{"before": "a", "after": "b"}, Notify: true,
	}
	bare := audit.Event{ID: "e", At: second(2), Kind: audit.PolicyChanged, Organization: Organization}
	must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{want, bare}}))
	got, after, err := s.Events(t.Context(), Organization, report.EventQuery{Limit: 5})
	must(t, err)
	same(t, "events", got, []audit.Event{want, bare})
	same(t, "cursor", after, "")
}

func recipientReturns(t *testing.T, s Contract) {
	ctx := t.Context()
	change, proposal := fullChange(), fullProposal()
	proposal.AppliedVersion, proposal.Policy.GraceDays = 0, 3
	change.Proposal = &proposal
	must(t, s.WriteOrganization(ctx, Organization, change))
	f, p := fullFactors(), fullProfile()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	organization, profile, factors, err := s.Recipient(ctx, Organization, somebody)
	must(t, err)
	want := fullProfile()
	same(t, "organisation", organization, fullChange().Organization)
	same(t, "profile", profile, &want)
	same(t, "factors", factors, fullFactors())
	pending, organization, err := s.Pending(ctx, Organization, "ann", second(9))
	must(t, err)
	same(t, "organisation", organization, fullChange().Organization)
	same(t, "pending", pending, &mail.Proposal{
		ID: proposal.ID, Email: "ann@acme.example", Mailed: proposal.Mailed(), KeyID: proposal.KeyID, Live: true,
		Changes: map[string]string{"grace_days": "14 → 3"}, Seen: "192.0.2.1",
	})
	late, _, err := s.Pending(ctx, Organization, "ann", second(10))
	must(t, err)
	if late.Live {
		t.Error("an expired proposal is live")
	}
}
