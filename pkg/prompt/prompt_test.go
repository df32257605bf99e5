package prompt_test

import (
	"encoding/base32"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

var secretText = regexp.MustCompile(`id="secret">([A-Z2-7 ]+)<`)

// typed is the code that an app shows which was set up by this page.
func (f *fixture) typed(s shown) string {
	f.t.Helper()
	found := secretText.FindStringSubmatch(s.html)
	if found == nil {
		f.t.Fatalf("no secret: %s", s.html)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(found[1], " ", ""))
	f.must(err)
	return f.Code(f.t, secret)
}

// confirming takes eve to the step at which the first code is asked for.
func (f *fixture) confirming(p shown) shown {
	f.t.Helper()
	p = f.follow(f.post(p, "enrollment")).sees(200, "First, show that it is you", "e•••@login.example")
	p = f.follow(f.post(p, "steps", "code", f.code(user.ProveLogin))).sees(200, "Where can we reach you")
	p = f.follow(f.post(p, "steps", "recovery_email", "eve@home.example", "recovery_email_again", "eve@home.example")).sees(200, "Confirm your recovery email")
	p = f.follow(f.post(p, "steps", "code", f.code(user.VerifyRecovery))).sees(200, "Choose your second factor")
	return f.follow(f.post(p, "steps", "method", "totp")).sees(200, "Connect your authenticator app")
}

func TestSomebodyEnrols(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.enter().sees(200, "Protect your account", "Your organisation asks for a second factor", "You are signing in as e•••@login.example.", "Back to crm.acme.example")
	if strings.Contains(p.html, "/return") {
		t.Error("what is demanded can be put off")
	}
	p = f.confirming(p)
	wrong := f.follow(f.post(p, "steps", "code", "000000")).sees(200, "This code was not accepted. Wait for the next one")
	done := f.post(wrong, "steps", "code", f.typed(wrong)).sees(200, "Keep these recovery codes")
	if codes := strings.Count(done.html, "<li>"); codes != 10 {
		t.Errorf("%d codes", codes)
	}
	// The page was lost: to send the same again shows the same. Nothing else does.
	path, values := wrong.form("steps")
	values.Set("code", f.typed(wrong))
	if again := f.send(http.MethodPost, path, values).sees(200); again.html != done.html {
		t.Error("another page when it is sent again")
	}
	f.send(http.MethodGet, path, nil).sees(303) // an address that only forms lead to
	later := f.follow(f.send(http.MethodGet, path, nil)).sees(200, "That was all")
	if strings.Contains(later.html, f.saved(0)) {
		t.Error("codes are shown to whoever loads the page")
	}
	f.exchanged(f.post(done, "return"), true)
}

func TestSomebodyVerifies(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	p := f.enter().sees(200, "Confirm that it is you", "Six-digit code")
	p = f.follow(f.post(p, "answers", "code", "abc")).sees(200, "This cannot be such a code")
	p = f.follow(f.post(p, "answers", "code", "000000")).sees(200, "This code was not accepted")
	path, values := p.form("answers")
	values.Set("code", f.Code(t, secret))
	first := f.send(http.MethodPost, path, values)
	f.exchanged(first, true)
	// The redirect was lost: the same again goes back as well, for the same proof, which was exchanged by now.
	again := f.send(http.MethodPost, path, values)
	f.returned(again)
	values.Set("attempt", "another")
	f.follow(f.send(http.MethodPost, path, values)).sees(200, "That was all") // nothing was counted that anybody hears of: it is done
	if code := f.send(http.MethodPost, path, values).header.Get("Location"); !strings.Contains(code, "refused=code_refused") {
		t.Errorf("a used code leads to %s", code)
	}
}

func TestWaysBack(t *testing.T) {
	for way, code := range map[login.WayBack]func(f *fixture, p shown) (shown, string){
		login.SavedRecovery: func(f *fixture, p shown) (shown, string) { return p, f.saved(3) },
		login.MailedRecovery: func(f *fixture, p shown) (shown, string) {
			p = f.follow(f.post(p.sees(200, "We send a one-time code"), "codes")).sees(200, "We have sent a one-time code", "Send another code")
			f.post(p, "codes").sees(303)
			return p, f.code(user.Recover)
		},
		login.Bypass: func(f *fixture, p shown) (shown, string) { return p, f.bypass() },
	} {
		for _, reenroll := range []bool{false, true} {
			f := newFixture(t)
			f.Enrolled(t, eve)
			f.policy(func(p *org.Policy) { p.Recovery.Reenroll = reenroll })
			p := f.enter().sees(200, "Try another way")
			p = f.send(http.MethodGet, p.path+"?way="+string(way), nil)
			p, typed := code(f, p)
			p = f.follow(f.post(p, "answers", "code", typed))
			if reenroll {
				p.sees(200, "Set up your second factor anew")
				if strings.Contains(p.html, "/return") {
					t.Errorf("%s: an enrolment that is demanded can be put off", way)
				}
				f.send(http.MethodPost, p.path+"/return", nil).sees(410, "This sign-in has ended")
			} else {
				p.sees(200, "You have signed in without your authenticator")
				f.exchanged(f.post(p, "return"), true)
			}
		}
	}
}

func (f *fixture) bypass() string {
	f.t.Helper()
	given, err := f.Enroll.MakeBypass(f.t.Context(), f.Administrator, enroll.Subject{Organization: storetest.Organization, User: eve}, "phone lost", time.Hour)
	f.must(err)
	return given.Code
}

// Whoever has lost the phone has another one in the end.
func TestAWayBackAndANewPhone(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Recovery.Reenroll = true })
	p := f.enter()
	p = f.send(http.MethodGet, p.path+"?way=recovery_code", nil)
	p = f.follow(f.post(p, "answers", "code", f.saved(0))).sees(200, "Choose your second factor")
	p = f.follow(f.post(p, "steps", "method", "totp"))
	done := f.post(p, "steps", "code", f.typed(p)).sees(200, "Keep these recovery codes")
	f.exchanged(f.post(done, "return"), true)
}

