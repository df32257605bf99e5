package console_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// choose posts the table's form with these users chosen.
func (f *fixture) choose(deed string, ids ...string) visitor.Page {
	f.t.Helper()
	return f.sends("/users/chosen", url.Values{"deed": {deed}, "user": ids, "back": {"status=enrolled&sort=email"}})
}

// confirmsDeed sends the page that shows whom it is about.
func (f *fixture) confirmsDeed(p visitor.Page, pairs ...string) visitor.Page {
	f.t.Helper()
	return f.Post(p, "changed", pairs...)
}

// events are those of a kind.
func (f *fixture) events(kind audit.Kind) []audit.Event {
	f.t.Helper()
	found, _, err := f.store.Events(f.t.Context(), storetest.Organization, report.EventQuery{Kinds: []audit.Kind{kind}, Limit: 1000})
	f.must(err)
	return found
}

// fates are how often each result stands on a page of results.
func fates(p visitor.Page) map[string]int {
	found := map[string]int{}
	for _, word := range []string{"Done", "Stood already", "Not done"} {
		found[word] = strings.Count(p.HTML, ">"+word+"</span>")
	}
	return found
}

func TestSeveralAreRequired(t *testing.T) {
	f := crowd(t)
	p := f.choose("require", "adam", "bea", "gone", "bea").Sees(200, "Require a second factor", "Users whom it is about: 2", "a@acme.example", "Let in", "no such user any more: gone")
	if f.profile("bea").Enforcement.Kind != user.Inherit {
		t.Fatal("something was done before it was confirmed")
	}
	if !strings.Contains(p.HTML, `href="/console/organizations/acme.example/users?sort=email&amp;status=enrolled"`) {
		t.Errorf("the way back is lost: %s", p.HTML)
	}
	p = f.confirmsDeed(p, "reason", "leak").Sees(200, "What became of it")
	if got := fates(p); got["Done"] != 2 {
		t.Errorf("%v: %s", got, p.Text)
	}
	for _, id := range []string{"adam", "bea"} {
		if e := f.profile(id).Enforcement; e.Kind != user.Required || e.Reason != "leak" || e.SetBy != "ann" {
			t.Errorf("%s: %+v", id, e)
		}
	}
	again := f.confirmsDeed(f.choose("require", "adam", "bea"), "reason", "leak")
	if got := fates(again); got["Stood already"] != 2 {
		t.Errorf("again: %v", got)
	}
	f.confirmsDeed(f.choose("inherit", "adam", "bea")).Sees(200, "Done")
	if f.profile("adam").Enforcement.Kind != user.Inherit {
		t.Error("nothing was cleared")
	}
}

func TestSeveralAreExemptedOrGivenTime(t *testing.T) {
	f := crowd(t)
	p := f.choose("exempt", "bea", "carl")
	for typed, want := range map[string]string{"": "Give a day", "soon": "Give a day", "2026-11-21": "The day must lie ahead", "2027-06-01": "within the next 90 days"} {
		refused := f.confirmsDeed(p, "user", "bea", "until", typed, "reason", "kept as typed").Sees(422, want)
		if !strings.Contains(refused.HTML, `value="kept as typed"`) || !strings.Contains(refused.HTML, `aria-invalid="true"`) {
			t.Errorf("%q: what was typed is lost, or not marked", typed)
		}
	}
	f.confirmsDeed(p, "until", "2026-12-24", "reason", "").Sees(422, "an exemption needs one")
	if got := fates(f.confirmsDeed(p, "until", "2026-12-24", "reason", "abroad").Sees(200)); got["Done"] != 2 {
		t.Errorf("%v", got)
	}
	if e := f.profile("bea").Enforcement; e.Kind != user.Exempt || e.Until.Format("2006-01-02T15:04") != "2026-12-25T00:00" || e.Reason != "abroad" {
		t.Errorf("%+v", e)
	}
	p = f.choose("grace", "bea", eve)
	f.confirmsDeed(p, "until", "2026-11-21", "reason", "r").Sees(422, "must be today or later")
	f.confirmsDeed(p, "until", "2026-11-22", "reason", "").Sees(422, "An extension needs a reason")
	f.confirmsDeed(p, "until", "2026-12-24", "reason", "leave").Sees(200, "Done")
	p = f.confirmsDeed(f.choose("grace", "bea", "adam", eve), "until", "2026-12-20", "reason", "leave").Sees(200, "This user has a later deadline already")
	if got := fates(p); got["Done"] != 1 || got["Not done"] != 2 {
		t.Errorf("%v", got)
	}
	if g := f.profile("adam").Grace; g.Until.IsZero() || g.SetBy != "ann" {
		t.Errorf("who came after one that was refused: %+v", g)
	}
}

