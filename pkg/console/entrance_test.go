package console_test

import (
	"encoding/base32"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/prompt"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// entrance is the console with the hosted prompt beside it, as a deployment has them.
type entrance struct {
	*fixture
	secret []byte // of the app of whoever came in
}

func newEntrance(t *testing.T) *entrance {
	t.Helper()
	f := newFixture(t)
	prompting, err := prompt.Prompt{
		Options: page.Options{Faces: f.store, Now: f.Clock.Now}, Logins: f.Verify, Enrollments: f.Enroll, Tokens: f.Keys,
	}.Handler()
	f.must(err)
	inside := f.Pages
	f.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/prompt") {
			prompting.ServeHTTP(w, r)
			return
		}
		inside.ServeHTTP(w, r)
	})
	return &entrance{fixture: f}
}

// knock names somebody, and gives the page on which the code is asked for.
func (e *entrance) knock(organization, email string) visitor.Page {
	e.t.Helper()
	p := e.Send(http.MethodGet, "/console/sign-in", nil).Sees(200, "Sign in to the console")
	return e.Follow(e.Post(p, "sign-in", "organization", organization, "email", email))
}

// ticket is what the browser keeps of its way in.
func (e *entrance) ticket() admission.Ticket {
	e.t.Helper()
	var on struct {
		Ticket admission.Ticket `json:"t"`
	}
	if !login.OpenText(e.Keys, []byte("twofold console way in v1"), e.Cookies["__Host-console-way"], &on) {
		e.t.Fatal("the browser is on no way in")
	}
	return on.Ticket
}

func (e *entrance) mailed() string { return e.MailedCode(e.t, e.ticket()) }

// key is a new key of somebody's.
func (e *entrance) keyOf(role access.Role, home, holder string, change func(*access.Key)) string {
	e.t.Helper()
	key, text := access.NewKey(role, e.Clock.Now())
	var permissions []string
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	key = key.Of(home, holder, permissions)
	change(&key)
	a, err := e.store.Administrator(e.t.Context(), home, holder)
	e.must(err)
	a.Keys, a.Rev = append(a.Keys, key.ID), a.Rev+1
	e.must(e.store.WritePeople(e.t.Context(), people.Change{Keys: []access.Key{key}, Administrators: []org.Administrator{*a}}))
	return text
}

func annsKey(e *entrance) string {
	return e.keyOf(access.OrganizationAdministrator, storetest.Organization, "ann", func(*access.Key) {})
}

var secretOnPage = regexp.MustCompile(`id="secret"[^>]*>([A-Z2-7 ]+)<`)

// enrols takes the prompt's steps from where it begins, and gives what it leads back to.
func (e *entrance) enrols(p visitor.Page) visitor.Page {
	e.t.Helper()
	p = e.Follow(p)
	p = e.Follow(e.Post(p, "enrollment"))
	p = e.Follow(e.Post(p, "steps", "recovery_email", "private@home.example", "recovery_email_again", "private@home.example"))
	p = e.Follow(e.Post(p, "steps", "code", e.proving(user.VerifyRecovery)))
	if p.Status == 200 && strings.Contains(p.HTML, `name="method"`) {
		p = e.Follow(e.Post(p, "steps", "method", "totp"))
	}
	secret := p.Found(secretOnPage)
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	e.must(err)
	e.secret = decoded
	p = e.Post(p, "steps", "code", e.Code(e.t, e.secret))
	return e.returns(e.Post(p, "return"))
}

// proving is the code that was mailed to the administrator in the prompt.
func (e *entrance) proving(p user.Purpose) string {
	e.t.Helper()
	f := e.asUser()
	for _, c := range f.Challenges {
		if c.Purpose == p {
			code, err := factor.MailedCode(e.Keys, c.KeyID, f.Mailed(c))
			e.must(err)
			return code
		}
	}
	e.t.Fatalf("no code of purpose %q is under way", p)
	return ""
}

// asUser are the factors of whoever is on the way in, as a user of the administrators' organisation.
func (e *entrance) asUser() user.Factors {
	e.t.Helper()
	a, err := e.store.Administrator(e.t.Context(), e.ticket().Organization, map[string]string{storetest.Organization: "ann", "": "root"}[e.ticket().Organization])
	e.must(err)
	desk, err := e.Admission.Desk(e.t.Context(), "https://example.com/console/return")
	e.must(err)
	snap, err := e.store.Read(e.t.Context(), desk, access.Administrators, admission.UserOf(*a))
	e.must(err)
	return snap.Factors
}

