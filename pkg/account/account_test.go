package account_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// settled is a world in which eve has an app, an organisation offers everything, and her page is open.
func settled(t *testing.T) (*fixture, visitor.Page) {
	t.Helper()
	f := newFixture(t)
	f.secret = f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) {
		p.Methods, p.RememberDevice, p.RememberDays = []org.Method{org.TOTP, org.Email}, true, 7
		p.Recovery.SavedCodes, p.Recovery.DelayHours, p.AppPasswordServices = true, 72, []string{"imap", "smtp"}
	})
	f.entitled()
	return f, f.enter().Sees(200, "Your security settings", "You are signed in as u•••@acme.example.")
}

var (
	secretText   = regexp.MustCompile(`id="secret">([A-Z2-7 ]+)<`)
	passwordText = regexp.MustCompile(`id="password">([^<]+)<`)
)

func TestTheOverviewShowsWhatThereIs(t *testing.T) {
	_, p := settled(t)
	p.Sees(200, "Two-factor authentication is on", "Authenticator app", "It is p•••@home.example.", "10 not used yet", "No browser is trusted", "App passwords",
		"Two-factor authentication is on", "What happened lately", "Announcements", "Back to crm.acme.example")
	if !strings.Contains(p.HTML, `href="`+storetest.ReturnAddress+`"`) {
		t.Error("no way back")
	}
}

func TestWhatThePolicyDoesNotAllowIsNotOffered(t *testing.T) {
	f, p := settled(t)
	for _, link := range []string{"/add", "/off", "/codes", "/password", "/recovery"} {
		if !strings.Contains(p.HTML, `href="`+below(p, link)+`"`) {
			t.Errorf("no %s", link)
		}
	}
	f.policy(func(p *org.Policy) {
		p.Status, p.Methods, p.RememberDevice, p.AppPasswordServices, p.Recovery.SavedCodes = org.Forced, []org.Method{org.Email}, false, nil, false
	})
	p = f.opens(p, "").Sees(200, "Your organisation asks for a second factor, so it cannot be switched off")
	for _, link := range []string{"/off", "/codes", "/password", "/browsers"} {
		if strings.Contains(p.HTML, below(p, link)+`"`) {
			t.Errorf("%s is offered", link)
		}
		if link != "/browsers" {
			f.Follow(f.opens(p, link)).Sees(200, "Your security settings")
		}
	}
}

func TestAMethodIsAddedNamedPreferredAndRemoved(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/add").Sees(200, "Add a method", "Six-digit code from your authenticator app", "Code by mail")
	p = f.Follow(f.proven(p, "add", "method", "email")).Sees(200, "Confirm codes by mail", "p•••@home.example")
	p = f.Post(p, "confirm", "code", "00000000").Sees(422, "This code was not accepted")
	p = f.Follow(f.Post(p, "confirm", "code", f.code(user.By(user.Confirm, org.Email)), "name", "Letters")).Sees(200, "The method is added.", "Letters", "Offered first")
	mail := f.Factors(t, eve).Authenticators[1].ID
	p = f.opens(p, "/method?of="+mail).Sees(200, "Letters", "Remove this method")
	f.Post(p, "rename", "name", strings.Repeat("x", 61)).Sees(422, "A name is one line of at most 60 characters.")
	p = f.Follow(f.Post(p, "rename", "name", "Mailbox")).Sees(200, "The name is saved.", "Mailbox")
	p = f.opens(p, "/method?of="+mail)
	p = f.Follow(f.Post(p, "default")).Sees(200, "This method is offered first")
	if f.Factors(t, eve).Authenticators[0].ID != mail {
		t.Error("another one is the default")
	}
	p = f.opens(p, "/method?of="+mail+"&by=totp")
	p = f.Follow(f.proven(p, "method")).Sees(200, "The method is removed.")
	if n := len(f.Factors(t, eve).Authenticators); n != 1 {
		t.Errorf("%d are left", n)
	}
	p = f.opens(p, "/method?of="+f.Factors(t, eve).Authenticators[0].ID).Sees(200, "It is your only one")
	if strings.Contains(p.HTML, `name="code"`) {
		t.Error("the last one can be removed")
	}
}

