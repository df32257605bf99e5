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

	"twofold/infra/local/visitor"
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
func (f *fixture) typed(s visitor.Page) string {
	f.t.Helper()
	found := secretText.FindStringSubmatch(s.HTML)
	if found == nil {
		f.t.Fatalf("no secret: %s", s.HTML)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(found[1], " ", ""))
	f.must(err)
	return f.Code(f.t, secret)
}

// confirming takes eve to the step at which the first code is asked for.
func (f *fixture) confirming(p visitor.Page) visitor.Page {
	f.t.Helper()
	p = f.Follow(f.Post(p, "enrollment")).Sees(200, "First, show that it is you", "e•••@login.example")
	p = f.Follow(f.Post(p, "steps", "code", f.code(user.ProveLogin))).Sees(200, "Where can we reach you")
	p = f.Follow(f.Post(p, "steps", "recovery_email", "eve@home.example", "recovery_email_again", "eve@home.example")).Sees(200, "Confirm your recovery email")
	p = f.Follow(f.Post(p, "steps", "code", f.code(user.VerifyRecovery))).Sees(200, "Choose your second factor")
	return f.Follow(f.Post(p, "steps", "method", "totp")).Sees(200, "Connect your authenticator app")
}

func TestSomebodyEnrols(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.enter().Sees(200, "Protect your account", "Your organisation asks for a second factor", "You are signing in as e•••@login.example.", "Back to crm.acme.example")
	if strings.Contains(p.HTML, "/return") {
		t.Error("what is demanded can be put off")
	}
	p = f.confirming(p)
	wrong := f.Follow(f.Post(p, "steps", "code", "000000")).Sees(200, "This code was not accepted. Wait for the next one")
	done := f.Post(wrong, "steps", "code", f.typed(wrong)).Sees(200, "Keep these recovery codes")
	if codes := strings.Count(done.HTML, "<li>"); codes != 10 {
		t.Errorf("%d codes", codes)
	}
	// The page was lost: to send the same again shows the same. Nothing else does.
	path, values := wrong.Form("steps")
	values.Set("code", f.typed(wrong))
	if again := f.Send(http.MethodPost, path, values).Sees(200); again.HTML != done.HTML {
		t.Error("another page when it is sent again")
	}
	f.Send(http.MethodGet, path, nil).Sees(303) // an address that only forms lead to
	later := f.Follow(f.Send(http.MethodGet, path, nil)).Sees(200, "That was all")
	if strings.Contains(later.HTML, f.saved(0)) {
		t.Error("codes are visitor.Page to whoever loads the page")
	}
	f.exchanged(f.Post(done, "return"), true)
}

func TestSomebodyVerifies(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	p := f.enter().Sees(200, "Confirm that it is you", "Six-digit code")
	p = f.Follow(f.Post(p, "answers", "code", "abc")).Sees(200, "This cannot be such a code")
	p = f.Follow(f.Post(p, "answers", "code", "000000")).Sees(200, "This code was not accepted")
	path, values := p.Form("answers")
	values.Set("code", f.Code(t, secret))
	first := f.Send(http.MethodPost, path, values)
	f.exchanged(first, true)
	// The redirect was lost: the same again goes back as well, for the same proof, which was exchanged by now.
	again := f.Send(http.MethodPost, path, values)
	f.returned(again)
	values.Set("attempt", "another")
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "That was all") // nothing was counted that anybody hears of: it is done
	if code := f.Send(http.MethodPost, path, values).Header.Get("Location"); !strings.Contains(code, "refused=code_refused") {
		t.Errorf("a used code leads to %s", code)
	}
}