// returns follows the browser back to the console.
func (e *entrance) returns(p visitor.Page) visitor.Page {
	e.t.Helper()
	to, err := url.Parse(p.Header.Get("Location"))
	e.must(err)
	if p.Status != http.StatusSeeOther || to.Scheme+"://"+to.Host != "https://example.com" {
		e.t.Fatalf("%s: %d to %s: %s", p.Path, p.Status, to, p.Text)
	}
	return e.Follow(e.Send(http.MethodGet, to.RequestURI(), nil))
}

// comesIn signs ann in for the first time.
func (e *entrance) comesIn() visitor.Page {
	e.t.Helper()
	p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed())).Sees(200, "Show your key")
	return e.enrols(e.Post(p, "key", "key", annsKey(e)))
}

// comesAgain signs ann in with the app that she has.
func (e *entrance) comesAgain() visitor.Page {
	e.t.Helper()
	e.Clock.Advance(30 * time.Second)
	p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed()))
	return e.returns(e.Follow(e.Post(p, "answers", "code", e.Code(e.t, e.secret))))
}

func TestAnAdministratorComesIn(t *testing.T) {
	e := newEntrance(t)
	e.Send(http.MethodGet, "/console", nil).Sees(http.StatusSeeOther)
	if p := e.comesIn(); p.Status != 200 || !strings.HasPrefix(p.Path, "/console/organizations/"+storetest.Organization) {
		t.Fatalf("%s: %d %s", p.Path, p.Status, p.Text)
	}
	p := e.Send(http.MethodPost, "/console/sign-out", nil)
	p.Sees(http.StatusSeeOther)
	e.opens("").Sees(http.StatusSeeOther)
	if p := e.comesAgain(); p.Status != 200 || !strings.HasPrefix(p.Path, "/console/organizations/"+storetest.Organization) {
		t.Fatalf("%s: %d %s", p.Path, p.Status, p.Text)
	}
}

// Signed out is signed out: whoever kept the cookie has nothing.
func TestSigningOutEndsTheSession(t *testing.T) {
	e := newEntrance(t)
	e.comesIn()
	kept := e.Cookies["__Host-console"]
	e.Send(http.MethodPost, "/console/sign-out", nil).Sees(http.StatusSeeOther)
	e.Cookies["__Host-console"] = kept
	if p := e.opens(""); p.Status != http.StatusSeeOther || p.Header.Get("Location") != "/console/sign-in?over=yes" {
		t.Errorf("%d %s", p.Status, p.Text)
	}
}

// Whoever comes back several times with what the prompt gave, because a reply was lost or at once, has one session; and none once that is over.
func TestAPassageIsOneSession(t *testing.T) {
	e := newEntrance(t)
	p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed())).Sees(200, "Show your key")
	var back, way string
	inside := e.Pages
	e.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/console/return" {
			back, way = r.URL.RequestURI(), e.Cookies["__Host-console-way"]
		}
		inside.ServeHTTP(w, r)
	})
	e.enrols(e.Post(p, "key", "key", annsKey(e))).Sees(200)
	again := func() visitor.Page {
		e.Cookies["__Host-console-way"] = way
		return e.Follow(e.Send(http.MethodGet, back, nil))
	}
	for range 3 {
		if again().Sees(200, "Overview"); len(e.sessions()) != 1 {
			t.Fatalf("%d sessions", len(e.sessions()))
		}
	}
	e.Send(http.MethodPost, "/console/sign-out", nil).Sees(http.StatusSeeOther)
	e.Cookies["__Host-console-way"] = way
	if p := e.Send(http.MethodGet, back, nil); p.Header.Get("Location") != "/console/sign-in?over=yes" || e.Cookies["__Host-console"] != "" {
		t.Errorf("after signing out: %d to %s", p.Status, p.Header.Get("Location"))
	}
	again().Sees(200, "Please begin again")
	if n := len(e.sessions()); n != 0 || e.Cookies["__Host-console"] != "" {
		t.Errorf("%d sessions after signing out", n)
	}
}

// sessions are those that ann has.
func (e *entrance) sessions() []access.Key {
	e.t.Helper()
	a, err := e.store.Administrator(e.t.Context(), storetest.Organization, "ann")
	e.must(err)
	keys, err := e.store.Keys(e.t.Context(), a.Keys...)
	e.must(err)
	return slices.DeleteFunc(keys, func(k access.Key) bool { return !k.Console || !k.Live(e.Clock.Now()) })
}

