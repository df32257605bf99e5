package attack_test

import (
	"net/http/httptest"
	"testing"

	"twofold/infra/local/browser"
	"twofold/pkg/audit"
)

// Who follows the link in a mail sees in a browser what happens, by day and by night, on a telephone, with a keyboard, and without JavaScript.
func TestTheLinkInAMailInABrowser(t *testing.T) {
	p := newProduct(t)
	ten := p.tenant()
	ten.crowd(2)
	server := httptest.NewServer(p.api)
	t.Cleanup(server.Close)
	for user, b := range map[string]*browser.Browser{"user-000": browser.New(t), "user-001": browser.New(t).Dark().WithoutJavaScript()} {
		b.Open(server.URL + "/v1/announcements/opt-outs/AAAA").Sees("This link is not valid")
		page := b.Open(server.URL + ten.optOut(user))
		page.Sees("No more announcements?")
		page.Accessible()
		page.Fits(320)
		page.Screenshot("opt-out/" + user + "-asked")
		page.Press("Tab")
		if at := page.Focused(); at != "No more announcements" {
			t.Errorf("the first thing that a keyboard reaches is %q", at)
		}
		page.Press("Enter")
		page.Sees("You get no more announcements")
		page.Accessible()
		page.Fits(320)
		page.Screenshot("opt-out/" + user + "-done")
	}
	if n := ten.events(audit.AnnouncementsDeclined); n != 2 {
		t.Errorf("%d users opted out", n)
	}
	unknown := browser.New(t).Open(server.URL + "/v1/announcements/opt-outs/AAAA")
	unknown.Accessible()
	unknown.Fits(320)
	if w := unknown.Weight(); w > 3000 {
		t.Errorf("it weighs %d bytes", w)
	}
}
