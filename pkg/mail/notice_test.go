package mail

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

func about(kind audit.Kind, id string) Order {
	e := audit.Event{ID: "e1", At: noon, Kind: kind, Organization: "acme", User: id}
	return Order{Kind: NoticeOrder, Organization: "acme", Reference: "e1", Event: e}
}

func TestWhoIsTold(t *testing.T) {
	ann := []string{"ann@example.com", "ann@home.example"}
	admins := []string{"adam@example.com", "eve@example.com"}
	for name, c := range map[string]struct {
		order Order
		want  []string
	}{
		"the user, at every address":            {about(audit.RecoveryUsed, "ann"), ann},
		"enrolment":                             {about(audit.UserEnrolled, "ann"), ann},
		"an authenticator":                      {about(audit.AuthenticatorAdded, "ann"), ann},
		"a code by an administrator":            {about(audit.BypassMade, "ann"), ann},
		"a suspension, administrators too":      {about(audit.UserSuspended, "ann"), slices.Concat(ann, admins)},
		"a trusted device":                      {about(audit.DeviceTrusted, "ann"), ann},
		"a stolen device, administrators too":   {about(audit.DeviceTheft, "ann"), slices.Concat(ann, admins)},
		"an exemption, administrators only":     {about(audit.UserExempted, "ann"), admins},
		"a later deadline, administrators only": {about(audit.GraceExtended, "ann"), admins},
		"exemptions of one call":                {about(audit.UsersExempted, ""), admins},
		"a weaker policy":                       {about(audit.PolicyChanged, ""), admins},
		"a user who is gone":                    {about(audit.RecoveryUsed, "bob"), nil},
	} {
		p := newPost(t)
		if err := p.Deliver(context.Background(), c.order); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := p.out.recipients(); !slices.Equal(got, c.want) {
			t.Errorf("%s: told %v, want %v", name, got, c.want)
		}
	}
}

func TestNobodyIsToldTwice(t *testing.T) {
	p := newPost(t)
	p.store.profile.RecoveryEmail = []byte("sealed:Ann@example.com")
	p.store.administrators[0].Email = "ann@example.com"
	for range 2 {
		if err := p.Deliver(context.Background(), about(audit.UserSuspended, "ann")); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"ann@example.com", "eve@example.com"}) {
		t.Errorf("told %v", got)
	}
}

// One address that fails keeps nobody else from being told, and is told alone when tried again.
func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	p := newPost(t)
	p.out.errs = []error{errDown}
	if err := p.Deliver(context.Background(), about(audit.RecoveryUsed, "ann")); fault.As(err).Kind != fault.Unavailable {
		t.Fatalf("got %v", err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"ann@home.example"}) {
		t.Fatalf("told %v", got)
	}
	if err := p.Deliver(context.Background(), about(audit.RecoveryUsed, "ann")); err != nil {
		t.Fatal(err)
	}
	if got := p.out.recipients(); !slices.Equal(got, []string{"ann@home.example", "ann@example.com"}) {
		t.Errorf("told %v", got)
	}
}

func TestNoticesInAnOutage(t *testing.T) {
	for name, fail := range map[string]func(*post){
		"reads":    func(p *post) { p.store.readErr = errDown },
		"contacts": func(p *post) { p.Contacts = opener{down: true} },
	} {
		p := newPost(t)
		fail(p)
		if err := p.Deliver(context.Background(), about(audit.RecoveryUsed, "ann")); fault.As(err).Kind != fault.Unavailable || len(p.out.sent) != 0 {
			t.Errorf("%s: %v, %d mails", name, err, len(p.out.sent))
		}
	}
	p := newPost(t)
	p.store.organization = nil
	if err := p.Deliver(context.Background(), about(audit.RecoveryUsed, "ann")); err != nil || len(p.out.sent) != 0 {
		t.Errorf("an organisation that is gone: %v, %d mails", err, len(p.out.sent))
	}
}

