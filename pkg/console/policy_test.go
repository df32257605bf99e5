package console_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func TestThePolicyInWords(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.opens("/policy").Sees(200, "Version 1", "may have one, or must. Optional", "as their second factor. Authenticator app", "not at all. None", "Two-factor authentication Granted",
		"App passwords Not granted", "Nobody has been counted yet", "Change the policy", "Otherwise it is offered. No")
	f.entitled()
	f.enacted(1, "bob", func(p *org.Policy) {
		p.Status, p.EnforceFrom, p.GraceDays, p.RememberDevice, p.AppPasswordServices = org.Forced, f.Clock.Now(), 1, true, []string{"imap", "pop"}
	})
	f.counted(map[user.Class]int{{}: 3, {Methods: "totp"}: 4, {Methods: "email"}: 2, {Services: "imap"}: 1})
	f.opens("/policy").Sees(200, "Version 2", "Set by bob", "or must. Required", "1 day", "imap, pop", "Countries that SMS may go to AT, DE", "500", "10 users are counted, 6 of them with a second factor",
		"Must set up a second factor first 0 4", "Asked for their second factor 4 4", "Have only a method that is not allowed 2 2", "imap 0 1")
}

func TestAPolicyIsTriedProposedAndConfirmed(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.counted(map[user.Class]int{{}: 3, {Methods: "totp"}: 4})
	p := f.edited("status", "forced", "grace_days", "14").Sees(200, "What it would do", "Nothing has been proposed yet", "Second factor Optional Required", "Days to set it up 0 days 14 days", "Let in, with time left to set up 3 0", "Must set up a second factor first 0 3")
	if strings.Contains(p.Text, "Weaker protection") || f.stands().Version != 1 {
		t.Error("trying it out changes something, or forcing is said to weaken")
	}
	p = f.Follow(f.sendsForm(p, "/policy/propose")).Sees(200, "Confirm the policy", "Second factor Optional Required", "We mailed a code to a•••@acme.example", "Tell the users")
	if strings.Contains(p.HTML, "autofocus") {
		t.Error("what it would do is scrolled away")
	}
	change := p.Path[strings.Index(p.Path, "/policy"):]
	p = f.sendsForm(p, change, "code", wrong(f.policyCode())).Sees(422, "The code was not accepted", "Tell the users")
	if _, values := filled(p, change); values.Get("announce") != "yes" {
		t.Error("the box was unticked by a wrong code")
	}
	p = f.sendsForm(p, change, "code", wrong(f.policyCode()), "announce", "").Sees(422)
	if _, values := filled(p, change); values.Get("announce") != "" {
		t.Error("the box was ticked by a wrong code")
	}
	path, values := filled(p, change)
	values.Set("code", f.policyCode())
	values.Set("announce", "yes")
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "The policy is changed", "or must. Required", "14 days", "Set by ann")
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "The policy is changed")
	f.Follow(f.opens(change)).Sees(200, "The policy is changed")
	f.opens("/announcements").Sees(200, "Who must have a second factor and has none")
	if s := f.stands(); s.Version != 2 || s.Status != org.Forced || s.GraceDays != 14 {
		t.Errorf("%+v", s)
	}
}

func TestAPolicyIsAnnouncedAsTheBoxSays(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.proposed("status", "forced").Sees(200)
	f.sendsForm(p, p.Path, "code", f.policyCode(), "announce", "").Sees(303)
	f.opens("/announcements").Sees(200, "Nothing has been announced yet")
	f.Clock.Advance(user.SendInterval)
	f.edited("enforce_from", "").Sees(200, "Nothing would be changed by this")
	p = f.proposed("grace_days", "3", "enforce_from", "").Sees(200, "Tell the users")
	if strings.Contains(p.Text, "Required from") {
		t.Error("a date that stays is said to change")
	}
	if _, values := filled(p, p.Path); values.Get("announce") != "" {
		t.Error("what forces already is announced unless somebody unticks it")
	}
	f.sendsForm(p, p.Path, "code", f.policyCode(), "announce", "yes").Sees(303)
	f.opens("/announcements").Sees(200, "Who must have a second factor and has none")
	f.Clock.Advance(user.SendInterval)
	p = f.proposed("status", "enabled").Sees(200, "Weaker protection")
	if strings.Contains(p.Text, "Tell the users") {
		t.Error("what demands nothing can be announced")
	}
	f.sendsForm(p, p.Path, "code", f.policyCode()).Sees(303)
	f.as(access.PolicyWrite)
	f.Clock.Advance(user.SendInterval)
	f.proposed("status", "forced").Sees(200, "Tell the users")
	f.enacted(1, "bob", func(p *org.Policy) { p.Status, p.EnforceFrom = org.Forced, f.Clock.Now() })
	f.Clock.Advance(user.SendInterval)
	if p = f.proposed("grace_days", "9").Sees(200); strings.Contains(p.Text, "Tell the users") {
		t.Error("offered to who may not announce")
	}
	f.sendsForm(p, p.Path, "code", f.policyCode(), "announce", "yes").Sees(303)
}

