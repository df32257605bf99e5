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
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func absent(t *testing.T, s Contract) {
	ctx := t.Context()
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	if snap.Key != nil || snap.Organization != nil || snap.Profile != nil {
		t.Errorf("Read: %+v", snap)
	}
	same(t, "factors", snap.Factors, user.Factors{Organization: Organization, User: somebody})
	key, organization, err := s.ReadOrganization(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization)
	must(t, err)
	administrator, err := s.Administrator(ctx, Organization, "ann")
	must(t, err)
	application, err := s.Application(ctx, Organization, "crm")
	must(t, err)
	reader, err := s.Reader(ctx, Organization, "siem")
	must(t, err)
	docket, err := s.Docket(ctx, Organization, "ann")
	must(t, err)
	if key != nil || organization != nil || administrator != nil || application != nil || reader != nil || keyOf(t, s, "0123456789abcdef0123") != nil || docket != nil {
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
	pending, err := s.Pending(t.Context(), Organization, "ann", "change", second(0))
	must(t, err)
	if pending != nil {
		t.Error("Pending gave what nobody wrote")
	}
	administrators, err := s.Administrators(t.Context(), Organization)
	must(t, err)
	applications, err := s.Applications(t.Context(), Organization)
	must(t, err)
	readers, err := s.Readers(t.Context(), Organization)
	must(t, err)
	users, next, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: report.ByUser, Limit: 5})
	must(t, err)
	events, after, err := s.Events(t.Context(), Organization, report.EventQuery{Limit: 5})
	must(t, err)
	if len(administrators) != 0 || len(applications) != 0 || len(readers) != 0 || len(users) != 0 || next != "" || len(events) != 0 || after != "" {
		t.Error("lists of nothing hold something")
	}
}

func fullPolicy() org.Policy {
	return org.Policy{
		Version: 7, ChangedAt: second(1), ChangedBy: "ann", Status: org.Forced, Methods: []org.Method{org.TOTP, org.SMS},
		EnforceFrom: second(2).Add(time.Microsecond), GraceDays: 14, RememberDevice: true, RememberDays: 30,
		AppPasswordServices: []string{"smtp", "imap"}, Recovery: org.Recovery{SavedCodes: true},
		EnrollmentProof: org.ProofTicket, RecoveryEmailDistinct: true, Outage: org.OutageOpen, SMSCountries: "DE",
		Retention: org.Retention{AuditDays: 400, SignInDays: 30},
	}
}

