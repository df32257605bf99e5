package report

import (
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// in gives an organisation and a user as a test needs them: entitled, enabled, registered 30 days ago, not enrolled.
func in(changes ...func(*org.Organization, *user.Profile)) (org.Organization, user.Profile) {
	o := org.Organization{ID: "acme", Entitlements: org.Entitlements{TwoFactor: true}, Policy: org.DefaultOrganizationPolicy(noon)}
	p := user.Profile{User: "ann", Email: "ann@example.com", RegisteredAt: noon.AddDate(0, 0, -30)}
	for _, change := range changes {
		change(&o, &p)
	}
	return o, p
}

func forced(o *org.Organization, _ *user.Profile)   { o.Policy.Status = org.Forced }
func disabled(o *org.Organization, _ *user.Profile) { o.Policy.Status = org.Disabled }
func unpaid(o *org.Organization, _ *user.Profile)   { o.Entitlements = org.Entitlements{} }
func required(_ *org.Organization, p *user.Profile) { p.Enforcement.Kind = user.Required }
func suspended(_ *org.Organization, p *user.Profile) {
	p.SuspendedAt = noon.Add(-time.Hour)
}

func enrolled(_ *org.Organization, p *user.Profile) {
	p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, noon.AddDate(0, 0, -1)
}

func byMail(_ *org.Organization, p *user.Profile) { p.Methods = []org.Method{org.Email} }

func byTicket(o *org.Organization, _ *user.Profile) { o.Policy.EnrollmentProof = org.ProofTicket }

// bounces marks a login address, or the recovery email, as a row of an index has it.
func bounces(why user.Why, login string) func(*org.Organization, *user.Profile) {
	return func(_ *org.Organization, p *user.Profile) {
		m := user.Mark{Why: why, Since: noon, Email: login}
		if login == "" {
			m.Digest = []byte("digest")
		}
		p.Set(m)
	}
}

func exempt(days int) func(*org.Organization, *user.Profile) {
	return func(_ *org.Organization, p *user.Profile) {
		p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: noon.AddDate(0, 0, days)}
	}
}

func grace(days int) func(*org.Organization, *user.Profile) {
	return func(o *org.Organization, _ *user.Profile) { o.Policy.GraceDays = days }
}

func extended(days int) func(*org.Organization, *user.Profile) {
	return func(_ *org.Organization, p *user.Profile) { p.Grace.Until = noon.AddDate(0, 0, days) }
}

func from(days int) func(*org.Organization, *user.Profile) {
	return func(o *org.Organization, _ *user.Profile) { o.Policy.EnforceFrom = noon.AddDate(0, 0, days) }
}

