package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
)

// actsFor has root, who is signed in, act in an administrator's place.
func (f *fixture) actsFor(organization, administrator string) visitor.Page {
	f.t.Helper()
	p := f.opensVendors("/organizations/one?id=" + organization)
	return f.Post(p, "act", "administrator", administrator, "reason", "ticket 12")
}

// banners reports whether a page says above everything that somebody acts in another's place.
func banners(p visitor.Page) bool { return strings.Contains(p.HTML, `<aside class="banner">`) }

// underWay are the impersonations of the organisation.
func (f *fixture) underWay(organization string) []people.Session {
	f.t.Helper()
	all, err := f.People.Impersonations(f.t.Context(), f.System, organization)
	f.must(err)
	return all
}

// eventsOf are the events of a kind in an organisation's log.
func (f *fixture) eventsOf(organization string, kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), organization, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	return slices.DeleteFunc(all, func(e audit.Event) bool { return e.Kind != kind })
}

const over = "You act in nobody's place any more."

func TestASystemAdministratorActsInAnAdministratorsPlace(t *testing.T) {
	f := newFixture(t)
	f.root()
	if banners(f.opens("").Sees(200)) {
		t.Error("a banner before anybody acts")
	}
	f.opensVendors("/organizations/one?id="+ofAcme).Sees(200, "Act in an administrator’s place", "In whose place?", "ann")
	begun := f.actsFor(ofAcme, "ann").Sees(303)
	if to := begun.Header.Get("Location"); to != "/console/organizations/"+ofAcme {
		t.Errorf("goes to %s", to)
	}
	p := f.Follow(begun).Sees(200, "root is acting as ann of Acme, until", "All that is done here is recorded with both names", "Stop acting", "All organisations")
	if !banners(p) || strings.Contains(p.HTML, "/keys\"") {
		t.Errorf("banner %v, or the keys are offered: %s", banners(p), p.HTML)
	}
	if s := f.underWay(ofAcme); len(s) != 1 || s[0].By != "root" || s[0].Administrator != "ann" || s[0].Reason != "ticket 12" {
		t.Errorf("under way: %+v", s)
	}
	if e := f.eventsOf(ofAcme, audit.ImpersonationBegun); len(e) != 1 || !e[0].Notify || e[0].Reason != "ticket 12" {
		t.Errorf("events: %+v", e)
	}
	before := f.Cookies["__Host-console"]
	p = f.Follow(f.Post(p, "end")).Sees(200, over, "Overview")
	if p = f.opens("").Sees(200); banners(p) || len(f.underWay(ofAcme)) != 0 || len(f.eventsOf(ofAcme, audit.ImpersonationEnded)) != 1 {
		t.Error("it has not ended")
	}
	f.Cookies["__Host-console"] = before // whoever kept the cookie acts no more
	f.Follow(f.opens("")).Sees(200, over)
	if banners(f.opens("").Sees(200)) {
		t.Error("it is in the session still")
	}
}

func TestWhatIsDoneInSomebodysPlaceNamesBoth(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	p := f.opens("/impersonations").Sees(200, "root", "ann", "ticket 12")
	if !banners(p) {
		t.Error("no banner")
	}
	if strings.Contains(p.HTML, "/impersonations/end") {
		t.Error("ending is offered to who may not")
	}
	values := url.Values{"id": {f.underWay(ofAcme)[0].ID}}
	refused := f.Send(http.MethodPost, "/console/organizations/"+ofAcme+"/impersonations/end", values).Sees(403)
	if !banners(refused) || len(f.underWay(ofAcme)) != 1 {
		t.Error("a refusal without a banner, or it ended")
	}
	for _, path := range []string{"/nowhere", "/users/", "/impersonation/end"} {
		if nowhere := f.opens(path).Sees(404); !banners(nowhere) {
			t.Errorf("what there is not has no banner: %s", path)
		}
	}
	f.store.FailNext(memstore.ReadOrganization, false, errors.New("down"))
	if failed := f.opens("").Sees(503); !banners(failed) {
		t.Error("a failure without a banner")
	}
}