func TestASessionEnds(t *testing.T) {
	e := newEntrance(t)
	e.comesIn()
	e.Clock.Advance(access.ConsoleIdle)
	e.opens("").Sees(http.StatusSeeOther)
	e.comesAgain().Sees(200)
	for range 9 { // something is done every 50 minutes
		e.Clock.Advance(50 * time.Minute)
		e.opens("").Sees(200)
	}
	e.Clock.Advance(30 * time.Minute)
	e.opens("").Sees(http.StatusSeeOther)
}

// A reset of the administrator's second factor, as of any user's, is the end of what was signed in with it.
func TestAResetEndsTheSession(t *testing.T) {
	e := newEntrance(t)
	e.comesIn()
	a, err := e.store.Administrator(t.Context(), storetest.Organization, "ann")
	e.must(err)
	_, _, f, err := e.store.Recipient(t.Context(), access.Administrators, admission.UserOf(*a))
	e.must(err)
	again := f.Next()
	again.Epoch++ // what a reset raises, before she has another
	e.must(e.store.Write(t.Context(), user.Change{Factors: &again}))
	e.opens("").Sees(http.StatusSeeOther)
	e.comesAgain().Sees(200)
	f, err = e.factorsOf(admission.UserOf(*a))
	e.must(err)
	gone := f.Next()
	gone.Authenticators = nil
	e.must(e.store.Write(t.Context(), user.Change{Factors: &gone}))
	e.opens("").Sees(http.StatusSeeOther)
	e.comesIn().Sees(200)
	e.store.FailNext(memstore.Recipient, false, errDown)
	e.opens("").Sees(503)
	e.opens("").Sees(200)
}

func (e *entrance) factorsOf(id string) (user.Factors, error) {
	_, _, f, err := e.store.Recipient(e.t.Context(), access.Administrators, id)
	return f, err
}

// From the console one comes to the page of the own second factor, and back.
func TestTheOwnSecondFactor(t *testing.T) {
	e := newEntrance(t)
	e.comesIn()
	p := e.Post(e.opens("/self").Sees(200, "Your second factor"), "factor")
	if to := p.Header.Get("Location"); p.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/account?page=") {
		t.Fatalf("%d to %s", p.Status, to)
	}
	e.Follow(e.Send(http.MethodGet, "/console/return", nil)).Sees(200, "Overview")
}

// What removes the administrator, lowers a permission or revokes the session reaches it at once.
func TestASessionIsAKeyOfItsHolder(t *testing.T) {
	e := newEntrance(t)
	e.comesIn()
	e.AddAdministrator(t, "bea")
	few := []access.Permission{access.AuditRead, access.PolicyWrite}
	_, err := e.People.ChangeAdministrator(t.Context(), e.System, storetest.Organization, "ann", people.Lowered{Permissions: &few})
	e.must(err)
	e.opens("/users").Sees(http.StatusForbidden, "Policy", "My account") // and the menu leads to what she may
	e.Follow(e.opens("")).Sees(200, "Policy")
	e.must(e.People.RemoveAdministrator(t.Context(), e.System, storetest.Organization, "ann"))
	e.opens("").Sees(http.StatusSeeOther)
}

// An address of nobody is answered as one of somebody is: in words, in cookies, in writes, and when it is tried.
func TestNobodyLearnsWhoIsThere(t *testing.T) {
	e := newEntrance(t)
	known := e.knock(storetest.Organization, "ann@acme.example")
	kept := len(e.Cookies["__Host-console-way"])
	for who, at := range map[string]string{"eve@acme.example": storetest.Organization, "ann@acme.example": "no-such", "root@vendor.example": storetest.Organization} {
		e.Cookies = map[string]string{}
		p := e.knock(at, who)
		if p.Status != known.Status || strings.ReplaceAll(p.Text, login.Mask(who), "") != strings.ReplaceAll(known.Text, login.Mask("ann@acme.example"), "") {
			t.Errorf("%s at %s is told %q, somebody %q", who, at, p.Text, known.Text)
		}
		if more := len(e.Cookies["__Host-console-way"]) - kept; more > 16 || more < -16 {
			t.Errorf("%s at %s: a cookie of another length by %d", who, at, more)
		}
		for try := range 6 {
			if p = e.Post(p, "code", "code", "12345678"); try < 5 {
				p.Sees(422, "The code was not accepted")
			}
		}
		if p.Status != http.StatusSeeOther {
			t.Errorf("%s at %s: the sixth try of a code is %d", who, at, p.Status)
		}
	}
	for _, o := range e.store.Deliveries() {
		if o.Kind == "arrival" && o.Administrator != "ann" {
			t.Errorf("something is mailed to nobody: %+v", o)
		}
	}
}