func TestStatusOfARow(t *testing.T) {
	type change = func(*org.Organization, *user.Profile)
	until := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	for name, c := range map[string]struct {
		changes []change
		status  Status
		until   time.Time
	}{
		"may, has not":                   {nil, NotObliged, time.Time{}},
		"may, has":                       {[]change{enrolled}, Enrolled, time.Time{}},
		"mail alone, and it comes back":  {[]change{byMail, bounces(user.Bounced, "")}, Bounced, time.Time{}},
		"mail alone, complained":         {[]change{byMail, bounces(user.Complained, "")}, Enrolled, time.Time{}},
		"mail alone, nobody asks for it": {[]change{byMail, disabled, bounces(user.Bounced, "")}, Enrolled, time.Time{}},
		"an app, and mail comes back":    {[]change{enrolled, bounces(user.Bounced, "")}, Enrolled, time.Time{}},
		"mail alone, the other address":  {[]change{byMail, bounces(user.Bounced, "ann@example.com")}, Enrolled, time.Time{}},
		"must begin by mail":             {[]change{forced, bounces(user.Suppressed, "ann@example.com")}, Bounced, until(-30)},
		"must begin by a ticket":         {[]change{forced, byTicket, bounces(user.Bounced, "ann@example.com")}, Overdue, until(-30)},
		"may begin by mail":              {[]change{bounces(user.Bounced, "ann@example.com")}, NotObliged, time.Time{}},
		"began elsewhere by then":        {[]change{forced, bounces(user.Bounced, "before@example.com")}, Overdue, until(-30)},
		"must, has":                      {[]change{forced, enrolled}, Enrolled, time.Time{}},
		"must, has not":                  {[]change{forced}, Overdue, until(-30)},
		"must, within grace":             {[]change{forced, grace(40)}, Pending, until(10)},
		"must, grace extended":           {[]change{forced, extended(3)}, Pending, until(3)},
		"must, extended for less":        {[]change{forced, grace(40), extended(3)}, Pending, until(10)},
		"must, extension ends now":       {[]change{forced, extended(0)}, Overdue, until(0)},
		"must, grace ends now":           {[]change{forced, grace(30)}, Overdue, until(0)},
		"must, grace from enforcement":   {[]change{forced, grace(14), from(-2)}, Pending, until(12)},
		"will have to":                   {[]change{forced, from(1)}, NotObliged, time.Time{}},
		"required":                       {[]change{required}, Overdue, until(-30)},
		"required, policy disabled":      {[]change{required, disabled}, NotObliged, time.Time{}},
		"exempt":                         {[]change{forced, exempt(3)}, ExemptUntil, until(3)},
		"exempt, enrolled":               {[]change{forced, enrolled, exempt(3)}, ExemptUntil, until(3)},
		"exemption over":                 {[]change{forced, exempt(0)}, Overdue, until(-30)},
		"suspended":                      {[]change{forced, enrolled, suspended}, Suspended, time.Time{}},
		"suspended, and exempt":          {[]change{enrolled, suspended, exempt(1)}, ExemptUntil, until(1)},
		"not entitled":                   {[]change{unpaid, forced, enrolled, suspended}, NotAvailable, time.Time{}},
		"not entitled, required, exempt": {[]change{unpaid, exempt(1)}, NotAvailable, time.Time{}},
	} {
		o, p := in(c.changes...)
		got := row(o, p, noon)
		until := got.GraceUntil
		if got.Status == ExemptUntil {
			until = got.ExemptUntil
		}
		if got.Status != c.status || !until.Equal(c.until) || !got.GraceUntil.IsZero() && !got.ExemptUntil.IsZero() {
			t.Errorf("%s: %s until %v, want %s until %v", name, got.Status, until, c.status, c.until)
		}
	}
}

func TestARowHoldsTheFacts(t *testing.T) {
	o, p := in(enrolled)
	p.Organization, p.Facts = "acme", user.Facts{VerifiedOn: "2026-11-21", CodesGeneration: 1, CodesLeft: 7}
	got := row(o, p, noon)
	if got.Organization != "acme" || got.VerifiedOn != "2026-11-21" || got.CodesLeft == nil || *got.CodesLeft != 7 || got.User != "ann" || got.Email != "ann@example.com" || len(got.Methods) != 1 || got.Methods[0] != org.TOTP ||
		!got.RegisteredAt.Equal(p.RegisteredAt) || !got.EnrolledAt.Equal(p.EnrolledAt) {
		t.Errorf("got %+v", got)
	}
}

// Codes that nobody has, or that open nothing, are not "none left".
func TestCodesThatAreNone(t *testing.T) {
	o, p := in(enrolled)
	if got := row(o, p, noon); got.CodesLeft != nil {
		t.Errorf("never given: %d", *got.CodesLeft)
	}
	o, p = in()
	p.Facts = user.Facts{CodesGeneration: 2}
	if got := row(o, p, noon); got.CodesLeft != nil {
		t.Errorf("not enrolled any more: %d", *got.CodesLeft)
	}
}

// Nothing is stored of a status: the same facts, read a day later or under another policy, give another.
func TestAStatusIsOfTheMoment(t *testing.T) {
	o, p := in(forced, grace(31))
	if got := row(o, p, noon).Status; got != Pending {
		t.Errorf("today: %s", got)
	}
	if got := row(o, p, noon.AddDate(0, 0, 1)).Status; got != Overdue {
		t.Errorf("tomorrow: %s", got)
	}
	o.Policy.Status = org.Enabled
	if got := row(o, p, noon.AddDate(0, 0, 1)).Status; got != NotObliged {
		t.Errorf("under another policy: %s", got)
	}
}