func TestPuttingItOff(t *testing.T) {
	f := newFixture(t)
	p := f.enter().sees(200, "keeps others out", "Not now")
	f.exchanged(f.post(p, "return"), false)
	f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 3 })
	p = f.enter().sees(200, "You can put it off until")
	f.exchanged(f.post(p, "return"), false)
	f.policy(func(p *org.Policy) { p.GraceDays = 0 })
	f.post(p, "return").sees(410, "This sign-in has ended")
}

func TestRefusalsAreExplained(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *fixture)
		want   []string
	}{
		"locked": {func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(7 * time.Minute) })
		}, []string{"Please wait a while", "not even a right code", "Your administrator at Acme"}},
		"suspended": {func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Throttle.Consecutive = 100 })
		}, []string{"Your second factor is suspended", "somebody may know your password", "one of my saved recovery codes"}},
	} {
		f := newFixture(t)
		f.Enrolled(t, eve)
		c.change(f)
		p := f.enter().sees(200, c.want...)
		out := regexp.MustCompile(`href="([^"]+)">Back to`).FindStringSubmatch(p.html)
		if out == nil {
			t.Fatalf("%s: no way out: %s", name, p.html)
		}
		if want := storetest.ReturnAddress + "?error=not_verified&amp;state=s&#43;1%26x%3Dy"; out[1] != want && out[1] != strings.ReplaceAll(want, "&#43;", "+") {
			t.Errorf("%s: the way out is %s", name, out[1])
		}
	}
}

// What locks while somebody types ends as the lock's page, right and wrong alike.
func TestALockHidesWhatWasRight(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	right := f.follow(f.post(p, "answers", "code", f.Code(t, secret))).sees(200, "Please wait a while")
	if wrong := f.follow(f.post(p, "answers", "code", "000000")); wrong.html != right.html || wrong.status != right.status {
		t.Errorf("right: %s\nwrong: %s", right.text, wrong.text)
	}
}