// An app's secret is visitor.Page in the answer to its own form, and nowhere else.
func TestAnAppIsAdded(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/add")
	path, values := p.Form("add")
	f.Clock.Advance(30 * time.Second)
	values.Set("method", "totp")
	values.Set("code", f.Code(t, f.secret))
	first := f.Send(http.MethodPost, path, values).Sees(200, "Connect your authenticator app", "Let it scan this picture")
	secret := first.Found(secretText)
	if again := f.Send(http.MethodPost, path, values).Sees(200); again.Found(secretText) != secret {
		t.Error("another one when it is sent again")
	}
	f.uncompressed(path, values)
	if waits := f.opens(first, "/confirm").Sees(200, "Enter the code that the new app shows"); strings.Contains(waits.HTML, secret) || strings.Contains(waits.HTML, "data:image") {
		t.Error("whoever has the page sees the secret")
	}
	f.opens(first, "").Sees(200, "Something that you began waits for its code")
	wrong := f.Post(first, "confirm", "code", "000000").Sees(422, "This code was not accepted")
	if strings.Contains(wrong.HTML, secret) {
		t.Error("a wrong code shows the secret")
	}
	for range 2 { // the second time, the first answer was lost
		f.Follow(f.Post(wrong, "confirm", "code", f.typed(secret))).Sees(200, "The method is added.")
	}
	if n := len(f.Factors(t, eve).Authenticators); n != 2 {
		t.Errorf("%d authenticators", n)
	}
	f.Follow(f.Post(wrong, "confirm", "code", f.typed(secret), "attempt", "another")).Sees(200, "Nothing waits to be confirmed any more")
}

// uncompressed demands that what shows a secret is not compressed, and that pages are else.
func (f *fixture) uncompressed(path string, values url.Values) {
	f.t.Helper()
	s := f.Send(http.MethodPost, path, values, "Accept-Encoding", "gzip").Sees(200)
	if s.Header.Get("Content-Encoding") != "" || s.Header.Get("Cache-Control") != "no-store" {
		f.t.Errorf("%s: headers %v", path, s.Header)
	}
	if other := f.Send(http.MethodGet, below(s, ""), nil, "Accept-Encoding", "gzip"); other.Header.Get("Content-Encoding") != "gzip" {
		f.t.Errorf("the overview: headers %v", other.Header)
	}
}

func TestTheRecoveryEmailMoves(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/recovery").Sees(200, "Change the recovery email", "It holds 72 hours after")
	p = f.proven(p, "recovery", "recovery_email", "eve@new.example", "recovery_email_again", "eve@mew.example").Sees(422, "The two addresses are not the same")
	if !strings.Contains(p.HTML, `value="eve@new.example"`) {
		t.Error("what was typed is lost")
	}
	p = f.Follow(f.proven(p, "recovery", "recovery_email", "eve@new.example", "recovery_email_again", "eve@new.example")).Sees(200, "Confirm your new recovery email", "e•••@new.example")
	f.Post(p, "resend").Sees(303)
	p = f.Follow(f.Post(p, "confirm", "code", f.code(user.VerifyRecovery))).Sees(200, "The new recovery email is confirmed", "e•••@new.example takes its place on")
	f.opens(p, "/recovery").Sees(200, "To call that off, enter the present address")
}

func TestNewCodesAreShownOnce(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/codes").Sees(200, "Now 10 are left.")
	f.Post(p, "codes", "code", "abc").Sees(422, "This cannot be such a code")
	done := f.proven(p, "codes").Sees(200, "Keep these new recovery codes")
	path, values := p.Form("codes")
	values.Set("code", f.Code(t, f.secret))
	f.uncompressed(path, values)
	codes := regexp.MustCompile(`<li>([0-9a-zA-Z -]+)</li>`).FindAllStringSubmatch(done.HTML, -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes: %s", len(codes), done.HTML)
	}
	if got := f.opens(p, "/codes").Text + f.opens(p, "").Text; strings.Contains(got, codes[0][1]) {
		t.Error("codes are visitor.Page again")
	}
	f.policy(func(p *org.Policy) { p.Recovery.MailCodes = true })
	p = f.opens(p, "/codes").Sees(200, "The new ones are mailed to your recovery email")
	f.Follow(f.proven(p, "codes")).Sees(200, "New recovery codes are on their way")
}

