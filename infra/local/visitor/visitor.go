// Package visitor is somebody with a browser that runs no scripts, for tests of pages in the process of the test: it sends forms as they stand on
// a page, keeps cookies, and reads what people read. Package browser beside it is a real one, for what only that can tell.
//
// It is for tests and may not be imported by anything that is deployed.
package visitor

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Browser visits pages. Its fields may be changed between requests.
type Browser struct {
	T       testing.TB
	Pages   http.Handler
	Cookies map[string]string // by name
	Accept  string            // Accept-Language
}

// New is a browser without cookies whose owner reads English.
func New(t testing.TB, pages http.Handler) *Browser {
	return &Browser{T: t, Pages: pages, Cookies: map[string]string{}, Accept: "en"}
}

// Page is what a browser got.
type Page struct {
	t      testing.TB
	Path   string // that was asked for, with its query
	Status int
	Header http.Header
	Text   string // as people read it
	HTML   string
}

// Send is one request with the browser's cookies, which keeps those that come. headers are pairs; an empty value takes one away that browsers send.
func (b *Browser) Send(method, path string, form url.Values, headers ...string) Page {
	b.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", b.Accept)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.Pages.ServeHTTP(w, r)
	response := w.Result()
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
		} else {
			b.Cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	return Page{b.T, path, response.StatusCode, response.Header, text(string(body)), string(body)}
}

var tags = regexp.MustCompile(`(?s)<(script|style|title)[^>]*>.*?</(script|style|title)>|<[^>]+>`)

func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// Follow goes where redirects lead, as long as that is a page of the same site.
func (b *Browser) Follow(p Page) Page {
	b.T.Helper()
	for range 5 {
		to := p.Header.Get("Location")
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/") {
			return p
		}
		p = b.Send(http.MethodGet, to, nil)
	}
	b.T.Fatalf("%s: redirected without an end", p.Path)
	return p
}

// Post sends the page's form that leads to an action, with what it holds hidden and these fields, as pairs.
func (b *Browser) Post(p Page, action string, pairs ...string) Page {
	b.T.Helper()
	path, values := p.Form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.Send(http.MethodPost, path, values)
}

// Sees demands a status and texts.
func (p Page) Sees(status int, texts ...string) Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s: %d, want %d: %s %s", p.Path, p.Status, status, p.Header.Get("Location"), p.Text)
	}
	for _, want := range texts {
		if !strings.Contains(p.Text, want) {
			p.t.Errorf("%s lacks %q: %s", p.Path, want, p.Text)
		}
	}
	return p
}

var (
	forms  = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// Form is one of the page's that are posted: where it leads, by the last part of its path, and what it holds hidden.
func (p Page) Form(action string) (string, url.Values) {
	p.t.Helper()
	for _, found := range forms.FindAllStringSubmatch(p.HTML, -1) {
		if strings.HasSuffix(found[1], "/"+action) {
			values := url.Values{}
			for _, h := range hidden.FindAllStringSubmatch(found[2], -1) {
				values.Add(h[1], html.UnescapeString(h[2]))
			}
			return found[1], values
		}
	}
	p.t.Fatalf("%s has no form %s: %s", p.Path, action, p.HTML)
	return "", nil
}

// Found is what the first group of a pattern has on the page.
func (p Page) Found(what *regexp.Regexp) string {
	p.t.Helper()
	m := what.FindStringSubmatch(p.HTML)
	if m == nil {
		p.t.Fatalf("%s has no %s: %s", p.Path, what, p.Text)
	}
	return m[1]
}