func TestWaysBack(t *testing.T) {
	for way, code := range map[login.WayBack]func(f *fixture, p visitor.Page) (visitor.Page, string){
		login.SavedRecovery: func(f *fixture, p visitor.Page) (visitor.Page, string) { return p, f.saved(3) },
		login.MailedRecovery: func(f *fixture, p visitor.Page) (visitor.Page, string) {
			p = f.Follow(f.Post(p.Sees(200, "We send a one-time code"), "codes")).Sees(200, "We have sent a one-time code", "Send another code")
			f.Post(p, "codes").Sees(303)
			return p, f.code(user.Recover)
		},
		login.Bypass: func(f *fixture, p visitor.Page) (visitor.Page, string) { return p, f.bypass() },
	} {
		for _, reenroll := range []bool{false, true} {
			f := newFixture(t)
			f.Enrolled(t, eve)
			f.policy(func(p *org.Policy) { p.Recovery.Reenroll = reenroll })
			p := f.enter().Sees(200, "Try another way")
			p = f.Send(http.MethodGet, p.Path+"?way="+string(way), nil)
			p, typed := code(f, p)
			p = f.Follow(f.Post(p, "answers", "code", typed))
			if reenroll {
				p.Sees(200, "Set up your second factor anew")
				if strings.Contains(p.HTML, "/return") {
					t.Errorf("%s: an enrolment that is demanded can be put off", way)
				}
				f.Send(http.MethodPost, p.Path+"/return", nil).Sees(410, "This sign-in has ended")
			} else {
				p.Sees(200, "You have signed in without your authenticator")
				f.exchanged(f.Post(p, "return"), true)
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
	f.policy(func(p *org.Policy) { p.Recovery.Reenroll, p.RememberDevice, p.RememberDays = true, true, 7 })
	p := f.enter()
	p = f.Send(http.MethodGet, p.Path+"?way=recovery_code", nil)
	p = f.Follow(f.Post(p, "answers", "code", f.saved(0))).Sees(200, "Choose your second factor")
	p = f.Follow(f.Post(p, "steps", "method", "totp"))
	if strings.Contains(p.Text, "Do not ask again") {
		t.Error("a trusted browser is offered, and a way back makes none")
	}
	done := f.Post(p, "steps", "code", f.typed(p)).Sees(200, "Keep these recovery codes")
	f.exchanged(f.Post(done, "return"), true)
}

func TestPuttingItOff(t *testing.T) {
	f := newFixture(t)
	p := f.enter().Sees(200, "keeps others out", "Not now")
	f.exchanged(f.Post(p, "return"), false)
	f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 3 })
	p = f.enter().Sees(200, "You can put it off until")
	f.exchanged(f.Post(p, "return"), false)
	f.policy(func(p *org.Policy) { p.GraceDays = 0 })
	f.Post(p, "return").Sees(410, "This sign-in has ended")
}

func TestRefusalsAreExplained(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *fixture)
		want   []string
	}{
		"locked": {func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(7 * time.Minute) })
		}, []string{"Please wait a while", "until 22 November 2026, 12:08 UTC", "not even a right code", "Your administrator at Acme"}},
		"suspended": {func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Throttle.Consecutive = 100 })
		}, []string{"Your second factor is suspended", "somebody may know what you sign in with", "one of my saved recovery codes"}},
	} {
		f := newFixture(t)
		f.Enrolled(t, eve)
		c.change(f)
		p := f.enter().Sees(200, c.want...)
		out := regexp.MustCompile(`href="([^"]+)">Back to`).FindStringSubmatch(p.HTML)
		if out == nil {
			t.Fatalf("%s: no way out: %s", name, p.HTML)
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
	right := f.Follow(f.Post(p, "answers", "code", f.Code(t, secret))).Sees(200, "Please wait a while")
	if wrong := f.Follow(f.Post(p, "answers", "code", "000000")); wrong.HTML != right.HTML || wrong.Status != right.Status {
		t.Errorf("right: %s\nwrong: %s", right.Text, wrong.Text)
	}
}

// A login is in one browser, and each in a cookie of its own.
func TestALoginIsItsBrowsers(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	first, second := f.enter(), f.enter()
	if first.Path == second.Path || len(f.Cookies) != 2 {
		t.Fatalf("%s, %s, %d cookies", first.Path, second.Path, len(f.Cookies))
	}
	for name := range f.Cookies {
		if !strings.HasPrefix(name, "__Host-prompt-") {
			t.Errorf("a cookie %s", name)
		}
	}
	path, values := first.Form("answers")
	values.Set("code", f.Code(t, secret))
	kept := f.Cookies
	f.Cookies = map[string]string{}
	f.Send(http.MethodGet, first.Path, nil).Sees(410, "This sign-in has ended")
	f.Send(http.MethodPost, path, values).Sees(410)
	// One login's cookie is none of another's.
	f.Cookies = map[string]string{}
	for name, value := range kept {
		if name == "__Host-prompt-"+first.Path[len("/prompt/"):] {
			f.Cookies["__Host-prompt-"+second.Path[len("/prompt/"):]] = value
		}
	}
	f.Send(http.MethodGet, second.Path, nil).Sees(410)
	f.Cookies = kept
	f.exchanged(f.Send(http.MethodPost, path, values), true)
}

func TestWhatIsNoEntryOpensNothing(t *testing.T) {
	f := newFixture(t)
	for _, what := range []string{"", "AAAA", f.Login(t, eve), strings.Repeat("A", 5000)} {
		f.Send(http.MethodGet, "/prompt?login="+what, nil).Sees(404, "There is no such page")
	}
	if len(f.Cookies) != 0 {
		t.Errorf("cookies %v", f.Cookies)
	}
	f.Clock.Advance(time.Hour)
}

func TestALoginEndsInTime(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	f.Clock.Advance(login.Life)
	f.Send(http.MethodGet, p.Path, nil).Sees(410, "This sign-in has ended", "Back to crm.acme.example")
	f.Post(p, "answers", "code", f.Code(t, secret)).Sees(410)
}

// Other sites cannot send anything in a browser's name.
func TestOtherSitesSendNothing(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.Form("answers")
	values.Set("code", f.Code(t, secret))
	for _, from := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}, {"Sec-Fetch-Site", ""},
	} {
		f.Send(http.MethodPost, path, values, from...).Sees(403, "This did not come from our page")
	}
	if n := f.Factors(t, eve).Throttle.Consecutive; n != 0 {
		t.Errorf("%d failures were counted", n)
	}
	f.exchanged(f.Send(http.MethodPost, path, values), true)
}