func fullChange() policy.Change {
	p := fullPolicy()
	o := org.Organization{
		ID: Organization, Name: "Acme, Ltd.", CreatedAt: second(3), Rev: 1, Policy: p, Memory: org.Memory{Version: 6, Since: second(4)},
		Kept:         org.Kept{Audit: second(5), SignIns: second(6)},
		Entitlements: org.Entitlements{TwoFactor: true, SMS: true, AppPasswords: true, Sender: true, UserLimit: 500, SMSPerDay: 7, SMSCountries: "AT,DE", SMSOrigination: "ACME"},
	}
	return policy.Change{
		Organization: &o, History: &p,
		Administrators: []org.Administrator{{
			ID: "ann", Organization: Organization, Name: "Ann", Email: "ann@acme.example",
			Permissions: []string{"policy:write", "users:reset"}, CreatedAt: second(4), Rev: 1, Keys: []string{"aaaaaaaaaaaaaaaaaaaa"},
		}, {
			ID: "bob", Organization: Organization, Email: "bob@acme.example", CreatedAt: second(5), Rev: 1,
		}},
		Applications: []org.Application{{ID: "crm", Organization: Organization, Name: "CRM", Keys: []string{"0123456789abcdef0123"}, CreatedAt: second(6), Rev: 1}},
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
	snap, err := s.Read(ctx, access.Credential{ID: want.Keys[0].ID}, Organization, somebody)
	must(t, err)
	same(t, "organisation", snap.Organization, want.Organization)
	same(t, "key", snap.Key, &want.Keys[0])
	key, organization, err := s.ReadOrganization(ctx, access.Credential{ID: want.Keys[0].ID}, Organization)
	must(t, err)
	same(t, "organisation", organization, want.Organization)
	same(t, "key", key, &want.Keys[0])
	same(t, "key", keyOf(t, s, want.Keys[0].ID), &want.Keys[0])
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

func fullDocket() stepup.Docket {
	return stepup.Docket{
		Organization: Organization, Administrator: "ann", Rev: 1, Deliver: "00112233445566aa", Attempt: []byte("attempt1"),
		Throttle: throttle.State{Consecutive: 2, Failures: []time.Time{second(1), second(1)}, LockedUntil: second(2)},
		Sends:    []time.Time{second(1), second(1)}, Freed: []time.Time{second(2), second(2)}, Allowance: stepup.Allowance{Left: 3, Until: second(3), Organization: "globex", Session: "abcd"},
		Changes: []stepup.Change{
			{
				ID: "00112233445566aa", Thing: stepup.Policy, Organization: Organization, Payload: []byte(`{"a":"\u0000"}`), Base: 7,
				Told: map[string]string{"grace_days": "14 → 3"}, KeyID: 0xffffffff, Address: []byte("address digest"),
				ExpiresAt: second(9).Add(time.Microsecond), Tries: 2, Seen: "192.0.2.1", Session: "4567",
			},
			{ID: "bare", Thing: "other", Payload: []byte("{}"), Address: []byte("a"), ExpiresAt: second(5), Applied: 8, Prover: somebody, Step: 59_999_999},
		},
	}
}

func docketReturns(t *testing.T, s Contract) {
	want := fullDocket()
	must(t, s.WriteOrganization(t.Context(), Organization, policy.Change{Docket: &want}))
	got, err := s.Docket(t.Context(), Organization, "ann")
	must(t, err)
	want = fullDocket()
	same(t, "docket", got, &want)
	if got.Mailed(got.Changes[0]).Challenge != want.Mailed(want.Changes[0]).Challenge {
		t.Error("the code of a change is another after it was stored")
	}
	bare := stepup.Docket{Organization: Organization, Administrator: "ann", Rev: 2, Attempt: []byte("attempt2")}
	must(t, s.WriteDocket(t.Context(), bare))
	got, err = s.Docket(t.Context(), Organization, "ann")
	must(t, err)
	same(t, "the docket after it", got, &bare)
	conflict(t, "a docket on a revision that has gone", s.WriteDocket(t.Context(), fullDocket()))
	system := fullDocket()
	system.Organization = ""
	must(t, s.WriteDocket(t.Context(), system))
	got, err = s.Docket(t.Context(), "", "ann")
	must(t, err)
	same(t, "a system administrator's docket", got, &system)
}

func eventReturns(t *testing.T, s Contract) {
	want := audit.Event{
		ID: "0190c2d8-7f3e-7c1a-9b7e-0123456789ab", At: second(1).Add(time.Microsecond), Kind: audit.UserReset,
		Organization: Organization, User: somebody, Role: "org_admin", Actor: "ann", Key: "0123", Subject: "bob", Session: "4567", Reason: "lost\r\nphone",
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
	change, docket := fullChange(), fullDocket()
	change.Docket = &docket
	must(t, s.WriteOrganization(ctx, Organization, change))
	f, p := fullFactors(), fullProfile()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	organization, profile, factors, err := s.Recipient(ctx, Organization, somebody)
	must(t, err)
	want := fullProfile()
	same(t, "organisation", organization, fullChange().Organization)
	same(t, "profile", profile, &want)
	same(t, "factors", factors, fullFactors())
	ordered := fullDocket().Changes[0]
	pending, err := s.Pending(ctx, Organization, "ann", ordered.ID, second(9))
	must(t, err)
	same(t, "pending", pending, &mail.Proposal{
		ID: ordered.ID, Thing: stepup.Policy, Organization: fullChange().Organization.Name, OwnSender: true, Email: "ann@acme.example", Branding: org.Branding{Organization: Organization},
		Mailed: docket.Mailed(ordered), KeyID: ordered.KeyID, Live: true, Changes: ordered.Told, Seen: "192.0.2.1",
	})
	none, err := s.Pending(ctx, Organization, "ann", "another", second(9))
	must(t, err)
	if none != nil {
		t.Error("a change that nobody ordered a mail for is pending")
	}
	late, err := s.Pending(ctx, Organization, "ann", ordered.ID, second(10))
	must(t, err)
	if late.Live {
		t.Error("an expired proposal is live")
	}
}

// systemPending: a system administrator belongs to no organisation, and changes any.
func systemPending(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	d := fullDocket()
	d.Organization, d.Administrator = "", "root"
	must(t, s.WriteDocket(t.Context(), d))
	pending, err := s.Pending(t.Context(), "", "root", d.Changes[0].ID, w.Clock.Now())
	must(t, err)
	if pending == nil || pending.Organization != "Acme" || pending.Email != "root@vendor.example" {
		t.Errorf("pending: %+v", pending)
	}
	pending, err = s.Pending(t.Context(), "", "root", d.Changes[1].ID, w.Clock.Now())
	must(t, err)
	if pending == nil || pending.Organization != "" {
		t.Errorf("of no organisation: %+v", pending)
	}
}