func TestWhatIsRefusedOfAPolicyIsSaidBesideIt(t *testing.T) {
	f := newFixture(t)
	f.entitled()
	f.ann()
	for field, c := range map[string][2]string{
		"grace_days":             {"many", "Enter the days to set it up"},
		"remember_days":          {"31", "Enter the days that a browser is trusted"},
		"methods":                {"", "Choose at least one method"},
		"enforce_from":           {"2020-01-01T00:00", "A date is only for"},
		"app_password_services":  {`<img src=x onerror=alert(1)>"'&`, "A service is named by"},
		"sms_countries":          {"DE", "Countries are only for codes by SMS"},
		"recovery.delay_hours":   {"169", "Enter the hours"},
		"retention.audit_days":   {"365", "or nothing"},
		"retention.sign_in_days": {"0", "from 1 to 90"},
		"outage":                 {"open", "cannot let users in without a second factor"},
		"status":                 {"maybe", "Choose one of the three."},
		"enrollment_proof":       {"none", "Choose one of the three proofs."},
	} {
		p := f.edited(field, c[0], "remember_device", "yes", "recovery.reenroll", "yes").Sees(422, c[1])
		id := `id="field-` + field + `-error"`
		if strings.Count(p.HTML, id) != 1 || strings.Count(p.HTML, c[1]) != 2 || strings.Contains(p.HTML, "<img src=x") {
			t.Errorf("%s: it is not said beside the field: %s", field, p.HTML)
		}
		_, kept := filled(p, "/policy/dry-run")
		if kept.Get("recovery.reenroll") != "yes" || kept.Get("remember_device") != "yes" {
			t.Errorf("%s: %v is left of what was typed", field, kept)
		}
		if field != "status" && field != "enrollment_proof" && field != "outage" && kept.Get(field) != c[0] {
			t.Errorf("%s: %q became of %q", field, kept.Get(field), c[0])
		}
	}
	f.edited("status", "forced", "sms_countries", "CH", "methods", "sms").Sees(422, "SMS to one of these countries are not granted")
	f.alter(func(o *org.Organization) { o.Entitlements = org.Entitlements{} })
	p := f.edited("status", "forced").Sees(422, "Two-factor authentication is not granted")
	for _, offered := range []string{"sms_countries", "app_password_services", "methods-sms"} {
		if strings.Contains(p.HTML, offered) {
			t.Errorf("%s is offered without being granted", offered)
		}
	}
	f.edited("methods", "totp+sms").Sees(422, "Codes by SMS are not granted")
	f.edited("app_password_services", "imap").Sees(422, "App passwords are not granted")
	if f.stands().Version != 1 {
		t.Error("something was changed")
	}
}

// Whatever is typed can be changed again, from where it is tried and from where it waits, and nothing of it is lost.
func TestWhatWasTypedStays(t *testing.T) {
	f := newFixture(t)
	f.entitled()
	f.ann()
	date := f.in(72 * time.Hour)
	tried := f.edited("status", "forced", "enforce_from", date, "grace_days", "7", "methods", "sms+email", "sms_countries", "de", "app_password_services", "IMAP pop", "recovery.saved_codes", "",
		"enrollment_proof", "ticket", "recovery_email_distinct", "yes", "retention.audit_days", "400").Sees(200, "Countries for SMS None DE", "None imap, pop", "Saved recovery codes Yes No")
	path, typed := filled(tried, "/policy/propose")
	again := f.Send(http.MethodPost, strings.Replace(path, "/propose", "/edit", 1), typed).Sees(200, "Change the policy")
	_, kept := filled(again, "/policy/dry-run")
	waits := f.Follow(f.Send(http.MethodPost, path, typed)).Sees(200, "Confirm the policy")
	_, later := filled(f.sendsForm(waits, "/policy/edit").Sees(200, "Change the policy"), "/policy/dry-run")
	for name, want := range map[string]string{"enforce_from": date, "grace_days": "7", "enrollment_proof": "ticket", "recovery_email_distinct": "yes", "retention.audit_days": "400", "status": "forced", "recovery.saved_codes": ""} {
		if kept.Get(name) != want || later.Get(name) != want {
			t.Errorf("%s: %q and %q, want %q", name, kept.Get(name), later.Get(name), want)
		}
	}
	if !slices.Equal(kept["methods"], []string{"email", "sms"}) || kept.Get("sms_countries") != "de" || later.Get("sms_countries") != "DE" || later.Get("app_password_services") != "imap, pop" {
		t.Errorf("%v\n%v", kept, later)
	}
}