// A login is in one browser, and each in a cookie of its own.
func TestALoginIsItsBrowsers(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	first, second := f.enter(), f.enter()
	if first.path == second.path || len(f.cookies) != 2 {
		t.Fatalf("%s, %s, %d cookies", first.path, second.path, len(f.cookies))
	}
	for name := range f.cookies {
		if !strings.HasPrefix(name, "__Host-prompt-") {
			t.Errorf("a cookie %s", name)
		}
	}
	path, values := first.form("answers")
	values.Set("code", f.Code(t, secret))
	kept := f.cookies
	f.cookies = map[string]string{}
	f.send(http.MethodGet, first.path, nil).sees(410, "This sign-in has ended")
	f.send(http.MethodPost, path, values).sees(410)
	// One login's cookie is none of another's.
	f.cookies = map[string]string{}
	for name, value := range kept {
		if name == "__Host-prompt-"+first.path[len("/prompt/"):] {
			f.cookies["__Host-prompt-"+second.path[len("/prompt/"):]] = value
		}
	}
	f.send(http.MethodGet, second.path, nil).sees(410)
	f.cookies = kept
	f.exchanged(f.send(http.MethodPost, path, values), true)
}

func TestWhatIsNoEntryOpensNothing(t *testing.T) {
	f := newFixture(t)
	for _, what := range []string{"", "AAAA", f.Login(t, eve), strings.Repeat("A", 5000)} {
		f.send(http.MethodGet, "/prompt?login="+what, nil).sees(404, "There is no such page")
	}
	if len(f.cookies) != 0 {
		t.Errorf("cookies %v", f.cookies)
	}
	f.Clock.Advance(time.Hour)
}

func TestALoginEndsInTime(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	f.Clock.Advance(login.Life)
	f.send(http.MethodGet, p.path, nil).sees(410, "This sign-in has ended", "Back to crm.acme.example")
	f.post(p, "answers", "code", f.Code(t, secret)).sees(410)
}

// Other sites cannot send anything in a browser's name.
func TestOtherSitesSendNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.form("answers")
	values.Set("code", f.Code(t, secret))
	for _, from := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}, {"Sec-Fetch-Site", ""},
	} {
		f.send(http.MethodPost, path, values, from...).sees(403, "This did not come from our page")
	}
	if n := f.Factors(t, eve).Throttle.Consecutive; n != 0 {
		t.Errorf("%d failures were counted", n)
	}
	f.exchanged(f.send(http.MethodPost, path, values), true)
}

// Many logins in one browser leave room for a further one.
func TestCookiesLeaveRoom(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	for range 30 {
		f.enter().sees(200)
		size := 0
		for name, value := range f.cookies {
			size += len(name) + len(value) + 3
		}
		if size > 8000 {
			t.Fatalf("%d bytes of cookies", size)
		}
	}
}

// Whatever fails is said to be temporary, and the same request goes through afterwards.
func TestFailuresLoseNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.form("answers")
	values.Set("code", f.Code(t, secret))
	for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
		f.store.FailNext(op, op == memstore.Write, errors.New("the table is away: secret-cause"))
		failed := f.send(http.MethodPost, path, values)
		failed.sees(503, "Nothing is lost")
		if strings.Contains(failed.html, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	f.exchanged(f.send(http.MethodPost, path, values), true)
}

