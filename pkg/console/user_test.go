package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/signin"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// one opens the page of a user.
func (f *fixture) one(id string) visitor.Page {
	f.t.Helper()
	return f.opens("/users/one?user=" + url.QueryEscape(id))
}

// factors changes a user's by hand.
func (f *fixture) factors(id string, change func(x *user.Factors)) {
	f.t.Helper()
	x := f.Factors(f.t, id).Next()
	change(&x)
	f.must(f.store.Write(f.t.Context(), user.Change{Factors: &x}))
}

// furnished is a world in which eve has a device and an app password besides her app.
func furnished(t *testing.T) *fixture {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.registered("bea")
	f.changes(func(o *org.Organization) {
		o.Policy.RememberDevice, o.Policy.RememberDays = true, 30
		o.Entitlements.AppPasswords, o.Policy.AppPasswordServices = true, []string{"imap"}
	})
	_, err := f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, eve), Way: "totp", Code: f.Code(t, secret), Remember: &login.Remember{Name: "Work laptop"}})
	f.must(err)
	f.must(f.store.Write(t.Context(), user.Change{AppPasswords: &user.AppPasswords{
		Organization: storetest.Organization, User: eve, Rev: 1, All: []user.AppPassword{{ID: "abcdef0123456789", Service: "imap", Name: "Old phone", Way: org.TOTP, CreatedAt: f.Clock.Now()}},
	}}))
	f.ann()
	return f
}

func TestWhatIsSaidOfAUser(t *testing.T) {
	f := furnished(t)
	f.changed(eve, func(p *user.Profile) { p.Language, p.Services = "de", []string{"imap"} })
	p := f.one(eve).Sees(200, "User eve", "Asked for a second factor", "The user has a second factor that the policy allows.", "Second factor, with an allowed method", "Authenticator app",
		"user@acme.example", "p•••@home.example", "22 November 2026, 12:00 UTC", "Recovery codes left 10", "Language de", "Other services seen imap", "May switch it off Yes",
		"Work laptop", "198.51.100.7", "22 December 2026", "Old phone", "imap", "As the policy says", "Latest events", "No code was judged lately")
	if strings.Contains(p.Text, "Deadline") || strings.Contains(p.Text, "Locked until") {
		t.Errorf("what does not hold is said: %s", p.Text)
	}
}

// Whatever a login would be answered is explained.
func TestAnswersInWords(t *testing.T) {
	for name, c := range map[string]struct {
		who  string
		with func(f *fixture)
		want []string
	}{
		"free":     {"bea", func(*fixture) {}, []string{"Let in", "has no second factor, and need not have one", "Not obliged"}},
		"disabled": {"bea", func(f *fixture) { f.changes(func(o *org.Organization) { o.Policy.Status = org.Disabled }) }, []string{"Let in", "switched off"}},
		"not entitled": {"bea", func(f *fixture) { f.changes(func(o *org.Organization) { o.Entitlements.TwoFactor = false }) },
			[]string{"Let in", "is not available for this organisation"}},
		"in grace": {"bea", func(f *fixture) {
			f.changes(func(o *org.Organization) { o.Policy.Status, o.Policy.GraceDays = org.Forced, 7 })
		}, []string{"Let in", "still has time", "Until 29 November 2026, 12:00 UTC", "Deadline for setting up 29 November 2026, 12:00 UTC"}},
		"forced": {"bea", func(f *fixture) { f.changes(func(o *org.Organization) { o.Policy.Status = org.Forced }) }, []string{"Must set one up first", "requires a second factor of everybody"}},
		"required": {"bea", func(f *fixture) {
			f.changed("bea", func(p *user.Profile) { p.Enforcement.Kind, p.Enforcement.SetBy = user.Required, "ann" })
		}, []string{"Must set one up first", "requires a second factor of this user", "Second factor Required"}},
		"locked": {eve, func(f *fixture) {
			f.factors(eve, func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Hour) })
		}, []string{"Refused", "It ends by itself", "Locked until 22 November 2026, 13:00 UTC"}},
		"suspended": {eve, func(f *fixture) { f.factors(eve, func(x *user.Factors) { x.Throttle.Consecutive = 100 }) }, []string{"Refused", "Suspended", "until the user recovers or is reset"}},
		"an old method": {eve, func(f *fixture) {
			f.changes(func(o *org.Organization) { o.Policy.Methods, o.Policy.Status = []org.Method{org.Email}, org.Forced })
		},
			[]string{"only methods that the policy no longer allows", "And then Must set one up first", "May switch it off No"}},
	} {
		f := furnished(t)
		c.with(f)
		if p := f.one(c.who); p.Status != 200 {
			t.Errorf("%s: %d", name, p.Status)
		} else {
			p.Sees(200, c.want...)
		}
	}
}