func TestAppPasswords(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/password").Sees(200, "Make an app password", "imap", "smtp")
	made := f.proven(p, "password", "service", "smtp", "name", "Phone").Sees(200, "Your app password", "smtp", "Phone")
	password := made.Found(passwordText)
	p = f.opens(p, "").Sees(200, "smtp", "Phone", "Show", "End it")
	if strings.Contains(p.HTML, password) {
		t.Error("the overview shows it")
	}
	id := regexp.MustCompile(`/view\?of=([0-9a-f]+)`).FindStringSubmatch(p.HTML)[1]
	p = f.opens(p, "/view?of="+id).Sees(200, "Show an app password", "smtp, Phone")
	wrong := f.Post(p, "view", "code", "000000").Sees(422, "This code was not accepted")
	if strings.Contains(wrong.HTML, password) {
		t.Error("visitor.Page without a proof")
	}
	if seen := f.proven(wrong, "view").Sees(200); seen.Found(passwordText) != password {
		t.Error("another password")
	}
	p = f.opens(p, "/revoke?of="+id)
	f.Follow(f.proven(p, "revoke")).Sees(200, "The app password has ended.")
	f.Follow(f.opens(p, "/view?of="+id)).Sees(200, "Your security settings")
}

func TestBrowsersAreRevoked(t *testing.T) {
	f, p := settled(t)
	for _, name := range []string{"one", "two", "three"} {
		f.trusted(name)
	}
	p = f.opens(p, "").Sees(200, "one", "two", "three", "Trust none of them any more")
	path, values := p.Form("browser")
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "This browser is trusted no more.")
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "This browser is trusted no more.") // the answer was lost
	if n := f.devices(); n != 2 {
		t.Errorf("%d are left", n)
	}
	f.Follow(f.Post(p, "browsers")).Sees(200, "No browser is trusted any more.")
	if n := f.devices(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestAnnouncementsAreDeclinedAndWanted(t *testing.T) {
	f, p := settled(t)
	p = f.Follow(f.Post(p, "announcements")).Sees(200, "Your wish is saved.", "You get no announcements", "Announcements were declined")
	f.Follow(f.Post(p, "announcements")).Sees(200, "I want none")
}

// It is switched off with a proof, and the page ends with what it was opened in.
func TestItIsSwitchedOff(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/off").Sees(200, "Whoever knows your password then gets in")
	f.Post(p, "off", "code", "000000").Sees(422)
	f.proven(p, "off").Sees(200, "Two-factor authentication is switched off", "Back to crm.acme.example")
	f.opens(p, "").Sees(410, "This page has ended")
	f.enter().Sees(200, "Two-factor authentication is off", "To set it up, go back to the application")
}

// A code that is sent is ordered for the one change first.
func TestAProofByMail(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/add")
	p = f.Follow(f.proven(p, "add", "method", "email"))
	p = f.Follow(f.Post(p, "confirm", "code", f.code(user.By(user.Confirm, org.Email))))
	f.Clock.Advance(user.SendInterval)
	p = f.opens(p, "/codes?by=email").Sees(200, "we send a code to p•••@home.example", "Send the code", "With an authenticator app")
	if strings.Contains(p.HTML, `name="code"`) {
		t.Error("a code is asked for that nobody has")
	}
	p = f.Follow(f.Post(p, "send")).Sees(200, "We have sent a code to p•••@home.example", "Eight-digit code", "Send another code")
	code := f.code(user.By(user.RenewCodes, org.Email))
	if other := f.opens(p, "/off?by=email"); strings.Contains(other.HTML, `name="code"`) {
		t.Error("a code of one change is asked for by another")
	}
	f.Post(p, "codes", "code", code).Sees(200, "Keep these new recovery codes")
	f.Post(p, "codes", "code", code, "attempt", "another").Sees(422, "This code was not accepted")
}

// What is locked takes right and wrong codes alike.
func TestALockHidesWhatWasRight(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/codes")
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Hour) })
	attempt := regexp.MustCompile(`name="attempt" value="[^"]*"`)
	right := f.proven(p, "codes").Sees(422, "No code is accepted until")
	wrong := f.Post(p, "codes", "code", "000000").Sees(422)
	if attempt.ReplaceAllString(right.HTML, "") != attempt.ReplaceAllString(wrong.HTML, "") {
		t.Errorf("right: %s\nwrong: %s", right.Text, wrong.Text)
	}
	f.factors(func(x *user.Factors) { x.Throttle.Consecutive = 100 })
	f.opens(p, "").Sees(200, "no code of yours is accepted any more")
}