// Every page in every language, with whatever names there are: nothing is missing, and nothing is HTML that is not ours.
func TestEveryPageInEveryLanguage(t *testing.T) {
	const hostile = `<img src=x onerror=alert(1)>"'&`
	for _, l := range words.Languages() {
		f := newFixture(t)
		f.accept = string(l)
		f.policy(func(p *org.Policy) {
			p.Status, p.Methods, p.RememberDevice, p.RememberDays = org.Forced, []org.Method{org.TOTP, org.Email}, true, 7
		})
		must(t, f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: hostile}, f.Event("branding.changed", "")))
		pages := []shown{f.enter()}
		p := f.follow(f.post(pages[0], "enrollment"))
		pages = append(pages, p)
		p = f.follow(f.post(p, "steps", "code", f.code(user.ProveLogin)))
		pages = append(pages, p, f.follow(f.post(p, "steps", "recovery_email", hostile, "recovery_email_again", "x")))
		p = f.follow(f.post(p, "steps", "recovery_email", "eve@home.example", "recovery_email_again", "eve@home.example"))
		pages = append(pages, p)
		p = f.follow(f.post(p, "steps", "code", f.code(user.VerifyRecovery)))
		pages = append(pages, p, f.follow(f.post(p, "steps", "method", hostile)))
		byMail := f.follow(f.post(p, "steps", "method", "email"))
		p = f.follow(f.post(byMail, "steps", "method", "totp"))
		pages = append(pages, byMail, p)
		p = f.post(p, "steps", "code", f.typed(p))
		pages = append(pages, p, f.enter())
		for _, way := range []string{"recovery_email", "recovery_code", "bypass_code", hostile} {
			at := pages[len(pages)-1].path[:len("/prompt/")+36]
			pages = append(pages, f.send(http.MethodGet, at+"?way="+url.QueryEscape(way), nil), f.send(http.MethodGet, at+"?refused="+url.QueryEscape(way)+"&field=code", nil))
		}
		for at, p := range pages {
			if p.status >= 500 || strings.Contains(p.html, "<img src=x") || strings.Contains(p.html, "onerror=alert(1)>\"") {
				t.Errorf("%s, page %d: %d %s", l, at, p.status, p.html)
			}
			if !strings.Contains(p.html, `<html lang="`+string(l)+`"`) {
				t.Errorf("%s, page %d is in another language", l, at)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Nothing that is begun, proven or shown in one browser belongs to another that has the same address: a thief with the password may send the
// owner the address and have the mailbox proven there.
func TestAnEntryIsALoginOfEachBrowser(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	entry := "/prompt?login=" + f.entry()
	owner := map[string]string{}
	thief := f.follow(f.send(http.MethodGet, entry, nil)).sees(200, "Protect your account")
	thieves := f.cookies
	f.cookies = owner
	p := f.follow(f.send(http.MethodGet, entry, nil)).sees(200, "Protect your account")
	p = f.confirming(p)
	secret := secretText.FindString(p.html)
	if again := f.follow(f.send(http.MethodGet, entry, nil)).sees(200, "Connect your authenticator app"); secretText.FindString(again.html) != secret {
		t.Error("in the same browser it does not go on")
	}
	f.cookies = thieves
	for _, path := range []string{thief.path, entry} {
		elsewhere := f.follow(f.send(http.MethodGet, path, nil)).sees(200, "Protect your account")
		if strings.Contains(elsewhere.html, secret) {
			t.Error("the secret is shown in another browser")
		}
	}
	f.follow(f.send(http.MethodPost, thief.path+"/steps", url.Values{"recovery_email": {"evil@evil.example"}, "recovery_email_again": {"evil@evil.example"}})).sees(200, "Protect your account")
	f.follow(f.send(http.MethodPost, thief.path+"/steps", url.Values{"code": {f.typed(p)}})).sees(200, "Protect your account")
	f.follow(f.post(thief, "enrollment")).sees(200, "First, show that it is you")
}

// Nor does a way back that somebody takes in one browser let another set up a phone.
func TestAWayBackIsOfOneBrowser(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	entry := "/prompt?login=" + f.entry()
	thief := f.follow(f.send(http.MethodGet, entry, nil)).sees(200, "Confirm that it is you")
	thieves := f.cookies
	f.cookies = map[string]string{}
	p := f.follow(f.send(http.MethodGet, entry, nil))
	p = f.send(http.MethodGet, p.path+"?way=recovery_code", nil)
	p = f.follow(f.post(p, "answers", "code", f.saved(0))).sees(200, "Choose your second factor")
	owner := f.cookies
	f.cookies = thieves
	for _, values := range []url.Values{{"method": {"totp"}}, {"code": {"000000"}}, {"recovery_email": {"evil@evil.example"}, "recovery_email_again": {"evil@evil.example"}}} {
		f.follow(f.send(http.MethodPost, thief.path+"/steps", values)).sees(200, "Confirm that it is you")
	}
	f.send(http.MethodPost, thief.path+"/return", nil).sees(410)
	f.cookies = owner
	f.follow(f.post(p, "steps", "method", "totp")).sees(200, "Connect your authenticator app")
}

// A code that could not be sent, or that came back, is told.
func TestACodeThatDoesNotArrive(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.follow(f.post(f.enter(), "enrollment")).sees(200, "First, show that it is you")
	x := f.Factors(t, eve)
	id := delivery.OfCode(storetest.Organization, eve, x.Challenges[0].ID)
	_, err := f.store.Claim(t.Context(), id, f.Clock.Now())
	f.must(err)
	f.must(f.store.Mark(t.Context(), id, delivery.Bounced, f.Clock.Now()))
	f.send(http.MethodGet, p.path, nil).sees(200, "The mail with the code came back")
}

func TestWhatIsOrderedTooSoonIsNotOrderedAgainByItself(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	p := f.enter()
	p = f.send(http.MethodGet, p.path+"?way=recovery_email", nil).sees(200, "Send the code")
	if !strings.Contains(p.html, "data-auto-submit") {
		t.Error("a script does not order the first code")
	}
	if refused := f.send(http.MethodGet, p.path+"&refused=too_soon", nil).sees(200, "A code was sent a moment ago"); strings.Contains(refused.html, "data-auto-submit") {
		t.Error("what was refused is sent again by itself")
	}
	f.send(http.MethodGet, p.path+"&refused=code_refused", nil).sees(200, "After failed attempts no code is sent")
	f.send(http.MethodGet, p.path+"&refused=code_refused&field=code", nil).sees(200, "Send the code")
}

func TestAWayBackIsNotRemembered(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.Remembering(t)
	p := f.enter().sees(200, "Do not ask again in this browser for 30 days")
	if back := f.send(http.MethodGet, p.path+"?way=recovery_code", nil); strings.Contains(back.text, "Do not ask again") {
		t.Error("a way back offers to be remembered")
	}
}

// What a page shows in secret is not compressed: its length would tell what is on it.
func TestSecretsAreNotCompressed(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	first := f.enter()
	if got := f.send(http.MethodGet, first.path, nil, "Accept-Encoding", "gzip").header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("a page is encoded as %q", got)
	}
	p := f.confirming(first)
	if got := f.send(http.MethodGet, p.path, nil, "Accept-Encoding", "gzip").header.Get("Content-Encoding"); got != "" {
		t.Errorf("the page of a secret is encoded as %q", got)
	}
}

func TestFormsAreSmall(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.form("answers")
	values.Set("padding", strings.Repeat("x", 20<<10))
	values.Set("code", f.Code(t, secret))
	f.follow(f.send(http.MethodPost, path, values)).sees(200, "Confirm that it is you")
}

// Whoever comes back to the page when all is done is told so.
func TestItIsDone(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	f.returned(f.post(p, "answers", "code", f.Code(t, secret)))
	f.send(http.MethodGet, p.path, nil).sees(200, "That was all")
}

// A lock while enrolling ends as a page from which one goes on by looking, not by sending once more.
func TestALockWhileEnrolling(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.confirming(f.enter())
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	locked := f.follow(f.post(p, "steps", "code", f.typed(p))).sees(200, "Please wait a while", "Try again")
	if strings.Contains(locked.html, `method="post"`) {
		t.Error("something is sent from there")
	}
	f.Clock.Advance(2 * time.Minute)
	p = f.send(http.MethodGet, p.path, nil).sees(200, "Connect your authenticator app")
	f.post(p, "steps", "code", f.typed(p)).sees(200, "Keep these recovery codes")
}

func TestForOneDay(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 1 })
	f.enter().sees(200, "Do not ask again in this browser until tomorrow")
}

// How an organisation shows itself is a minute old at most.
func TestFacesAreKeptForAMinute(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	p := f.enter().sees(200, "Acme")
	must(t, f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: "Acme Cloud"}, f.Event("branding.changed", "")))
	if again := f.send(http.MethodGet, p.path, nil); strings.Contains(again.text, "Acme Cloud") {
		t.Error("it is read each time")
	}
	f.Clock.Advance(time.Minute)
	f.send(http.MethodGet, p.path, nil).sees(200, "Acme Cloud")
}