// Many logins in one browser leave room for a further one.
func TestCookiesLeaveRoom(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
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
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.Form("answers")
	values.Set("code", f.Code(t, secret))
	for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
		f.store.FailNext(op, op == memstore.Write, errors.New("the table is away: secret-cause"))
		failed := f.Send(http.MethodPost, path, values)
		failed.Sees(503, "Nothing is lost")
		if strings.Contains(failed.HTML, "secret-cause") {
			t.Error("a cause is shown")
		}
	}
	f.exchanged(f.Send(http.MethodPost, path, values), true)
}

// Every page in every language, with whatever names there are: nothing is missing, and nothing is HTML that is not ours.
func TestEveryPageInEveryLanguage(t *testing.T) {
	const hostile = `<img src=x onerror=alert(1)>"'&`
	for _, l := range words.Languages() {
		f := newFixture(t)
		f.Accept = string(l)
		f.policy(func(p *org.Policy) {
			p.Status, p.Methods, p.RememberDevice, p.RememberDays = org.Forced, []org.Method{org.TOTP, org.Email}, true, 7
		})
		must(t, f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: hostile}, f.Event("branding.changed", "")))
		pages := []visitor.Page{f.enter()}
		p := f.Follow(f.Post(pages[0], "enrollment"))
		pages = append(pages, p)
		p = f.Follow(f.Post(p, "steps", "code", f.code(user.ProveLogin)))
		pages = append(pages, p, f.Follow(f.Post(p, "steps", "recovery_email", hostile, "recovery_email_again", "x")))
		p = f.Follow(f.Post(p, "steps", "recovery_email", "eve@home.example", "recovery_email_again", "eve@home.example"))
		pages = append(pages, p)
		p = f.Follow(f.Post(p, "steps", "code", f.code(user.VerifyRecovery)))
		pages = append(pages, p, f.Follow(f.Post(p, "steps", "method", hostile)))
		byMail := f.Follow(f.Post(p, "steps", "method", "email"))
		p = f.Follow(f.Post(byMail, "steps", "method", "totp"))
		pages = append(pages, byMail, p)
		p = f.Post(p, "steps", "code", f.typed(p))
		pages = append(pages, p, f.enter())
		for _, way := range []string{"recovery_email", "recovery_code", "bypass_code", hostile} {
			at := pages[len(pages)-1].Path[:len("/prompt/")+36]
			pages = append(pages, f.Send(http.MethodGet, at+"?way="+url.QueryEscape(way), nil), f.Send(http.MethodGet, at+"?refused="+url.QueryEscape(way)+"&field=code", nil))
		}
		for at, p := range pages {
			if p.Status >= 500 || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, "onerror=alert(1)>\"") {
				t.Errorf("%s, page %d: %d %s", l, at, p.Status, p.HTML)
			}
			if !strings.Contains(p.HTML, `<html lang="`+string(l)+`"`) {
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

// Nothing that is begun, proven or visitor.Page in one browser belongs to another that has the same address: a thief with the password may send the
// owner the address and have the mailbox proven there.
func TestAnEntryIsALoginOfEachBrowser(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	entry := "/prompt?login=" + f.entry()
	owner := map[string]string{}
	thief := f.Follow(f.Send(http.MethodGet, entry, nil)).Sees(200, "Protect your account")
	thieves := f.Cookies
	f.Cookies = owner
	p := f.Follow(f.Send(http.MethodGet, entry, nil)).Sees(200, "Protect your account")
	p = f.confirming(p)
	secret := secretText.FindString(p.HTML)
	if again := f.Follow(f.Send(http.MethodGet, entry, nil)).Sees(200, "Connect your authenticator app"); secretText.FindString(again.HTML) != secret {
		t.Error("in the same browser it does not go on")
	}
	f.Cookies = thieves
	for _, path := range []string{thief.Path, entry} {
		elsewhere := f.Follow(f.Send(http.MethodGet, path, nil)).Sees(200, "Protect your account")
		if strings.Contains(elsewhere.HTML, secret) {
			t.Error("the secret is visitor.Page in another browser")
		}
	}
	f.Follow(f.Send(http.MethodPost, thief.Path+"/steps", url.Values{"recovery_email": {"evil@evil.example"}, "recovery_email_again": {"evil@evil.example"}})).Sees(200, "Protect your account")
	f.Follow(f.Send(http.MethodPost, thief.Path+"/steps", url.Values{"code": {f.typed(p)}})).Sees(200, "Protect your account")
	f.Follow(f.Post(thief, "enrollment")).Sees(200, "First, show that it is you")
}

// Nor does a way back that somebody takes in one browser let another set up a phone.
func TestAWayBackIsOfOneBrowser(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	entry := "/prompt?login=" + f.entry()
	thief := f.Follow(f.Send(http.MethodGet, entry, nil)).Sees(200, "Confirm that it is you")
	thieves := f.Cookies
	f.Cookies = map[string]string{}
	p := f.Follow(f.Send(http.MethodGet, entry, nil))
	p = f.Send(http.MethodGet, p.Path+"?way=recovery_code", nil)
	p = f.Follow(f.Post(p, "answers", "code", f.saved(0))).Sees(200, "Choose your second factor")
	owner := f.Cookies
	f.Cookies = thieves
	for _, values := range []url.Values{{"method": {"totp"}}, {"code": {"000000"}}, {"recovery_email": {"evil@evil.example"}, "recovery_email_again": {"evil@evil.example"}}} {
		f.Follow(f.Send(http.MethodPost, thief.Path+"/steps", values)).Sees(200, "Confirm that it is you")
	}
	f.Send(http.MethodPost, thief.Path+"/return", nil).Sees(410)
	f.Cookies = owner
	f.Follow(f.Post(p, "steps", "method", "totp")).Sees(200, "Connect your authenticator app")
}

// A code that could not be sent, or that came back, is told.
func TestACodeThatDoesNotArrive(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.Follow(f.Post(f.enter(), "enrollment")).Sees(200, "First, show that it is you")
	x := f.Factors(t, eve)
	id := delivery.OfCode(storetest.Organization, eve, x.Challenges[0].ID)
	_, err := f.store.Claim(t.Context(), id, f.Clock.Now())
	f.must(err)
	f.must(f.store.Mark(t.Context(), id, delivery.Bounced, f.Clock.Now()))
	f.Send(http.MethodGet, p.Path, nil).Sees(200, "The mail with the code came back")
}

func TestWhatIsOrderedTooSoonIsNotOrderedAgainByItself(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	p := f.enter()
	p = f.Send(http.MethodGet, p.Path+"?way=recovery_email", nil).Sees(200, "Send the code")
	if !strings.Contains(p.HTML, "data-auto-submit") {
		t.Error("a script does not order the first code")
	}
	if refused := f.Send(http.MethodGet, p.Path+"&refused=too_soon", nil).Sees(200, "A code was sent a moment ago"); strings.Contains(refused.HTML, "data-auto-submit") {
		t.Error("what was refused is sent again by itself")
	}
	f.Send(http.MethodGet, p.Path+"&refused=code_refused", nil).Sees(200, "After failed attempts no code is sent")
	f.Send(http.MethodGet, p.Path+"&refused=code_refused&field=code", nil).Sees(200, "Send the code")
}

func TestAWayBackIsNotRemembered(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.Remembering(t)
	p := f.enter().Sees(200, "Do not ask again in this browser for 30 days")
	if back := f.Send(http.MethodGet, p.Path+"?way=recovery_code", nil); strings.Contains(back.Text, "Do not ask again") {
		t.Error("a way back offers to be remembered")
	}
}

// What a page shows in secret is not compressed: its length would tell what is on it.
func TestSecretsAreNotCompressed(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	first := f.enter()
	if got := f.Send(http.MethodGet, first.Path, nil, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("a page is encoded as %q", got)
	}
	p := f.confirming(first)
	if got := f.Send(http.MethodGet, p.Path, nil, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("the page of a secret is encoded as %q", got)
	}
}

func TestFormsAreSmall(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	path, values := p.Form("answers")
	values.Set("padding", strings.Repeat("x", 20<<10))
	values.Set("code", f.Code(t, secret))
	f.Follow(f.Send(http.MethodPost, path, values)).Sees(200, "Confirm that it is you")
}

// Whoever comes back to the page when all is done is told so.
func TestItIsDone(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	p := f.enter()
	f.returned(f.Post(p, "answers", "code", f.Code(t, secret)))
	f.Send(http.MethodGet, p.Path, nil).Sees(200, "That was all")
}

// A lock while enrolling ends as a page from which one goes on by looking, not by sending once more.
func TestALockWhileEnrolling(t *testing.T) {
	f := newFixture(t)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	p := f.confirming(f.enter())
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	locked := f.Follow(f.Post(p, "steps", "code", f.typed(p))).Sees(200, "Please wait a while", "Try again")
	if strings.Contains(locked.HTML, `method="post"`) {
		t.Error("something is sent from there")
	}
	f.Clock.Advance(2 * time.Minute)
	p = f.Send(http.MethodGet, p.Path, nil).Sees(200, "Connect your authenticator app")
	f.Post(p, "steps", "code", f.typed(p)).Sees(200, "Keep these recovery codes")
}

func TestForOneDay(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 1 })
	f.enter().Sees(200, "Do not ask again in this browser until tomorrow")
}

// How an organisation shows itself is a minute old at most.
func TestFacesAreKeptForAMinute(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	p := f.enter().Sees(200, "Acme")
	must(t, f.store.WriteBranding(t.Context(), org.Branding{Organization: storetest.Organization, Rev: 1, Name: "Acme Cloud"}, f.Event("branding.changed", "")))
	if again := f.Send(http.MethodGet, p.Path, nil); strings.Contains(again.Text, "Acme Cloud") {
		t.Error("it is read each time")
	}
	f.Clock.Advance(time.Minute)
	f.Send(http.MethodGet, p.Path, nil).Sees(200, "Acme Cloud")
}