// Wrong codes are counted as they are in the API.
func TestWrongProofsCount(t *testing.T) {
	f, p := settled(t)
	p = f.opens(p, "/codes")
	for range 3 {
		f.Post(p, "codes", "code", "000000").Sees(422)
	}
	if n := f.Factors(t, eve).Throttle.Consecutive; n != 3 {
		t.Errorf("%d failures were counted", n)
	}
}

// What kills devices and logins ends the page with its next request, and a change that waits in a form as well.
func TestWhatEndsAPage(t *testing.T) {
	for name, end := range map[string]func(f *fixture) error{
		"a reset": func(f *fixture) error {
			_, err := f.Enroll.Reset(f.t.Context(), f.Administrator, f.eve(), "phone lost", false)
			return err
		},
		"a changed password": func(f *fixture) error { return f.Enroll.PasswordChanged(f.t.Context(), f.Application, f.eve()) },
		"the user's end":     func(f *fixture) error { return f.Enroll.Delete(f.t.Context(), f.Application, f.eve()) },
		"its time":           func(f *fixture) error { f.Clock.Advance(login.AccountLife); return nil },
		"the key's end":      func(f *fixture) error { return f.revokeKey() },
	} {
		f, p := settled(t)
		change := f.opens(p, "/codes")
		before := f.Factors(t, eve).RecoveryCodes
		f.must(end(f))
		f.opens(p, "").Sees(410, "This page has ended")
		if s := f.Follow(f.proven(change, "codes")); s.Status != 410 {
			t.Errorf("%s: a change: %d %s", name, s.Status, s.Text)
		}
		if s := f.Follow(f.opens(p, "/codes")); s.Status != 410 {
			t.Errorf("%s: a page: %d %s", name, s.Status, s.Text)
		}
		if after := f.Factors(t, eve).RecoveryCodes; after.Generation > before.Generation+1 {
			t.Errorf("%s: codes were made", name)
		}
	}
}

// A page is one browser's, and an entry is nobody's for long.
func TestAPageIsItsBrowsers(t *testing.T) {
	f, first := settled(t)
	second := f.enter()
	if first.Path == second.Path || len(f.Cookies) != 2 {
		t.Fatalf("%s, %s, %d cookies", first.Path, second.Path, len(f.Cookies))
	}
	kept := f.Cookies
	f.Cookies = map[string]string{}
	f.Send(http.MethodGet, first.Path, nil).Sees(410, "This page has ended")
	f.Post(first, "announcements").Sees(410)
	name := func(s visitor.Page) string { return "__Host-account-" + strings.TrimPrefix(s.Path, "/account/") }
	f.Cookies = map[string]string{name(second): kept[name(first)]}
	f.Send(http.MethodGet, second.Path, nil).Sees(410)
	f.Cookies = map[string]string{}
	entry := f.entry()
	f.Cookies = map[string]string{name(first): entry}
	f.Send(http.MethodGet, first.Path, nil).Sees(410)
	f.Clock.Advance(login.AccountEntryLife)
	for _, what := range []string{"", "AAAA", entry, kept[name(first)], f.Login(t, eve), strings.Repeat("A", 5000)} {
		f.Send(http.MethodGet, "/account?page="+what, nil).Sees(404, "There is no such page")
	}
}