func TestAnImpersonationEndsByItself(t *testing.T) {
	f := newFixture(t)
	for name, act := range map[string]func(){
		"its time is over": func() { f.Clock.Advance(access.SessionLife) },
		"an administrator ends it": func() {
			f.must(f.People.EndImpersonation(t.Context(), f.Administrator, ofAcme, f.underWay(ofAcme)[0].ID))
		},
		"whom it is for is removed": func() { f.must(f.People.RemoveAdministrator(t.Context(), f.System, ofAcme, "bea")) },
	} {
		f.AddAdministrator(t, "bea")
		f.root()
		f.Follow(f.actsFor(ofAcme, "bea")).Sees(200, "root is acting as bea")
		act()
		p := f.Follow(f.opens("")).Sees(200, over, "Overview")
		if banners(p) || !strings.HasPrefix(p.Path, "/console/vendor") {
			t.Errorf("%s: %s", name, p.Path)
		}
		if p = f.opens("").Sees(200); banners(p) {
			t.Errorf("%s: it is in the session still", name)
		}
		if name != "whom it is for is removed" {
			f.must(f.People.RemoveAdministrator(t.Context(), f.System, ofAcme, "bea"))
		}
	}
}

// The session that somebody is signed in with is what an impersonation hangs on: without it there is none.
func TestWhoeverSignsOutActsNoMore(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	keys, err := f.store.Keys(t.Context(), f.System.Credential.ID)
	f.must(err)
	keys[0].RevokedAt = f.Clock.Now()
	f.must(f.store.WritePeople(t.Context(), people.Change{Altered: keys}))
	p := f.opens("").Sees(303)
	p = f.Send(http.MethodGet, p.Header.Get("Location"), nil).Sees(303)
	if to := p.Header.Get("Location"); to != "/console/sign-in?over=yes" || f.Cookies["__Host-console"] != "" {
		t.Errorf("goes to %s, the session %q", to, f.Cookies["__Host-console"])
	}
}

func TestPagesElsewhereSayThatOneStillActs(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.putsOrganization(policy.Put{ID: "globex", Name: "Globex", Entitlements: org.Entitlements{TwoFactor: true}})
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	for _, p := range []visitor.Page{
		f.opensVendors("").Sees(200), f.opensVendors("/organizations").Sees(200), f.opensVendors("/organizations/one?id=globex").Sees(200),
		f.Send(http.MethodGet, "/console/organizations/globex", nil).Sees(200),
	} {
		p.Sees(200, "You still act as ann of "+ofAcme, "What you do on this page, you do as yourself", "Acting as ann of "+ofAcme)
		if banners(p) || !strings.Contains(p.HTML, `href="/console/organizations/`+ofAcme+`"`) {
			t.Errorf("%s has a banner, or no way back", p.Path)
		}
	}
	own := f.opensVendors("/organizations/one?id="+ofAcme).Sees(200, "You act as ann of "+ofAcme, "Stop acting")
	renamed := f.Follow(f.Post(own, "name", "name", "Acme Two")).Sees(200, "The name is saved")
	if e := f.eventsOf(ofAcme, audit.OrganizationChanged); len(e) != 1 || e[0].Actor != "root" || e[0].Subject+e[0].Session != "" {
		t.Errorf("done as oneself: %+v", e)
	}
	f.Follow(f.Post(renamed, "impersonation/end")).Sees(200, over)
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	f.Clock.Advance(access.SessionLife - time.Minute)
	f.opensVendors("").Sees(200, "You still act as ann")
	f.Clock.Advance(time.Minute) // the session is not written for being used
	p := f.opensVendors("/organizations").Sees(200, over)
	if strings.Contains(p.Text, "still act") {
		t.Error("it is over, and said to be under way")
	}
	if p = f.opensVendors("/organizations").Sees(200); strings.Contains(p.Text, over) {
		t.Error("it is said twice")
	}
}

