package console_test

import (
	"crypto/rand"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/org"
	"twofold/pkg/words"
)

// populated is a world in which every page has something to show.
func populated(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	for _, id := range []string{"eve", "o'brien <b>&", hostileText} {
		f.Enrolled(t, id)
		f.countsUser(ofAcme, "counted "+id, org.TOTP)
	}
	f.AddAdministrator(t, "bea")
	f.forcesIn(ofAcme)
	return f
}

var (
	anyLink  = regexp.MustCompile(`<a [^>]*href="([^"#]+)"`)
	wildcard = regexp.MustCompile(`\{[^}]+\}`)
)

// routes are the paths of a method that there are, of this organisation, with an id of something that there is not where they name one.
func (f *fixture) routes(method string) []string {
	var paths []string
	for _, pattern := range f.Pages.(interface{ Patterns() []string }).Patterns() {
		if path, is := strings.CutPrefix(pattern, method+" "); is {
			path = strings.Replace(path, "{organization}", ofAcme, 1)
			paths = append(paths, wildcard.ReplaceAllString(path, "0123456789abcdef0123"))
		}
	}
	return paths
}

// walks follows every link from where the routes lead, each place once, and looks at what is there.
func (f *fixture) walks(look func(visitor.Page)) int {
	f.t.Helper()
	seen, waiting := map[string]bool{}, f.routes(http.MethodGet)
	for len(waiting) > 0 && len(seen) < 1000 {
		path := waiting[0]
		waiting = waiting[1:]
		u, err := url.Parse(path)
		f.must(err)
		q := u.Query()
		if q.Has("cursor") {
			q.Set("cursor", "further")
		}
		place := u.Path + "?" + q.Encode()
		if seen[place] || !strings.HasPrefix(u.Path, "/console") {
			continue
		}
		seen[place] = true
		p := f.Send(http.MethodGet, path, nil)
		look(p)
		if to := p.Header.Get("Location"); to != "" {
			waiting = append(waiting, to)
		}
		for _, m := range anyLink.FindAllStringSubmatch(p.HTML, -1) {
			to := html.UnescapeString(m[1])
			if strings.HasPrefix(to, "?") {
				to = u.Path + to
			}
			waiting = append(waiting, to)
		}
	}
	return len(seen)
}

// sound demands a page that is one and, of this organisation while somebody acts in it, the banner.
func sound(t *testing.T, who string, p visitor.Page) {
	t.Helper()
	if p.Status >= 500 || strings.Contains(p.HTML, "ZgotmplZ") || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, "o'brien <b>") {
		t.Errorf("%s: %s: %d %s", who, p.Path, p.Status, p.Text)
	}
	path, _, _ := strings.Cut(p.Path, "?")
	page := strings.HasPrefix(p.Header.Get("Content-Type"), "text/html")
	of := path == "/console/organizations/"+ofAcme || strings.HasPrefix(path, "/console/organizations/"+ofAcme+"/")
	if want := who == "root as ann" && of; page && want != banners(p) {
		t.Errorf("%s: %s: %d, a banner: %v", who, p.Path, p.Status, !want)
	}
}

// visitors are those who look at everything.
var visitors = []struct {
	name string
	in   func(*fixture)
}{
	{"nobody", func(f *fixture) { clear(f.Cookies) }},
	{"ann", (*fixture).ann},
	{"root", (*fixture).root},
	{"root as ann", func(f *fixture) {
		f.root()
		f.Follow(f.actsFor(ofAcme, "ann")).Sees(200)
	}},
}

// Every page that there is, for whoever looks at it, in every language.
func TestEveryPage(t *testing.T) {
	f := populated(t)
	for _, l := range words.Languages() {
		f.Accept = string(l)
		for _, who := range visitors {
			who.in(f)
			n := f.walks(func(p visitor.Page) { sound(t, who.name, p) })
			if routes := len(f.routes(http.MethodGet)); n < routes || routes < 10 || n >= 1000 {
				t.Errorf("%s: %d places of %d routes", who.name, n, routes)
			}
		}
	}
}

// Every form that there is, sent with nothing in it, and with what nobody would type.
func TestEveryForm(t *testing.T) {
	for _, who := range visitors {
		f := populated(t)
		who.in(f)
		kept := f.Cookies["__Host-console"]
		for _, path := range f.routes(http.MethodPost) {
			if path == "/console/sign-out" || strings.HasSuffix(path, "/impersonation/end") {
				continue // then nobody is there any more
			}
			for _, form := range []url.Values{nil, hostileForm()} {
				p := f.Send(http.MethodPost, path, form)
				sound(t, who.name, p)
				if who.name == "nobody" && strings.HasPrefix(path, "/console/organizations/") && p.Status != http.StatusSeeOther {
					t.Errorf("%s: %d", path, p.Status)
				}
				f.Cookies["__Host-console"] = kept
			}
		}
	}
}

// hostileForm has the names of many fields, all with what nobody would type.
func hostileForm() url.Values {
	form := url.Values{}
	for _, name := range []string{
		"id", "name", "user", "administrator", "application", "organization", "email", "reason", "code", "key", "permissions", "until", "domain", "message",
		"status", "methods", "base", "kind", "of", "cursor", "days", "invitation",
	} {
		form[name] = []string{hostileText, "\x00\xff"}
	}
	return form
}

// Signing out ends the impersonation that was begun in that session: whoever kept the cookie is nobody.
func TestSigningOutEndsAnImpersonation(t *testing.T) {
	f := newFixture(t)
	root, err := f.store.Administrator(t.Context(), access.VendorHome, "root")
	f.must(err)
	credential, err := f.admissions().SignIn(t.Context(), access.Caller{}, admission.Passage{Organization: access.VendorHome, Administrator: "root", Since: root.CreatedAt, Secret: rand.Text()})
	f.must(err)
	f.signedIn(access.Caller{Credential: credential}, access.VendorHome, "root")
	f.Follow(f.actsFor(ofAcme, "ann")).Sees(200, "root is acting as ann")
	kept := f.Cookies["__Host-console"]
	f.Send(http.MethodPost, "/console/sign-out", nil).Sees(303)
	if n := len(f.underWay(ofAcme)); n != 0 {
		t.Errorf("%d are under way", n)
	}
	f.Cookies["__Host-console"] = kept
	if p := f.Follow(f.opens("")); !strings.HasPrefix(p.Path, "/console/sign-in") || banners(p) {
		t.Errorf("leads to %s", p.Path)
	}
}