// What is no address, or no id, is said at once: it tells nothing of who is there.
func TestWhatCannotBeSomebody(t *testing.T) {
	e := newEntrance(t)
	p := e.Send(http.MethodGet, "/console/sign-in", nil)
	e.Post(p, "sign-in", "organization", storetest.Organization, "email", "ann").Sees(422, "not one bare email address")
	e.Post(p, "sign-in", "organization", "a#b", "email", "ann@acme.example").Sees(422, "No organisation can have this id")
	if again := e.Post(p, "sign-in", "organization", "<b>", "email", "ann@acme.example"); !strings.Contains(again.HTML, `value="ann@acme.example"`) {
		t.Error("what was typed is gone")
	}
}

// The mailed code alone sets no second factor up: that takes a key of the administrator's own.
func TestTheMailboxAloneIsNotEnough(t *testing.T) {
	e := newEntrance(t)
	p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed())).Sees(200, "Show your key")
	e.AddAdministrator(t, "bea")
	for name, key := range map[string]string{
		"nothing": "", "no key": "tfk_admin_", "an application's": e.issued(t, "crm"), "an application's of her name": e.issued(t, "ann"),
		"another's":        e.keyOf(access.OrganizationAdministrator, storetest.Organization, "bea", func(*access.Key) {}),
		"one that is over": e.keyOf(access.OrganizationAdministrator, storetest.Organization, "ann", func(k *access.Key) { k.ExpiresAt = e.Clock.Now() }),
		"one that is less": e.keyOf(access.OrganizationAdministrator, storetest.Organization, "ann", func(k *access.Key) { k.Scope = []access.Permission{access.AuditRead} }),
		"a session's":      e.keyOf(access.OrganizationAdministrator, storetest.Organization, "ann", func(k *access.Key) { k.Console = true }),
		"a system one":     e.keyOf(access.SystemAdministrator, "", "root", func(*access.Key) {}),
	} {
		if s := e.Post(p, "key", "key", key); s.Status != 422 || !strings.Contains(s.Text, "no live key of yours") {
			t.Errorf("%s: %d %s", name, s.Status, s.Text)
		}
	}
	if f := e.asUser(); f.Enrolled() {
		t.Error("enrolled without a key")
	}
	p = e.Post(p, "key", "key", annsKey(e))
	if e.enrols(p).Status != 200 {
		t.Error("not in with a key")
	}
}

// issued is the text of a key of an application's.
func (e *entrance) issued(t *testing.T, application string) string {
	t.Helper()
	key, text := access.NewKey(access.Application, e.Clock.Now())
	key.Holder, key.Organizations = application, []string{storetest.Organization}
	e.must(e.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{key}}))
	return text
}

// Steps that were not reached are not there: without the code, of another browser, or after the time.
func TestStepsAreNotSkipped(t *testing.T) {
	e := newEntrance(t)
	for _, path := range []string{"/console/sign-in/code", "/console/sign-in/key", "/console/return?code=x", "/console/return"} {
		if p := e.Send(http.MethodGet, path, nil); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/console/sign-in?over") {
			t.Errorf("%s: %d %s", path, p.Status, p.Header.Get("Location"))
		}
	}
	e.knock(storetest.Organization, "ann@acme.example")
	for _, path := range []string{"/console/sign-in/key", "/console/return?code=x"} {
		e.Send(http.MethodGet, path, nil).Sees(http.StatusSeeOther)
		e.knock(storetest.Organization, "ann@acme.example")
	}
	e.Send(http.MethodPost, "/console/sign-in/key", url.Values{"key": {annsKey(e)}}).Sees(http.StatusSeeOther)
	e.comesIn()
	e.Clock.Advance(30 * time.Second)
	e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed()))
	e.Send(http.MethodGet, "/console/sign-in/key", nil).Sees(http.StatusSeeOther) // she has a second factor
	code := func() string { e.knock(storetest.Organization, "ann@acme.example"); return e.mailed() }()
	other := visitor.New(t, e.Pages)
	e.Browser = other
	p := e.knock(storetest.Organization, "ann@acme.example")
	e.Post(p, "code", "code", code).Sees(422, "The code was not accepted")
	e.Clock.Advance(user.CodeLife)
	if p := e.Post(p, "code", "code", code); p.Status != http.StatusSeeOther {
		t.Errorf("after its time: %d", p.Status)
	}
}