func TestWhomThereIsNot(t *testing.T) {
	f := furnished(t)
	for _, query := range []string{"?user=nobody", "", "?user=", "?user=%ff", "?user=a%0ab", "?user=" + strings.Repeat("a", 129), "?user=eve&user=bea", "?user=%20eve"} {
		f.opens("/users/one"+query).Sees(404, "No such user", "There is no such user in this organisation", "Back to the users")
	}
	f.store.FailNext(memstore.Read, false, errDown) // whom there cannot be nobody reads
	for _, action := range []string{"reset", "bypass", "require", "device", "devices", "end_grace"} {
		f.sends("/users/one/"+action, url.Values{"user": {"a\nb"}, "reason": {"r"}, "life": {"60"}, "of": {"x"}}).Sees(404, "No such user")
	}
	f.one("\xff").Sees(404, "No such user")
	f.one(eve).Sees(503)
	f.sends("/users/one/reset", url.Values{"user": {"nobody"}, "reason": {"r"}}).Sees(404, "No such user")
	f.sends("/users/one/bypass", url.Values{"user": {"nobody"}, "reason": {"r"}, "life": {"60"}}).Sees(404, "No such user")
	f.sends("/users/one/devices", url.Values{}).Sees(404, "No such user")
	f.Follow(f.sends("/users/one/device", url.Values{"user": {"nobody"}, "of": {"x"}})).Sees(404, "No such user")
	f.Follow(f.opens("/users/one/reset")).Sees(200, "Users")
	f.Send(http.MethodGet, "/console/organizations/other.example/users/one?user=eve", nil).Sees(404)
}

// Ids are the application's, and hold what they like.
func TestStrangeIds(t *testing.T) {
	f := furnished(t)
	for _, strange := range []string{" eve ", "a/b?c=d&e#f", "~", "..", "é😀", hostile, "a+b%20c"} {
		f.registered(strange)
		to := linkTo(f.opens("/users"), "<bdi>"+strange+"</bdi>")
		if to == "" {
			t.Fatalf("%q is not listed", strange)
		}
		p := f.Send(http.MethodGet, to, nil).Sees(200)
		f.Follow(f.Post(p, "require", "reason", "r")).Sees(200, "A second factor is required of this user.")
		if e := f.profile(strange).Enforcement; e.Kind != user.Required {
			t.Errorf("%q: %+v", strange, e)
		}
	}
	if f.profile(eve).Enforcement.Kind != user.Inherit {
		t.Error("somebody else was changed")
	}
}

func TestWhatIsSetForAUser(t *testing.T) {
	f := furnished(t)
	p := f.one("bea")
	for _, absent := range []string{"inherit", "end_grace", "bypass", "ticket"} {
		if strings.Contains(p.HTML, "/users/one/"+absent+`"`) {
			t.Errorf("%s is offered, and would change nothing", absent)
		}
	}
	done := f.Follow(f.Post(p, "require", "reason", "leak")).Sees(200, "A second factor is required of this user.", "By ann", "Reason leak", "Must set one up first")
	f.Follow(f.Post(p, "require", "reason", "leak")).Sees(200, "This stood already. Nothing was changed.")
	f.Follow(f.Post(done, "inherit")).Sees(200, "What was set is cleared.", "Let in")
	p = f.one("bea")
	f.Post(p, "exempt", "until", "2026-12-24", "reason", "").Sees(422, "an exemption needs one")
	wrong := f.Post(p, "exempt", "until", "2027-12-24", "reason", "kept").Sees(422, "within the next 90 days")
	if !strings.Contains(wrong.HTML, "<details open><summary>Exempt") || strings.Count(wrong.HTML, "<details open>") != 1 || !strings.Contains(wrong.HTML, `value="kept"`) || strings.Count(wrong.HTML, `value="kept"`) != 1 {
		t.Errorf("what was typed is not on show: %s", wrong.HTML)
	}
	f.Follow(f.Post(p, "exempt", "until", "2026-12-24", "reason", "abroad")).Sees(200, "The user is exempt.", "Exempt until 25 December 2026, 00:00 UTC", "Reason abroad")
	f.Post(p, "grace", "until", "2026-11-01", "reason", "r").Sees(422, "must be today or later")
	p = f.Follow(f.Post(p, "grace", "until", "2026-12-24", "reason", "leave")).Sees(200, "The time is extended.", "Time extended until 25 December 2026, 00:00 UTC", "Reason leave")
	f.Post(p, "grace", "until", "2026-12-20", "reason", "r").Sees(422, "has a later deadline already")
	for range 2 {
		p2 := f.Follow(f.Post(p, "end_grace")).Sees(200, "The extended time has ended.")
		if strings.Contains(p2.Text, "25 December 2026, 00:00 UTC By ann , 22 November 2026, 12:00 UTC Reason leave") || !f.profile("bea").Grace.Until.IsZero() {
			t.Error("it has not")
		}
	}
}