// Deliveries are named without telling the address.
func TestDeliveriesHoldNoAddress(t *testing.T) {
	p := newPost(t)
	order, _ := p.challenge(t, user.Recover, "ann@home.example")
	for _, o := range []Order{order, p.proposed(t), about(audit.UserSuspended, "ann")} {
		if err := p.Deliver(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.store.states) != 6 {
		t.Errorf("%d deliveries, want 6", len(p.store.states))
	}
	for delivery := range p.store.states {
		if strings.Contains(delivery, "@") {
			t.Errorf("%q tells an address", delivery)
		}
	}
}

// Administrators hear who exempted whom, until when and why.
func TestTheNoticeOfAnExemptionSaysWhoWhomUntilWhenAndWhy(t *testing.T) {
	e := about(audit.UserExempted, "ann").Event
	e.Actor, e.Key, e.Reason = "adam", "0123abcd", "phone lost"
	e.Details = map[string]string{"enforcement": "inherit → exempt until 1 December 2026, 12:00 UTC"}
	m := noticeLetter(acmeSays, "eve@example.com", e).message()
	for _, said := range []string{"adam", "ann", "1 December 2026, 12:00 UTC", "phone lost", "0123abcd"} {
		if !strings.Contains(m.Text, said) || !strings.Contains(m.HTML, said) {
			t.Errorf("%q is not said", said)
		}
	}
}

// Administrators hear who acts in whose place, why, until when, and how to end it; and what is done in it says so.
func TestTheNoticesOfAnImpersonation(t *testing.T) {
	e := about(audit.ImpersonationBegun, "").Event
	e.Actor, e.Subject, e.Session, e.Reason = "root", "adam", "0123abcd", "ticket 4711"
	e.Details = map[string]string{"system_administrator": "root", "in_the_place_of": "adam", "until": "1 December 2026, 12:15 UTC"}
	e.Role, e.Key = "system_admin", "4567"
	begun := noticeLetter(acmeSays, "eve@example.com", e).message()
	for _, said := range []string{"root", "adam", "ticket 4711", "0123abcd", "1 December 2026, 12:15 UTC", "end it"} {
		if !strings.Contains(begun.Text, said) || !strings.Contains(begun.HTML, said) {
			t.Errorf("its beginning: %q is not said", said)
		}
	}
	if strings.Count(begun.Text, "root") != 1 {
		t.Errorf("who it is, is said more than once:\n%s", begun.Text)
	}
	e = about(audit.UserExempted, "ann").Event
	e.Role, e.Actor, e.Subject, e.Session, e.Key = "system_admin", "root", "adam", "0123abcd", "4567"
	m := noticeLetter(acmeSays, "eve@example.com", e).message()
	if !strings.Contains(m.Text, "root, in the place of adam (impersonation 0123abcd)") || strings.Contains(m.Text, "4567") {
		t.Errorf("an exemption in an impersonation says:\n%s", m.Text)
	}
}

// Whatever administrators alone are told of names who did it, and what can be done about it: with the own key, by the vendor, or nobody.
func TestNoticesToAdministratorsSayWho(t *testing.T) {
	for _, kind := range eventKinds("notice.") {
		for _, c := range []struct {
			role, organization string
			said, unsaid       []string
		}{
			{"org_admin", "acme", []string{"Administrator: adam", "0123abcd"}, []string{"vendor:"}},
			{"system_admin", "acme", []string{"System administrator of the vendor: adam", "ask the vendor"}, []string{"0123abcd"}},
			{"system_admin", "", []string{"Administrator: adam", "0123abcd"}, nil},
			{audit.System, "acme", nil, []string{"adam", "0123abcd"}},
		} {
			e := audit.Event{ID: "e1", At: noon, Kind: kind, Organization: c.organization, Role: c.role, Actor: "adam", Key: "0123abcd"}
			if forThemOnly[kind] {
				e.User = "ann"
			}
			if kind == audit.ImpersonationBegun {
				continue // has a test of its own
			}
			text := noticeLetter(acmeSays, "eve@example.com", e).message().Text
			for _, said := range c.said {
				if !strings.Contains(text, said) {
					t.Errorf("%s by %s: %q is not said", kind, c.role, said)
				}
			}
			for _, unsaid := range c.unsaid {
				if strings.Contains(text, unsaid) {
					t.Errorf("%s by %s: %q is said", kind, c.role, unsaid)
				}
			}
		}
	}
}

// Whoever is told of a device recognises it by its name, and learns what a theft may be, and whose device it was.
func TestTheNoticesOfADevice(t *testing.T) {
	e := about(audit.DeviceTrusted, "ann").Event
	e.Claimed, e.Details = "192.0.2.1", map[string]string{"device": "0190c2d8-7f3e-4c1a-9b7e-0123456789ab", "name": "Kitchen", "until": "1 December 2026, 12:15 UTC"}
	trusted := noticeLetter(acmeSays, "ann@example.com", e).message()
	e.Kind = audit.DeviceTheft
	stolen := noticeLetter(acmeSays, "ann@example.com", e).message()
	for _, said := range []string{"Kitchen", "1 December 2026, 12:15 UTC", "192.0.2.1"} {
		if !strings.Contains(trusted.Text, said) || !strings.Contains(trusted.HTML, said) {
			t.Errorf("%q is not said", said)
		}
	}
	for _, said := range []string{"Kitchen", "a reply may have been lost", "change your password", "User: ann"} {
		if !strings.Contains(stolen.Text, said) {
			t.Errorf("a theft: %q is not said", said)
		}
	}
	if strings.Contains(trusted.Text, "0190c2d8") {
		t.Error("an id is shown to people")
	}
}

// Of another recovery email both addresses hear, whether the change waits or came into force at once; of everything else only
// those that hold or are about to.
func TestBothRecoveryEmailsHearOfTheChange(t *testing.T) {
	next := user.Contact{Sealed: []byte("sealed:ann@new.example")}
	for name, c := range map[string]struct {
		about audit.Kind
		from  time.Duration
		want  []string
	}{
		"waiting":                 {audit.RecoveryEmailChanged, time.Hour, []string{"ann@example.com", "ann@home.example", "ann@new.example"}},
		"at once":                 {audit.RecoveryEmailChanged, 0, []string{"ann@example.com", "ann@new.example", "ann@home.example"}},
		"something else, waiting": {audit.RecoveryUsed, time.Hour, []string{"ann@example.com", "ann@home.example", "ann@new.example"}},
		"something else, later":   {audit.RecoveryUsed, 0, []string{"ann@example.com", "ann@new.example"}},
	} {
		p := newPost(t)
		p.store.profile.NextRecovery = user.NextContact{Contact: next, From: noon.Add(c.from)}
		if err := p.Deliver(context.Background(), about(c.about, "ann")); err != nil {
			t.Fatal(err)
		}
		if got := p.out.recipients(); !slices.Equal(got, c.want) {
			t.Errorf("%s: told %v, want %v", name, got, c.want)
		}
	}
}