func TestSeveralAreReset(t *testing.T) {
	f := crowd(t)
	ids := f.many("u", 12)
	p := f.choose("reset", append([]string{eve}, ids...)...).Sees(200, "All methods", "cannot be brought back", "Beyond what you may do within an hour without an allowance: 3")
	if n := strings.Count(p.HTML, ">Needed</span>"); n != 3 || !strings.Contains(p.HTML, `href="/console/organizations/acme.example/allowances/new?users=3"`) {
		t.Errorf("%d are marked: %s", n, p.HTML)
	}
	f.confirmsDeed(p, "reason", "").Sees(422, "Give a reason")
	if len(f.Factors(t, eve).Authenticators) != 1 {
		t.Fatal("reset without a reason")
	}
	p = f.confirmsDeed(p, "reason", "phones were stolen").Sees(200, "ask for an allowance first", "Try again with 3 of them")
	if got := fates(p); got["Done"] != 10 || got["Not done"] != 3 || len(f.events(audit.UserReset)) != 10 || len(f.Factors(t, eve).Authenticators) != 0 {
		t.Errorf("%v, %d events: %s", got, len(f.events(audit.UserReset)), p.Text)
	}
	if e := f.events(audit.UserReset)[0]; e.Reason != "phones were stolen" || e.Actor != "ann" || e.User != eve {
		t.Errorf("%+v", e)
	}
	rest := f.Post(p, "chosen").Sees(200, "u-0009", "u-0011", "Beyond what you may do within an hour without an allowance: 3")
	if strings.Contains(rest.Text, "u-0008") {
		t.Error("who was reset is to be reset again")
	}
	f.allowance(3)
	rest = f.Post(p, "chosen").Sees(200)
	if strings.Contains(rest.Text, "allowance") {
		t.Errorf("an allowance is asked for that was given: %s", rest.Text)
	}
	if got := fates(f.confirmsDeed(rest, "reason", "the rest")); got["Done"] != 3 {
		t.Errorf("%v", got)
	}
}

// More are exempted than may be: none is, and an allowance is offered.
func TestTooManyExemptions(t *testing.T) {
	f := crowd(t)
	ids := f.many("u", 12)
	p := f.confirmsDeed(f.choose("exempt", ids...), "until", "2026-12-24", "reason", "r").Sees(409, "ask for an allowance first", "Ask for an allowance", "Users whom it is about: 12")
	if len(f.events(audit.UserExempted)) != 1 { // adam's, of before
		t.Error("somebody was exempted")
	}
	f.allowance(5)
	if got := fates(f.confirmsDeed(p, "until", "2026-12-24", "reason", "r").Sees(200)); got["Done"] != 12 {
		t.Errorf("%v", got)
	}
}

func TestWhatNobodyIsChosenWith(t *testing.T) {
	f := crowd(t)
	var crowds []string
	for at := range 51 {
		crowds = append(crowds, "u"+strconv.Itoa(at))
	}
	for what, values := range map[string]url.Values{
		"nobody": {"deed": {"reset"}}, "an empty id": {"deed": {"reset"}, "user": {""}}, "no deed": {"user": {eve}}, "another deed": {"deed": {"delete"}, "user": {eve}},
		"too many": {"deed": {"require"}, "user": crowds}, "a control": {"deed": {"require"}, "user": {"a\nb"}}, "not UTF-8": {"deed": {"require"}, "user": {"\xff"}},
		"too long": {"deed": {"require"}, "user": {strings.Repeat("a", 129)}}, "only who is gone": {"deed": {"require"}, "user": {"gone"}},
	} {
		for _, path := range []string{"/users/chosen", "/users/changed"} {
			if path == "/users/changed" && what == "only who is gone" {
				continue
			}
			if p := f.sends(path, values); p.Status != 422 || !strings.Contains(p.Text, "Nobody was chosen") {
				t.Errorf("%s at %s: %d %s", what, path, p.Status, p.Text)
			}
		}
	}
	if p := f.sends("/users/changed", url.Values{"deed": {"require"}, "user": {"gone"}}).Sees(200, "There is no such user any more."); fates(p)["Not done"] != 1 {
		t.Error(p.Text)
	}
	p := f.sends("/users/chosen", url.Values{"back": {"sort=email&evil=1&cursor=%0d%0aLocation:x"}})
	if strings.Contains(p.HTML, "evil") {
		t.Errorf("a way back of somebody else's: %s", p.HTML)
	}
	f.Follow(f.opens("/users/chosen")).Sees(200, "Users")
	f.Follow(f.opens("/users/changed")).Sees(200, "Users")
}