func TestAUserIsReset(t *testing.T) {
	f := furnished(t)
	p := f.one(eve)
	f.Post(p, "reset", "reason", "").Sees(422, "Give a reason")
	f.Post(p, "reset", "reason", "two\nlines").Sees(422, "Give a reason")
	f.Post(p, "reset", "reason", strings.Repeat("a", 201)).Sees(422, "Give a reason")
	if len(f.Factors(t, eve).Authenticators) != 1 {
		t.Fatal("reset without a reason")
	}
	after := f.Follow(f.Post(p, "reset", "reason", "lost phone")).Sees(200, "The user is reset, and told so.", "This user has no second factor.", "p•••@home.example")
	if strings.Contains(after.Text, "Work laptop") || strings.Contains(after.Text, "Old phone") || len(f.Factors(t, eve).Authenticators) != 0 {
		t.Errorf("something is left: %s", after.Text)
	}
	f.Follow(f.Post(p, "reset", "reason", "lost phone", "clear", "yes")).Sees(200, "Recovery email None")
	if e := f.events(audit.UserReset); len(e) != 2 || e[0].Reason != "lost phone" || e[1].Details["recovery_email"] != "cleared" {
		t.Errorf("%+v", e)
	}
	for range stepup.FreeUsers - 2 {
		f.Follow(f.Post(p, "reset", "reason", "r")).Sees(200)
	}
	eleventh := f.Post(p, "reset", "reason", "kept as typed", "clear", "yes").Sees(409, "ask for an allowance first", "Ask for an allowance")
	if linkTo(eleventh, "Ask for an allowance (in a new tab), then go on here") == "" || !strings.Contains(eleventh.HTML, `value="kept as typed"`) || !strings.Contains(eleventh.HTML, `value="yes" checked`) {
		t.Errorf("no way on, or what was typed is lost: %s", eleventh.HTML)
	}
}

var secretText = regexp.MustCompile(`id="code">([0-9 ]+)</p>`)

func TestABypassCodeIsShownOnce(t *testing.T) {
	f := furnished(t)
	p := f.one(eve)
	f.Post(p, "bypass", "reason", "", "life", "60").Sees(422, "Give a reason")
	f.Post(p, "bypass", "reason", "r", "life", "600000").Sees(422, "Choose one of the times")
	f.Post(p, "bypass", "reason", "r", "life", "").Sees(422, "Choose one of the times")
	if len(f.events(audit.BypassMade)) != 0 {
		t.Fatal("made")
	}
	path, values := p.Form("bypass")
	values.Set("reason", "lost phone")
	values.Set("life", "240")
	made := f.Send(http.MethodPost, path, values, "Accept-Encoding", "gzip").Sees(200, "This code lets the user in once", "eve", "22 November 2026, 16:00 UTC", "Copy", "Print")
	if made.Header.Get("Content-Encoding") != "" || made.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", made.Header)
	}
	code := made.Found(secretText)
	if after := f.one(eve); strings.Contains(after.HTML, code) || strings.Contains(f.logs.String(), code) {
		t.Error("it is shown again, or logged")
	}
	_, err := f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, eve), Way: string(login.Bypass), Code: code})
	f.must(err)
	if e := f.events(audit.BypassMade); len(e) != 1 || e[0].Reason != "lost phone" || e[0].Actor != "ann" {
		t.Errorf("%+v", e)
	}
	f.Follow(f.Post(p, "reset", "reason", "r"))
	f.Post(p, "bypass", "reason", "r", "life", "60").Sees(409, "there is nothing to bypass")
}