// A proposal is made from what stands, or not at all; whoever comes second sees what the first has changed, and loses nothing.
func TestSomebodyElseChangesThePolicyMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.enacted(1, "ann", func(p *org.Policy) {})
	editor := f.opens("/policy/edit")
	tried := f.edited("grace_days", "9").Sees(200)
	waits := f.proposed("grace_days", "11").Sees(200)
	f.enacted(1, "bob", func(p *org.Policy) { p.RememberDevice = true })
	for name, p := range map[string]visitor.Page{
		"tried":    f.sendsForm(editor, "/policy/dry-run", "grace_days", "5"),
		"proposed": f.sendsForm(tried, "/policy/propose", "grace_days", "5"),
	} {
		p.Sees(409, "The policy has been changed meanwhile", "bob changed the policy", "What was changed meanwhile", "Trust browsers Weaker protection No Yes")
		path, kept := filled(p, "/policy/dry-run")
		if kept.Get("grace_days") != "5" || kept.Get("base") != "3" {
			t.Errorf("%s: %v", name, kept)
		}
		f.Send(http.MethodPost, path, kept).Sees(200, "Trust browsers Yes No", "Days to set it up 0 days 5 days")
	}
	if p := f.opens(waits.Path[strings.Index(waits.Path, "/policy"):]).Sees(409, "The policy has been changed meanwhile", "Change what I entered"); strings.Contains(p.Text, "Confirm with a code") {
		t.Error("it can still be confirmed")
	}
	p := f.sendsForm(waits, waits.Path, "code", f.policyCode()).Sees(409, "The policy has been changed meanwhile")
	p = f.sendsForm(p, "/policy/edit").Sees(409, "bob changed the policy")
	if _, kept := filled(p, "/policy/dry-run"); kept.Get("grace_days") != "11" {
		t.Errorf("%v", kept)
	}
	for _, base := range []string{"", "x", "-1", "99", "9223372036854775807"} {
		f.sendsForm(editor, "/policy/dry-run", "base", base).Sees(409, "bob changed the policy")
	}
	f.store.FailNext(memstore.Policies, false, errPolicyDown)
	for _, base := range []string{"0", "3", "9223372036854775807"} {
		if p := f.sendsForm(editor, "/policy/dry-run", "base", base); p.Status == http.StatusServiceUnavailable {
			t.Errorf("%s: what never stood is looked for", base)
		}
	}
	f.sendsForm(editor, "/policy/dry-run").Sees(503)
	if f.stands().Version != 3 {
		t.Error("something was changed")
	}
}

func TestWhoForcesWithoutHavingOneIsAsked(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.Login(t, "eve")
	f.Link(t, "ann", "eve")
	tried := f.edited("status", "forced", "grace_days", "5").Sees(200)
	p := f.sendsForm(tried, "/policy/propose").Sees(409, "You are a user here too and have no second factor", "I know that I have no second factor myself")
	p = f.sendsForm(p, "/policy/propose").Sees(409, "I know that I have no second factor myself")
	p = f.Follow(f.sendsForm(p, "/policy/propose", "know", "yes")).Sees(200, "Confirm the policy", "How do you confirm?", "With a code of my authenticator app")
	f.sendsForm(p, p.Path, "code", "123456", "by", "totp").Sees(422, "No authenticator of yours is known here")
	f.sendsForm(p, p.Path, "code", f.policyCode(), "by", "email").Sees(303)
}

func TestACodeThatIsWrongTooOftenEndsTheProposal(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.edited().Sees(200, "Nothing would be changed by this")
	f.Follow(f.sendsForm(f.edited(), "/policy/propose")).Sees(422, "Nothing would be changed by this")
	p := f.proposed("grace_days", "5").Sees(200)
	f.sendsForm(p, p.Path, "code", "12").Sees(422, "A mailed code has eight digits")
	f.Clock.Advance(stepup.Life)
	path := p.Path[strings.Index(p.Path, "/policy"):]
	f.opens(path).Sees(409, "This has ended", "Change what I entered", "Days to set it up 0 days 5 days")
	f.sendsForm(p, p.Path, "code", f.policyCode()).Sees(409, "This has ended")
	for days := range user.SendLimit {
		f.proposed("grace_days", strconv.Itoa(days+1)).Sees(200)
	}
	f.sendsForm(f.edited("grace_days", "6"), "/policy/propose").Sees(429, "Too many codes were mailed lately", "Days to set it up 0 days 6 days")
	f.opens("/policy/changes/abcdef").Sees(404)
	f.opens("/policy/changes/" + strings.Repeat("x", 500)).Sees(404)
	if f.stands().Version != 1 {
		t.Error("something was changed")
	}
}

