package attack_test

import (
	"crypto/rand"
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
	"twofold/pkg/admission"
	"twofold/pkg/login"
	"twofold/pkg/seal"
	"twofold/pkg/storetest"
)

// seated is somebody who is signed in to the console, in a browser of their own.
type seated struct {
	*visitor.Browser
	*tenant
	home string // where their pages are
}

// sits signs an administrator in, past the door: with a session as the door makes it.
func (t *tenant) sits(organization, id string) *seated {
	t.t.Helper()
	admissions := &admission.Service{Store: t.storeOf("console"), Codes: t.rings[seal.Codes], Now: t.clock.Now}
	a, err := t.store.Administrator(t.t.Context(), organization, id)
	t.must(err)
	c, err := admissions.SignIn(t.t.Context(), access.Caller{Seen: "192.0.2.1"}, admission.Passage{Organization: organization, Administrator: id, Since: a.CreatedAt, Secret: rand.Text()})
	t.must(err)
	s := &seated{visitor.New(t.t, t.api), t, "/console/vendor"}
	if organization != access.VendorHome {
		s.home = "/console/organizations/" + organization
	}
	s.keeps(map[string]any{"k": c.Keep(), "o": organization, "n": id, "t": t.clock.Now().Truncate(time.Minute), "u": storetest.AsUser(t.t, t.store, t.clock.Now(), organization, id)})
	return s
}

func (s *seated) keeps(session map[string]any) {
	s.t.Helper()
	sealed, err := login.SealText(s.rings[seal.Sign], []byte("twofold console session v1"), session)
	s.must(err)
	s.Cookies["__Host-console"] = sealed
}

var links = regexp.MustCompile(`<a [^>]*href="([^"#]+)"`)

// crawl follows every link of the console from a page on, each place once, and gives what was found: how a page is asked for in another order
// or of another page is another place, but for cursors, which are followed once.
func (s *seated) crawl(from string) map[string]visitor.Page {
	s.t.Helper()
	found, waiting := map[string]visitor.Page{}, []string{from}
	for len(waiting) > 0 && len(found) < 600 {
		path := waiting[0]
		waiting = waiting[1:]
		if _, seen := found[place(path)]; seen {
			continue
		}
		p := s.Send(http.MethodGet, path, nil)
		found[place(path)] = p
		if p.Status == http.StatusSeeOther {
			waiting = append(waiting, p.Header.Get("Location"))
		}
		for _, m := range links.FindAllStringSubmatch(p.HTML, -1) {
			if to := html.UnescapeString(m[1]); strings.HasPrefix(to, "/console/") && !strings.HasPrefix(to, "/console/sign-in") {
				waiting = append(waiting, to)
			} else if strings.HasPrefix(to, "?") {
				base, _, _ := strings.Cut(path, "?")
				waiting = append(waiting, base+to)
			}
		}
	}
	return found
}

// place is a page's address without what only goes on in it.
func place(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	if q.Has("cursor") {
		q.Set("cursor", "further")
	}
	return u.Path + "?" + q.Encode()
}

// Every link of the console leads to a page, for whoever it is shown to: an administrator, the vendor's own, and the vendor's own in an administrator's
// place. So every index and every keyset that the function may use, it does.
func TestEveryLinkOfTheConsole(t *testing.T) {
	ten := productWithout(t).tenant() // pages are asked for in every order
	ten.entitled()
	for _, id := range []string{eve, "mallory", "o'brien <b>&"} {
		ten.enrolled(id)
	}
	for name, s := range map[string]*seated{"ann": ten.sits(ten.id, "ann"), "root": ten.sits(access.VendorHome, "root-"+ten.id)} {
		found := s.crawl(s.home)
		var places []string
		for place, p := range found {
			places = append(places, place)
			if p.Status >= 400 || strings.Contains(p.HTML, "ZgotmplZ") {
				t.Errorf("%s: %s: %d %s", name, place, p.Status, p.Text)
			}
		}
		slices.Sort(places)
		t.Logf("%s: %d places", name, len(found))
		if len(found) >= 600 {
			t.Errorf("%s: there is no end to it: %s", name, strings.Join(places[:50], " "))
		}
	}
}

// Nothing of an organisation is seen by whoever is another's, whatever the path.
func TestTheConsoleOfAnotherOrganisation(t *testing.T) {
	p := newProduct(t)
	ten, other := p.tenant(), p.tenant()
	other.enrolled(eve)
	ann := ten.sits(ten.id, "ann")
	bob := other.sits(other.id, "bob")
	for place := range bob.crawl(bob.home) {
		if got := ann.Send(http.MethodGet, place, nil); got.Status != http.StatusNotFound || strings.Contains(got.HTML, eve) {
			t.Errorf("%s: %d %s", place, got.Status, got.Text)
		}
		missing := strings.Replace(place, other.id, "no-such", 1)
		if got := ann.Send(http.MethodGet, missing, nil); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", missing, got.Status, got.Text)
		}
	}
	for _, path := range []string{"/console/vendor", "/console/vendor/organizations", "/console/vendor/people"} {
		if got := ann.Send(http.MethodGet, path, nil); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.Status, got.Text)
		}
	}
}