func TestATicketIsShownOnce(t *testing.T) {
	f := furnished(t)
	f.changes(func(o *org.Organization) { o.Policy.EnrollmentProof = org.ProofTicket })
	p := f.one("bea")
	made := f.Post(p, "ticket", "reason", "first day", "life", "4320").Sees(200, "enters this when setting up", "bea", "25 November 2026, 12:00 UTC")
	if code := made.Found(secretText); strings.Contains(f.one("bea").HTML, code) {
		t.Error("it is shown again")
	}
	f.changes(func(o *org.Organization) { o.Policy.EnrollmentProof = org.ProofLoginEmail })
	f.Post(p, "ticket", "reason", "r", "life", "4320").Sees(409, "The policy asks for no tickets.")
	if strings.Contains(f.one("bea").HTML, `/users/one/ticket"`) || strings.Contains(f.one(eve).HTML, `/users/one/ticket"`) {
		t.Error("tickets are offered where none are asked for")
	}
}

func TestDevicesAndAppPasswordsAreTakenAway(t *testing.T) {
	f := furnished(t)
	p := f.one(eve)
	for range 2 { // the second time, the first answer was lost
		after := f.Follow(f.Post(p, "device")).Sees(200, "This browser is trusted no more.")
		if strings.Contains(after.Text, "Work laptop") {
			t.Error("it is still there")
		}
		after = f.Follow(f.Post(p, "app_password")).Sees(200, "The app password has ended.")
		if strings.Contains(after.Text, "Old phone") {
			t.Error("it is still there")
		}
	}
	if len(f.events(audit.DeviceRevoked)) != 1 || len(f.events(audit.AppPasswordRevoked)) != 1 {
		t.Error("not once each")
	}
	f = furnished(t)
	f.Follow(f.Post(f.one(eve), "devices")).Sees(200, "No browser of this user is trusted any more.")
	if len(f.events(audit.DevicesRevoked)) != 1 {
		t.Error("nothing was revoked")
	}
}

func TestMailArrivesAgain(t *testing.T) {
	f := furnished(t)
	if strings.Contains(f.one(eve).HTML, `/deliverable"`) {
		t.Error("it is said of addresses that are well")
	}
	f.changed(eve, func(p *user.Profile) {
		p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Email: "user@acme.example"})
	})
	f.opens("/users").Sees(200, "Login address: it does not exist, or takes no mail")
	p := f.one(eve).Sees(200, "Trouble with addresses", "Login address: it does not exist, or takes no mail")
	p = f.Follow(f.Post(p, "deliverable")).Sees(200, "It is noted that mail arrives again.")
	if strings.Contains(p.Text, "it does not exist") || len(f.events(audit.UserDeliverable)) != 1 {
		t.Error("it is not noted")
	}
}

func TestWhatHappenedLately(t *testing.T) {
	f := furnished(t)
	f.store.AddSignIns(t.Context(), []signin.Entry{
		{Organization: storetest.Organization, User: eve, At: f.Clock.Now().Truncate(time.Second), ID: signin.IDOf(eve, "", 1), Outcome: signin.Wrong, Way: "totp", Address: "203.0.113.9"},
		{Organization: storetest.Organization, User: "bea", At: f.Clock.Now().Truncate(time.Second), ID: signin.IDOf("bea", "", 1), Outcome: signin.Right, Way: "bypass_code", Address: "203.0.113.77"},
	}, func(signin.Entry) time.Time { return f.Clock.Now().Add(day) })
	f.Follow(f.Post(f.one(eve), "require", "reason", "because of the leak"))
	p := f.one(eve).Sees(200, "Wrong", "203.0.113.9", "because of the leak", "See all")
	if strings.Contains(p.Text, "203.0.113.77") || !strings.Contains(p.HTML, "/audit?user=eve") || !strings.Contains(p.HTML, "/sign-ins?user=eve") {
		t.Error("somebody else's is shown, or there is no way to all")
	}
	f.one("bea").Sees(200, "Bypass code", "Right")
}