func TestOtherSitesSendNothing(t *testing.T) {
	f, p := settled(t)
	path, values := p.Form("announcements")
	for _, from := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}, {"Sec-Fetch-Site", ""},
	} {
		f.Send(http.MethodPost, path, values, from...).Sees(403, "This did not come from our page")
	}
	f.opens(p, "").Sees(200, "I want none")
}

func TestCookiesLeaveRoom(t *testing.T) {
	f, _ := settled(t)
	for range 30 {
		f.enter().Sees(200)
		size := 0
		for name, value := range f.Cookies {
			size += len(name) + len(value) + 3
		}
		if size > 8000 {
			t.Fatalf("%d bytes of cookies", size)
		}
	}
}

// Whatever fails is said to be temporary, and the same request goes through afterwards.
func TestFailuresLoseNothing(t *testing.T) {
	f, p := settled(t)
	change := f.opens(p, "/codes")
	path, values := change.Form("codes")
	f.Clock.Advance(2 * time.Minute) // no face is of before
	values.Set("code", f.Code(t, f.secret))
	for _, op := range []memstore.Operation{memstore.Face, memstore.Read, memstore.Write} {
		f.store.FailNext(op, op == memstore.Write, errDown)
		s := f.Send(http.MethodPost, path, values)
		if s.Sees(503, "Nothing is lost"); strings.Contains(s.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	generation := f.Factors(t, eve).RecoveryCodes.Generation
	f.Send(http.MethodPost, path, values).Sees(200, "Keep these new recovery codes")
	if f.Factors(t, eve).RecoveryCodes.Generation != generation {
		t.Error("made twice")
	}
	f.Clock.Advance(time.Minute)
	for _, op := range []memstore.Operation{memstore.Face, memstore.Read, memstore.Devices, memstore.Activity} {
		f.store.FailNext(op, false, errDown)
		f.opens(p, "").Sees(503)
	}
}

func TestUnknownPathsAreNone(t *testing.T) {
	f, p := settled(t)
	f.opens(p, "/nothing").Sees(404)
	f.Send(http.MethodPost, below(p, "/nothing"), nil).Sees(404)
	f.opens(p, "/send").Sees(404)
	f.Send(http.MethodPut, p.Path, nil, "Sec-Fetch-Site", "same-origin").Sees(405)
	f.Follow(f.opens(p, "/confirm")).Sees(200, "Your security settings")
	f.Follow(f.Send(http.MethodPost, below(p, "/view"), nil)).Sees(200, "Your security settings")
	f.Follow(f.Send(http.MethodPost, below(p, "/default"), nil)).Sees(200, "Your security settings")
	f.Follow(f.Send(http.MethodPost, below(p, "/send"), nil)).Sees(200, "Your security settings")
}

// An entry is good once: whoever finds it later sees nothing, and the browser that has entered with it goes on.
func TestAnEntryIsGoodOnce(t *testing.T) {
	f, _ := settled(t)
	older, entry := f.entry(), f.entry()
	p := f.Follow(f.Send(http.MethodGet, "/account?page="+entry, nil)).Sees(200, "Authenticator app")
	f.Follow(f.Send(http.MethodGet, "/account?page="+entry, nil)).Sees(200, "Authenticator app")
	own := f.Cookies
	f.Cookies = map[string]string{}
	for _, found := range []string{entry, older} {
		f.Send(http.MethodGet, "/account?page="+found, nil).Sees(410, "has ended")
	}
	if len(f.Cookies) != 0 {
		t.Errorf("cookies %v", f.Cookies)
	}
	f.enter().Sees(200, "Authenticator app")
	f.Cookies = own
	f.Send(http.MethodGet, p.Path, nil).Sees(200, "Authenticator app")
}

func TestOfManyBrowsersOneEnters(t *testing.T) {
	f, _ := settled(t)
	a, err := login.ParseAccountEntry(f.Keys, f.entry(), f.Clock.Now())
	f.must(err)
	entered := make(chan error)
	for range 20 {
		go func() { entered <- f.Enroll.EnterAccount(t.Context(), a.Caller("", "", ""), a) }()
	}
	in := 0
	for range 20 {
		if <-entered == nil {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d browsers entered", in)
	}
}