// A policy that asks administrators for nothing lets nobody in here.
func TestWithoutASecondFactorNobodyComesIn(t *testing.T) {
	e := newEntrance(t)
	_, err := e.Admission.Desk(t.Context(), "https://example.com/console/return")
	e.must(err)
	found, err := e.store.Organizations(t.Context(), access.Administrators)
	e.must(err)
	o := found[access.Administrators]
	for _, change := range []func(*org.Organization){
		func(o *org.Organization) { o.Policy.Status = org.Disabled }, func(o *org.Organization) { o.Policy.Status = org.Enabled },
		func(o *org.Organization) { o.Policy.Status, o.Policy.GraceDays = org.Forced, 30 }, func(o *org.Organization) { o.Entitlements.TwoFactor = false },
	} {
		change(&o)
		o.Rev++
		e.must(e.store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o}))
		p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed()))
		if p.Path == "/console/sign-in/key" {
			p = e.Follow(e.Post(p, "key", "key", annsKey(e)))
			if strings.HasPrefix(p.Path, "/prompt") { // offered; she wants none
				p = e.returns(e.Post(p, "return"))
			}
		}
		if p.Sees(http.StatusForbidden, "No second factor is asked for"); e.Cookies["__Host-console"] != "" {
			t.Errorf("%+v: in", o.Policy.Status)
		}
		e.Clock.Advance(user.SendWindow)
	}
}

// Failures lose nothing: the same request goes through afterwards.
func TestFailuresOnTheWayIn(t *testing.T) {
	e := newEntrance(t)
	again := func(what string, ops []memstore.Operation, send func() visitor.Page) visitor.Page {
		for _, op := range ops {
			for _, persisted := range []bool{false, true} {
				e.store.FailNext(op, persisted, errDown)
				if p := send(); p.Status != 503 || strings.Contains(p.HTML, "secret-cause") {
					t.Errorf("%s, %s: %d %s", what, op, p.Status, p.Text)
				}
			}
		}
		return send()
	}
	form := e.Send(http.MethodGet, "/console/sign-in", nil)
	p := again("knock", []memstore.Operation{memstore.Administrators, memstore.Arrival, memstore.WriteArrival}, func() visitor.Page {
		return e.Post(form, "sign-in", "organization", storetest.Organization, "email", "ann@acme.example")
	})
	p = e.Follow(p)
	code := e.mailed()
	p = again("code", []memstore.Operation{memstore.Arrival, memstore.One, memstore.WriteAdmission}, func() visitor.Page {
		return e.Post(p, "code", "code", code)
	})
	key := annsKey(e)
	p = e.Follow(p)
	p = again("key", []memstore.Operation{memstore.One, memstore.ReadOrganization}, func() visitor.Page { return e.Post(p, "key", "key", key) })
	if p := e.enrols(p); p.Status != 200 {
		t.Errorf("%d %s", p.Status, p.Text)
	}
}

// An id that no organisation can have is nobody's, and no store is asked for it.
func TestPathsOfNoOrganization(t *testing.T) {
	f := newFixture(t)
	f.root()
	for _, id := range []string{strings.Repeat("a", 3000), "a%23b", "%00", "a%2Fb"} {
		f.store.FailNext(memstore.ReadOrganization, false, errDown)
		f.Send(http.MethodGet, "/console/organizations/"+id, nil).Sees(404)
	}
}

// Who takes too long begins again, whatever the browser has kept.
func TestAWayInEnds(t *testing.T) {
	e := newEntrance(t)
	p := e.Follow(e.Post(e.knock(storetest.Organization, "ann@acme.example"), "code", "code", e.mailed())).Sees(200, "Show your key")
	e.Clock.Advance(login.Life + login.EnrollingLife)
	if s := e.Post(p, "key", "key", annsKey(e)); s.Header.Get("Location") != "/console/sign-in?over=yes" {
		t.Errorf("%d to %s", s.Status, s.Header.Get("Location"))
	}
}
