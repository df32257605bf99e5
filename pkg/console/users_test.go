package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const eve = "eve"

// registered writes users with no second factor.
func (f *fixture) registered(ids ...string) {
	f.t.Helper()
	for _, id := range ids {
		_, err := f.Verify.Begin(f.t.Context(), f.Application, verify.Begin{
			Organization: storetest.Organization, User: id, Email: strings.ToLower(id[:1]) + "@acme.example", Nonce: "nonce",
		})
		f.must(err)
	}
}

// many registers users of whom each begins with what it is called.
func (f *fixture) many(called string, n int) []string {
	f.t.Helper()
	var ids []string
	for at := range n {
		ids = append(ids, fmt.Sprintf("%s-%04d", called, at))
	}
	f.registered(ids...)
	return ids
}

// changes changes the organisation by hand, under a new version of the policy.
func (f *fixture) changes(change func(o *org.Organization)) {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, eve)
	f.must(err)
	o := snap.Organization
	o.Rev++
	o.Policy.Version++
	change(o)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

// profile is a user's, and changed changes it by hand.
func (f *fixture) profile(id string) user.Profile {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, id)
	f.must(err)
	return *snap.Profile
}

func (f *fixture) changed(id string, change func(p *user.Profile)) {
	f.t.Helper()
	p := f.profile(id).Next()
	change(&p)
	f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p}))
}