// Every part is for who may see it, and every form for who may send it; the services judge those who send one all the same.
func TestEachPartIsForWhoMay(t *testing.T) {
	f := furnished(t)
	f.changed(eve, func(p *user.Profile) {
		p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Email: "user@acme.example"})
	})
	full := f.one(eve)
	writes, resets := []string{"require", "exempt", "grace", "device", "devices", "app_password", "deliverable"}, []string{"reset", "bypass"}
	all := append(append([]string{}, writes...), resets...)
	for _, action := range all {
		full.Form(action)
	}
	for name, c := range map[string]struct {
		may     []access.Permission
		sees    []string
		lacks   []string
		refused []string
	}{
		"reports alone": {[]access.Permission{access.ReportsRead}, []string{"Asked for a second factor"}, []string{"What you may do", "Work laptop", "Latest events", "Latest sign-ins", "home.example", `method="post"`}, all},
		"and users":     {[]access.Permission{access.ReportsRead, access.UsersWrite}, []string{"Work laptop", "Exempt"}, []string{"Make a bypass code", "Latest events"}, resets},
		"and resets":    {[]access.Permission{access.ReportsRead, access.UsersReset}, []string{"Make a bypass code"}, []string{"<summary>Exempt", "Work laptop"}, writes},
		"and the audit": {[]access.Permission{access.ReportsRead, access.AuditRead}, []string{"Latest events", "Latest sign-ins"}, []string{"What you may do", "Work laptop"}, all},
	} {
		f.bob(c.may...)
		f.judged(name, full, c.sees, c.lacks, c.refused)
	}
	f.root()
	f.judged("a system administrator", full, []string{"Asked for a second factor", "Latest events"}, []string{"What you may do", "Work laptop", `method="post"`}, all)
	f.bob(access.UsersWrite, access.UsersReset, access.AuditRead)
	f.one(eve).Sees(403)
}

// judged holds a page to what it shows, and lacks, and what the caller may not send from the page of somebody who may.
func (f *fixture) judged(name string, full visitor.Page, sees, lacks, refused []string) {
	f.t.Helper()
	p := f.one(eve).Sees(200, sees...)
	for _, absent := range lacks {
		if strings.Contains(p.HTML, absent) {
			f.t.Errorf("%s: %q is there", name, absent)
		}
	}
	before := f.profile(eve).Rev
	for _, action := range refused {
		if got := f.Post(full, action, "until", "2026-12-24", "reason", "r", "life", "60"); got.Status != 403 {
			f.t.Errorf("%s: %s: %d", name, action, got.Status)
		}
	}
	if f.profile(eve).Rev != before || len(f.Factors(f.t, eve).Authenticators) != 1 {
		f.t.Errorf("%s: something was done", name)
	}
}

func TestFailuresOfOneUser(t *testing.T) {
	f := furnished(t)
	p := f.one(eve)
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Read, memstore.Devices, memstore.Activity, memstore.Events, memstore.SignIns} {
		f.store.FailNext(op, false, errDown)
		if s := f.one(eve).Sees(503); strings.Contains(s.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	for _, action := range []string{"devices", "app_password", "require", "exempt", "grace", "bypass", "reset"} {
		f.failing(p, action)
	}
	other := furnished(t)
	other.failing(other.one(eve), "device")
	f.store.FailNext(memstore.Write, false, user.ErrConflict)
	f.Follow(f.Post(f.one(eve), "inherit")).Sees(200, "What was set is cleared.")
	for range 3 {
		f.store.FailNext(memstore.Write, false, user.ErrConflict)
	}
	f.Post(f.one("bea"), "require", "reason", "kept").Sees(409, "Something else changed this at the same moment")
}

// failing sends a form while the store fails, and then while it does not.
func (f *fixture) failing(p visitor.Page, action string) {
	f.t.Helper()
	sent := []string{"until", "2026-12-24", "reason", "r", "life", "60"}
	for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
		f.store.FailNext(op, false, errDown)
		f.Post(p, action, sent...).Sees(503, "Nothing is lost")
	}
	if got := f.Follow(f.Post(p, action, sent...)); got.Status != 200 {
		f.t.Errorf("%s, afterwards: %d", action, got.Status)
	}
}