func TestASecondImpersonationEndsTheFirst(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.putsOrganization(policy.Put{ID: "globex", Name: "Globex", Entitlements: org.Entitlements{TwoFactor: true}, Administrator: &policy.NewAdministrator{ID: "gil", Email: "g@globex.example"}})
	f.AddAdministrator(t, "bea")
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	p := f.opensVendors("/organizations/one?id=globex").Sees(200)
	f.Post(p, "act", "administrator", "gil", "reason", "no").Sees(422, "A reason is one line of 3 to 200 characters")
	f.Post(p, "act", "administrator", "nobody", "reason", "a reason").Sees(409, "no such administrator")
	if len(f.underWay(ofAcme)) != 1 {
		t.Fatal("a form that was refused has ended it")
	}
	f.Follow(f.actsFor("globex", "gil")).Sees(200, "root is acting as gil of Globex")
	if len(f.underWay(ofAcme)) != 0 || len(f.underWay("globex")) != 1 {
		t.Error("both are under way")
	}
	if p := f.opens("").Sees(200, "You still act as gil"); banners(p) {
		t.Error("the first is in the session still")
	}
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200, "as ann")
	f.Follow(f.actsFor(ofAcme, "bea")).Sees(200, "as bea")
	first := f.underWay(ofAcme)
	f.Follow(f.actsFor(ofAcme, "bea")).Sees(200, "as bea")
	if again := f.underWay(ofAcme); len(first) != 1 || len(again) != 1 || again[0].ID == first[0].ID || again[0].Administrator != "bea" {
		t.Errorf("in one organisation: %+v, then %+v", first, again)
	}
	f.opens("").Sees(200, "root is acting as bea")
}

func TestWhoCannotBeActedFor(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.must(f.store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{{
		ID: "bea", Organization: ofAcme, Email: "bea@acme.example", Invitation: &org.Invitation{ID: "i"}, Rev: 1,
	}}}))
	f.putsOrganization(policy.Put{ID: "globex", Name: "Globex", Entitlements: org.Entitlements{TwoFactor: true}})
	f.opensVendors("/organizations/one?id=globex").Sees(200, "It has no administrator yet.")
	p := f.opensVendors("/organizations/one?id=" + ofAcme).Sees(200)
	if strings.Contains(p.HTML, `value="bea"`) {
		t.Error("somebody who is invited only can be chosen")
	}
	kept := f.Post(p, "act", "administrator", "bea", "reason", hostileText).Sees(409, "has not accepted the invitation")
	if !strings.Contains(kept.HTML, "&lt;img src=x") || strings.Contains(kept.HTML, "<img src=x") {
		t.Error("the reason is lost, or HTML")
	}
	for _, reason := range []string{"", "no", strings.Repeat("x", 201), "a\u202eb"} {
		f.Post(p, "act", "administrator", "ann", "reason", reason).Sees(422, "A reason is one line")
	}
	for _, whom := range []string{"", "nobody", strings.Repeat("x", 2000), "a#b", "root"} {
		f.Post(p, "act", "administrator", whom, "reason", "a reason").Sees(409, "no such administrator")
	}
	if len(f.underWay(ofAcme)) != 0 {
		t.Error("one is under way")
	}
}

