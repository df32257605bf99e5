package page

import (
	"net/http/httptest"
	"testing"

	"twofold/infra/local/browser"
)

// Every page of the gallery is accessible (axe-core, WCAG 2.2 AA) and as narrow as a telephone may be, in both schemes, with and without
// the script; and nothing in it is stopped by the policy, which the browser holds against a page by itself. Pictures are kept.
func TestTheGalleryInABrowser(t *testing.T) {
	views := gallery(same[string])
	server := httptest.NewServer(gallerySite(t, Options{}, views))
	defer server.Close()
	for name, scheme := range map[string]func(*browser.Browser) *browser.Browser{
		"light": same[*browser.Browser], "dark": (*browser.Browser).Dark, "bare": (*browser.Browser).WithoutJavaScript,
	} {
		b := scheme(browser.New(t))
		for view := range views {
			p := b.Open(server.URL + "/" + view)
			p.Accessible()
			p.Fits(320)
			p.Screenshot("gallery/" + view + "-" + name)
		}
	}
}