// Fifty users whose ids are as long as they may be fit into the form.
func TestTheLongestIds(t *testing.T) {
	f := crowd(t)
	var ids []string
	for at := range 50 {
		id := strings.Repeat("ä", 63) + strconv.Itoa(at%10)
		ids = append(ids, string(rune('a'+at/10))+id)
	}
	f.registered(ids...)
	p := f.choose("require", ids...).Sees(200, "Users whom it is about: 50")
	if got := fates(f.confirmsDeed(p, "reason", strings.Repeat("ä", 200))); got["Done"] != 50 {
		t.Errorf("%v", got)
	}
}

func TestSeveralNeedThePermission(t *testing.T) {
	f := crowd(t)
	page := f.choose("reset", eve)
	require := f.choose("require", eve)
	f.bob(access.ReportsRead, access.UsersWrite)
	f.choose("reset", eve).Sees(403)
	f.confirmsDeed(page, "reason", "r").Sees(403)
	f.bob(access.ReportsRead, access.UsersReset)
	f.choose("require", eve).Sees(403)
	f.confirmsDeed(require).Sees(403)
	f.root()
	f.choose("require", eve).Sees(403)
	f.confirmsDeed(page, "reason", "r").Sees(403)
	if len(f.events(audit.UserReset))+len(f.events(audit.UserRequired)) != 0 {
		t.Error("something was done")
	}
}

// What one failure leaves undone is said, and what fails for all is no result at all.
func TestFailuresOfSeveral(t *testing.T) {
	f := crowd(t)
	p := f.choose("reset", eve, "bea", "carl")
	f.store.FailAfter(memstore.Write, 1, false, errDown)
	said := f.confirmsDeed(p, "reason", "r").Sees(200, "it is not known whether this was done", "Try again with 1 of them")
	if got := fates(said); got["Done"] != 2 || got["Not done"] != 1 || strings.Contains(said.HTML, "secret-cause") {
		t.Errorf("%v: %s", got, said.Text)
	}
	for range 3 {
		f.store.FailNext(memstore.Write, false, errDown)
	}
	f.confirmsDeed(p, "reason", "r").Sees(503, "Nothing is lost")
	p = f.choose("require", "bea")
	for _, op := range []memstore.Operation{memstore.Members, memstore.ReadOrganization, memstore.Write} {
		f.store.FailNext(op, false, errDown)
		f.confirmsDeed(p).Sees(503, "Nothing is lost")
	}
	f.confirmsDeed(p).Sees(200, "Done")
	for _, op := range []memstore.Operation{memstore.Read, memstore.One} {
		f.store.FailNext(op, false, errDown)
		f.choose("reset", "bea").Sees(503)
	}
	f.choose("reset", "bea").Sees(200)
}

// Where the organisation has no two-factor authentication nobody is required to have it.
func TestWhatIsNotAvailableIsNotRequired(t *testing.T) {
	f := crowd(t)
	p := f.choose("require", "bea")
	f.changes(func(o *org.Organization) { o.Entitlements.TwoFactor = false })
	f.confirmsDeed(p).Sees(422, "not available for this organisation")
	if strings.Contains(f.opens("/users/one?user=bea").Sees(200).HTML, `/users/one/require"`) {
		t.Error("it is offered")
	}
}

// allowance gives ann one.
func (f *fixture) allowance(n int) {
	f.t.Helper()
	p := f.Follow(f.Post(f.opens("/allowances/new"), "new", "users", strconv.Itoa(n), "reason", "phones were stolen"))
	f.Follow(f.Post(p, p.Path[strings.LastIndex(p.Path, "/")+1:], "code", f.allowanceCode())).Sees(200, "The allowance is given")
	f.Clock.Advance(user.SendInterval)
}