func TestActingWithoutAStore(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.AddAdministrator(t, "bea")
	p := f.opensVendors("/organizations/one?id=" + ofAcme)
	down := errors.New("down")
	act := func(whom string) visitor.Page { return f.Post(p, "act", "administrator", whom, "reason", "a reason") }
	for _, c := range []struct {
		op        memstore.Operation
		persisted bool
		whom      string
	}{
		{memstore.ReadOrganization, false, "ann"}, {memstore.One, false, "ann"}, {memstore.Keys, false, "ann"}, {memstore.WritePeople, false, "ann"},
		{memstore.WritePeople, true, "ann"}, {memstore.WritePeople, false, "bea"}, {memstore.WritePeople, true, "ann"},
	} {
		f.store.FailNext(c.op, c.persisted, down)
		act(c.whom).Sees(503)
		f.Follow(act(c.whom)).Sees(200, "root is acting as "+c.whom)
		if s := f.underWay(ofAcme); len(s) != 1 || s[0].Administrator != c.whom {
			t.Errorf("%s: %+v", c.op, s)
		}
	}
	// The first has ended, and the second cannot begin: nobody acts, and the session does not say so either.
	f.store.FailAfter(memstore.WritePeople, 1, false, down)
	act("bea").Sees(503)
	if s := f.underWay(ofAcme); len(s) != 0 || banners(f.opens("").Sees(200)) {
		t.Errorf("%+v", s)
	}
	page := f.Follow(act("bea")).Sees(200)
	for _, persisted := range []bool{false, true} {
		f.store.FailNext(memstore.WritePeople, persisted, down)
		if failed := f.Post(page, "end").Sees(503); !banners(failed) {
			t.Error("it failed, and the banner is gone")
		}
	}
	f.Follow(f.Post(page, "end")).Sees(200, over)
}

// The longest names there can be leave the cookie one that browsers keep.
func TestTheCookieHoldsBothCredentials(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("x", org.MaxID)
	f.putsOrganization(policy.Put{ID: long, Name: "Long", Entitlements: org.Entitlements{TwoFactor: true}, Administrator: &policy.NewAdministrator{ID: long, Email: "g@globex.example"}})
	f.signedIn(f.System, access.VendorHome, long)
	f.Follow(f.actsFor(long, long)).Sees(200, "is acting as "+long)
	if n := len("__Host-console") + len(f.Cookies["__Host-console"]); n > 1000 {
		t.Errorf("the cookie has %d bytes", n)
	}
}

// What a browser keeps is sealed: whoever changes a bit of it, or gives it another use, is nobody.
func TestASessionThatIsNone(t *testing.T) {
	f := newFixture(t)
	f.root()
	sealed := f.Cookies["__Host-console"]
	other, err := login.SealText(f.Keys, []byte("another use"), map[string]any{"k": f.System.Credential.Keep(), "n": "root", "t": f.Clock.Now()})
	f.must(err)
	flipped := sealed[:20] + string(rune('A'+(sealed[20]-'A'+1)%26)) + sealed[21:]
	for _, cookie := range []string{flipped, other, "x", sealed + "A"} {
		f.Cookies["__Host-console"] = cookie
		if to := f.opensVendors("").Sees(303).Header.Get("Location"); to != "/console/sign-in?over=yes" {
			t.Errorf("goes to %s", to)
		}
	}
	f.Cookies["__Host-console"] = sealed
	f.Clock.Advance(time.Hour)
	f.opensVendors("").Sees(303)
}

// admissions is the workflow that lets people in.
func (f *fixture) admissions() *admission.Service {
	return &admission.Service{Store: f.store, Codes: f.Keys, Now: f.Clock.Now}
}

// From the choice of whom to act for to the second word, which goes to the one who acts, and the end: a whole change in somebody's place.
func TestAWholeChangeInSomebodysPlace(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	p := f.proposed("grace_days", "5").Sees(200, "root is acting as ann", "We mailed a code to r•••@vendor.example")
	changed := f.Follow(f.sendsForm(p, p.Path, "code", f.mailedCode(access.VendorHome, "root"))).Sees(200, "The policy is changed", "Set by root for ann", "root is acting as ann")
	if got := f.organizationOf(ofAcme).Policy; got.GraceDays != 5 || got.ChangedBy != "root for ann" {
		t.Errorf("%d days, by %s", got.GraceDays, got.ChangedBy)
	}
	f.Follow(f.Post(changed, "impersonation/end")).Sees(200, over)
	f.opens("/impersonations").Sees(200, "Nobody acts in an administrator’s place.")
}