// What a key may not do is not offered to it, and refused.
func TestThePolicyIsOfferedToWhomItIsFor(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.counted(map[user.Class]int{{}: 3})
	tried := f.edited("grace_days", "5")
	waits := f.Follow(f.sendsForm(tried, "/policy/propose"))
	for name, in := range map[string]func(){"no policy:write": func() { f.as(access.ReportsRead) }, "root": f.root} {
		in()
		if p := f.opens("/policy").Sees(200, "Let in without a second factor"); strings.Contains(p.HTML, "/policy/edit") || !strings.Contains(p.HTML, "/policy/users?group=let_in") {
			t.Errorf("%s: %s", name, p.HTML)
		}
		f.opens("/policy/edit").Sees(403)
		f.sendsForm(tried, "/policy/propose").Sees(403)
		f.sendsForm(waits, "/policy/edit").Sees(403)
		f.sendsForm(waits, waits.Path, "code", f.policyCode()).Sees(403)
		f.opens(waits.Path[strings.Index(waits.Path, "/policy"):]).Sees(403)
		f.opens("/policy/history").Sees(200)
		path, values := filled(tried, "/policy/propose")
		f.Send(http.MethodPost, strings.Replace(path, "/propose", "/dry-run", 1), values).Sees(403)
	}
	f.as(access.PolicyWrite)
	if p := f.opens("/policy").Sees(200, "Let in without a second factor 3 3"); strings.Contains(p.HTML, "/policy/users") {
		t.Error("who they are is offered without reports:read")
	}
	f.opens("/policy/users?group=let_in").Sees(403)
	f.ann()
	f.Send(http.MethodGet, "/console/organizations/globex.example/policy", nil).Sees(404)
	f.Send(http.MethodGet, "/console/organizations/globex.example/policy/users?group=let_in", nil).Sees(404)
	f.AddAdministrator(t, "bob")
	f.signedIn(f.AddAdministrator(t, "cyd"), anOrganization, "cyd")
	f.opens(waits.Path[strings.Index(waits.Path, "/policy"):]).Sees(404)
}

// Whatever fails is said to be temporary, and the same request goes through afterwards, once.
func TestAFailureOfThePolicyLosesNothing(t *testing.T) {
	f := newFixture(t)
	f.ann()
	tried := f.edited("grace_days", "5")
	path, values := filled(tried, "/policy/propose")
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.Counts, memstore.WriteOrganization} {
		f.store.FailNext(op, false, errPolicyDown)
		if p := f.Send(http.MethodPost, path, values).Sees(503, "Nothing is lost"); strings.Contains(p.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	f.store.FailNext(memstore.WriteOrganization, true, errPolicyDown)
	f.Send(http.MethodPost, path, values).Sees(503)
	waits := f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "Confirm the policy")
	confirm, code := filled(waits, waits.Path)
	code.Set("code", f.policyCode())
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.Counts, memstore.WriteOrganization} {
		f.store.FailNext(op, op == memstore.WriteOrganization, errPolicyDown)
		f.Send(http.MethodPost, confirm, code).Sees(503)
	}
	f.Send(http.MethodPost, confirm, code).Sees(303)
	if s := f.stands(); s.Version != 2 || s.GraceDays != 5 {
		t.Errorf("%+v", s)
	}
	for page, ops := range map[string][]memstore.Operation{
		"/policy": {memstore.ReadOrganization, memstore.Counts}, "/policy/edit": {memstore.ReadOrganization}, "/policy/history": {memstore.Policies},
		"/policy/users?group=verify": {memstore.Users}, "/announcements": {memstore.Announcements}, "/announcements/one?id=0a": {memstore.Announcement},
	} {
		for _, op := range ops {
			f.store.FailNext(op, false, errPolicyDown)
			f.opens(page).Sees(503)
		}
	}
}

// Who acts in an administrator's place proposes and confirms with a code of their own, and no other session sees what waits.
func TestAPolicyIsChangedInSomebodysPlace(t *testing.T) {
	f := newFixture(t)
	f.ann()
	mine := f.proposed("grace_days", "3").Sees(200)
	begun, err := f.People.Impersonate(t.Context(), f.System, anOrganization, "ann", "ticket 12")
	f.must(err)
	f.inPlace(begun)
	f.opens(mine.Path[strings.Index(mine.Path, "/policy"):]).Sees(404)
	p := f.proposed("grace_days", "5").Sees(200, "root is acting as ann", "We mailed a code to r•••@vendor.example")
	if strings.Contains(p.Text, "authenticator app, code") || strings.Contains(p.Text, "How do you confirm?") {
		t.Error("an authenticator is offered")
	}
	f.Follow(f.sendsForm(p, p.Path, "code", f.codeOf(access.VendorHome, "root"))).Sees(200, "The policy is changed", "Set by root for ann")
	f.ann()
	f.opens(p.Path[strings.Index(p.Path, "/policy"):]).Sees(404)
}