// bob signs the browser in as an administrator with these permissions alone.
func (f *fixture) bob(permissions ...access.Permission) {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = "bob", []string{storetest.Organization}, permissions
	f.must(f.store.WriteOrganization(f.t.Context(), storetest.Organization, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	f.signedIn(access.Caller{Credential: credential}, storetest.Organization, "bob")
}

// order are the users of a table, as they stand in it.
func order(p visitor.Page, ids ...string) []string {
	var found []string
	for _, cell := range strings.Split(p.HTML, "<bdi>")[1:] {
		if id, _, _ := strings.Cut(cell, "</bdi>"); slices.Contains(ids, id) {
			found = append(found, id)
		}
	}
	return found
}

func (f *fixture) inOrder(path string, want ...string) {
	f.t.Helper()
	if got := order(f.opens(path).Sees(200), "adam", "bea", "carl", eve); !slices.Equal(got, want) {
		f.t.Errorf("%s: %q, want %q", path, got, want)
	}
}

// crowd are four users: eve has an app since yesterday and has verified today, carl has codes by mail, adam is exempt and bea is nothing.
func crowd(t *testing.T) *fixture {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.registered("bea", "adam", "carl")
	f.changed("carl", func(p *user.Profile) {
		p.Methods, p.EnrolledAt, p.Email = []org.Method{org.Email}, f.Clock.Now().AddDate(0, 0, -3), "aaa@acme.example"
	})
	f.changed(eve, func(p *user.Profile) { p.EnrolledAt = f.Clock.Now().AddDate(0, 0, -1); p.Email = "Zed@acme.example" })
	f.must(f.store.AddFacts(t.Context(), storetest.Organization, eve, user.Facts{VerifiedOn: "2026-11-22", CodesGeneration: 1, CodesLeft: 7}))
	_, err := f.Policy.Enforce(t.Context(), f.Administrator, policy.Subject{Organization: storetest.Organization, User: "adam"}, user.Enforcement{
		Kind: user.Exempt, Until: f.Clock.Now().AddDate(0, 0, 9), Reason: "abroad",
	})
	f.must(err)
	f.Clock.Advance(stepup.FreeWindow) // adam counts no more
	f.ann()
	return f
}

func TestTheTableOfUsers(t *testing.T) {
	f := crowd(t)
	p := f.opens("/users").Sees(200, "Users", "adam", "a@acme.example", "Exempt until 1 December 2026", "Authenticator app", "Code by mail", "Has it", "22 November 2026", "7", "Free to choose")
	// Every heading sorts; what no order has stands below what it belongs to.
	heads := regexp.MustCompile(`(?s)<thead>.*?</thead>`).FindString(p.HTML)
	if columns, sorted := strings.Count(heads, "<th "), strings.Count(heads, "?sort=")+strings.Count(heads, "&amp;sort="); sorted != 6 || columns != 7 { // one is for choosing
		t.Errorf("%d columns, %d of them sort: %s", columns, sorted, heads)
	}
	if !strings.Contains(p.HTML, `<th scope="col" aria-sort="ascending"><a href="/console/organizations/acme.example/users?order=desc&amp;sort=user">User</a>`) {
		t.Errorf("what is sorted by is not said: %s", p.HTML)
	}
	f.opens("/users?sort=enrolled_at&order=desc").Sees(200)
	for path, want := range map[string][]string{
		"/users":                               {"adam", "bea", "carl", eve},
		"/users?order=desc":                    {eve, "carl", "bea", "adam"},
		"/users?sort=email":                    {"adam", "carl", "bea", eve},
		"/users?sort=method&order=desc":        {eve, "carl", "bea", "adam"},
		"/users?sort=enrolled_at&order=desc":   {eve, "carl", "bea", "adam"},
		"/users?sort=last_verified&order=desc": {eve, "carl", "bea", "adam"},
		"/users?sort=hostile":                  {"adam", "bea", "carl", eve},
	} {
		f.inOrder(path, want...)
	}
}

func TestFilters(t *testing.T) {
	f := crowd(t)
	for query, want := range map[string][]string{
		"status=exempt":                     {"adam"},
		"status=exempt&status=enrolled":     {"adam", "carl", eve},
		"status=overdue":                    nil,
		"method=totp":                       {eve},
		"has_two_factor=true":               {"carl", eve},
		"has_two_factor=false":              {"adam", "bea"},
		"user_prefix=b":                     {"bea"},
		"email_prefix=zE":                   {eve},
		"enrolled_from=2026-11-21":          {eve},
		"enrolled_before=2026-11-21":        {"carl"},
		"verified_from=2026-11-22":          {eve},
		"verified_before=2026-11-22":        {"adam", "bea", "carl"},
		"status=&method=&user_prefix=":      {"adam", "bea", "carl", eve},
		"has_two_factor=true&user_prefix=c": {"carl"},
	} {
		f.inOrder("/users?"+query, want...)
	}
	f.opens("/users?status=overdue").Sees(200, "There are no such users.", "Clear the filter")
	p := f.opens("/users?has_two_factor=true&status=enrolled&sort=email&order=desc&user_prefix=e")
	if n := strings.Count(p.HTML, "has_two_factor=true&amp;"); n < 5 { // one for each column that can be sorted
		t.Errorf("%d links keep the filter: %s", n, p.HTML)
	}
	for _, want := range []string{`value="enrolled" checked`, `value="true" selected`, `value="e" maxlength`, `name="sort" value="email"`, `name="order" value="desc"`, "<details class=\"card\" open>", `href="/console/organizations/acme.example/users?order=desc&amp;sort=email"`} {
		if !strings.Contains(p.HTML, want) {
			t.Errorf("the filter has no %s", want)
		}
	}
}

func TestAFilterThatIsNone(t *testing.T) {
	f := crowd(t)
	for _, query := range []string{
		"status=gone", "status=enrolled&status=gone", "method=fax", "has_two_factor=perhaps", "enrolled_from=yesterday", "verified_before=2026-02-30", "user_prefix=%ff", "email_prefix=" + strings.Repeat("a", 255),
	} {
		p := f.opens("/users?"+query).Sees(422, "There is no such filter")
		if order(p, "adam", "bea", "carl", eve) != nil || strings.Contains(p.Text, "There are no such users") {
			t.Errorf("%s: users are listed, or said not to be there", query)
		}
	}
	p := f.opens("/users?enrolled_from=yesterday&user_prefix=e")
	if !strings.Contains(p.HTML, `value="yesterday"`) || !strings.Contains(p.HTML, `value="e"`) || strings.Count(p.HTML, `aria-invalid="true"`) != 1 {
		t.Errorf("what was typed is lost, or not marked: %s", p.HTML)
	}
}

func TestPages(t *testing.T) {
	f := newFixture(t)
	ids := f.many("u", 120)
	f.ann()
	p := f.opens("/users?user_prefix=u&sort=user")
	var seen []string
	for range 3 {
		seen = append(seen, order(p, ids...)...)
		if more := linkTo(p, "Show more"); more != "" {
			p = f.Send(http.MethodGet, more, nil).Sees(200, "Back to the beginning")
			if to := linkTo(p, "Login address"); strings.Contains(to, "cursor") || !strings.Contains(to, "user_prefix=u") {
				t.Errorf("another order begins in the middle, or unfiltered: %s", to)
			}
		}
	}
	if !slices.Equal(seen, ids) {
		t.Errorf("%d users: %q", len(seen), seen)
	}
	if linkTo(p, "Show more") != "" {
		t.Error("there is more than all")
	}
	f.Follow(f.opens("/users?user_prefix=u&cursor=made+up")).Sees(200, "u-0000")
	more := linkTo(f.opens("/users"), "Show more")
	f.Follow(f.Send(http.MethodGet, strings.Replace(more, "?", "?order=desc&", 1), nil)).Sees(200, "u-0119")
}

// linkTo is where a link of this text leads; empty: there is none.
func linkTo(p visitor.Page, text string) string {
	for _, part := range strings.Split(p.HTML, "<a ")[1:] {
		inside, _, _ := strings.Cut(part, "</a>")
		if attributes, shown, ok := strings.Cut(inside, ">"); ok && html.UnescapeString(shown) == text {
			_, rest, _ := strings.Cut(attributes, `href="`)
			to, _, _ := strings.Cut(rest, `"`)
			return html.UnescapeString(to)
		}
	}
	return ""
}

// A filter that shows few looks at so many at a time, says so, and goes on.
func TestFewMatches(t *testing.T) {
	f := newFixture(t)
	f.many("u", 1100)
	f.Enrolled(t, "zoe")
	f.ann()
	p := f.opens("/users?method=totp").Sees(200, "No match so far. Not all users have been looked at yet.")
	f.Send(http.MethodGet, linkTo(p, "Search on"), nil).Sees(200, "zoe")
	f.Enrolled(t, "adam")
	f.opens("/users?method=totp").Sees(200, "These are the matches so far", "adam", "Search on")
}

func TestTheTableIsForWhoReadsReports(t *testing.T) {
	f := crowd(t)
	f.bob(access.UsersWrite, access.UsersReset)
	f.opens("/users").Sees(403)
	f.bob(access.ReportsRead)
	if p := f.opens("/users").Sees(200, "adam"); strings.Contains(p.HTML, `type="checkbox" id="chosen`) || strings.Contains(p.HTML, "<form method=\"post\"") {
		t.Errorf("a reader is offered to change something: %s", p.HTML)
	}
	f.bob(access.ReportsRead, access.UsersReset)
	if p := f.opens("/users").Sees(200, "Reset"); strings.Contains(p.HTML, `value="exempt">`) && strings.Contains(p.HTML, "<option value=\"exempt\"") {
		t.Error("somebody is offered to exempt who may only reset")
	}
	f.root()
	if p := f.opens("/users").Sees(200, "adam"); strings.Contains(p.HTML, "<form method=\"post\"") {
		t.Error("a system administrator is offered to change something")
	}
	f.ann()
	f.Send(http.MethodGet, "/console/organizations/other.example/users", nil).Sees(404)
}

var day = 24 * time.Hour

// sends posts a form of the organisation's pages.
func (f *fixture) sends(path string, values url.Values) visitor.Page {
	f.t.Helper()
	return f.Send(http.MethodPost, "/console/organizations/"+storetest.Organization+path, values)
}
