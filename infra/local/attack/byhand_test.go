package attack_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
)

// letters are the latest announcement to each, by address.
func (p *product) letters() map[string]mail.Message {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	all := map[string]mail.Message{}
	for _, m := range p.outbox.sent {
		if m.Tag == "announcement" {
			all[m.To] = m
		}
	}
	return all
}

// What an administrator writes stays text, in the place that is the administrator's, and nothing of it is a link.
func TestAHostileMessage(t *testing.T) {
	p := newProduct(t)
	ten := p.tenant()
	to := ten.crowd(2)
	for _, m := range []string{"https://evil.example", "go to evil.example", "two\nlines", "\u202eevil", strings.Repeat("x", 301), "a@b"} {
		r := ten.send(ten.direct(http.MethodPost, "/announcements", fields{"message": m}))
		if r.status != 422 || r.text("field") != "message" && r.text("field") != "body.message" || strings.Contains(r.raw, "evil") {
			t.Errorf("%q: %d %s", m, r.status, r.raw)
		}
	}
	hostile := `</li><script>alert(1)</script> {{.Code}} <a href='x'>Y</a> & "z"`
	ten.send(ten.direct(http.MethodPost, "/announcements", fields{"message": hostile})).want(t, 201, "")
	p.must(p.tick())
	m := p.letters()[to[0]]
	if !strings.Contains(m.Text, "Your administrator writes: “"+hostile+"”") || strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<a ") ||
		!strings.Contains(m.HTML, "&lt;script&gt;") || strings.Contains(m.Subject, "script") {
		t.Errorf("the mail: %q\n%s\n%s", m.Subject, m.Text, m.HTML)
	}
}

// Nobody announces to another organisation's users, and a repetition of one's own is one.
func TestAnnouncingElsewhereAndAgain(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	b.crowd(2)
	r := b.byHand(fields{"audience": "all"})
	r.key = a.admin
	p.send(r).want(t, 404, "not_found")
	first := b.send(b.byHand(fields{"audience": "all"})).want(t, 201, "")
	again := b.send(b.byHand(fields{"audience": "all"})).want(t, 201, "")
	if first.text("id") != again.text("id") || b.events(audit.AnnouncementCreated) != 1 {
		t.Errorf("made twice: %s, %s", first.raw, again.raw)
	}
	b.send(b.byHand(fields{"audience": "unenrolled"})).want(t, 422, "idempotency_key_reused")
	b.send(b.direct(http.MethodPost, "/announcements", fields{})).want(t, 409, "announcement_under_way")
	p.must(p.tick())
	if n := len(p.told("announcement")); n != 2 {
		t.Errorf("%d told", n)
	}
}

// Ticks at once, on the real store.
func TestRacedTicks(t *testing.T) {
	p := newProduct(t)
	ten := p.tenant()
	to := ten.crowd(3*org.BatchSize - 10)
	ten.send(ten.byHand(fields{"audience": "all"})).want(t, 201, "")
	for range 5 {
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() { _ = p.tick() })
		}
		wait.Wait()
	}
	if got := p.told("announcement"); !slices.Equal(got, to) {
		t.Errorf("%d mails to %d users", len(got), len(to))
	}
	progress := ten.send(ten.read(ten.path("/announcements"))).ok(t).at("announcements").([]any)[0].(fields)["progress"].(fields)
	if progress["sent"] != float64(len(to)) || progress["unknown"] != 0.0 {
		t.Errorf("it says %v", progress)
	}
}

// The link in a mail ends announcements to whom it was sent, and to nobody else; following it changes nothing.
func TestALinkInAMailEndsAnnouncements(t *testing.T) {
	p := newProduct(t)
	ten := p.tenant()
	to := ten.crowd(3)
	announce := func() {
		ten.clock.Advance(24 * time.Hour)
		ten.send(ten.direct(http.MethodPost, "/announcements", fields{})).want(t, 201, "")
		p.outbox.sent = nil
		p.must(p.tick())
	}
	announce()
	path := strings.TrimPrefix(p.letters()[to[1]].Unsubscribe, "https://api.example")
	page := p.send(request{method: http.MethodGet, path: path}).ok(t)
	h := page.header
	if h.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("the page has %v", h)
	}
	if strings.Contains(page.raw, "user-001") || strings.Contains(page.raw, ten.id) || strings.Contains(page.raw, "<script") || strings.Count(page.raw, "<button") != 1 {
		t.Errorf("the page: %s", page.raw)
	}
	announce()
	if got := p.told("announcement"); len(got) != 3 {
		t.Errorf("after the page was looked at %v are told", got)
	}
	click := oneClick(path)
	p.send(click).ok(t)
	click.body, click.mediaType = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n", "multipart/form-data; boundary=x"
	p.send(click).ok(t)
	for _, posted := range []request{
		{body: ""}, {body: fields{"a": "b"}}, {body: "\xff", mediaType: "text/plain; charset=latin1"}, {body: strings.Repeat("a", 5<<10), mediaType: "application/x-www-form-urlencoded"},
	} {
		posted.method, posted.path = http.MethodPost, path+"?utm_source=a&utm_source=b&x=%zz"
		p.send(posted).ok(t)
	}
	p.send(request{method: http.MethodGet, path: path + "?x=1"}).ok(t)
	announce()
	if got := p.told("announcement"); !slices.Equal(got, []string{to[0], to[2]}) {
		t.Errorf("after the click %v are told", got)
	}
	shown := ten.send(request{key: ten.app, method: http.MethodGet, path: ten.path("/users/user-001")}).ok(t)
	if shown.text("announcements_declined_at") == "" || ten.events(audit.AnnouncementsDeclined) != 1 {
		t.Errorf("shown: %s", shown.raw)
	}
}

// A link that names nobody says the same of all of them, and the same as before and after.
func TestLinksThatNameNobody(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	a.crowd(2)
	b.crowd(1)
	good, gone := a.optOut("user-000"), a.optOut("user-001")
	a.send(request{key: a.admin, method: http.MethodDelete, path: a.path("/users/user-001")}).ok(t)
	flipped := []byte(good)
	if at := &flipped[len(flipped)-9]; *at == 'A' { // another, of those that a token is made of
		*at = 'B'
	} else {
		*at = 'A'
	}
	said := map[string]bool{}
	for name, path := range map[string]string{
		"made up": "/v1/announcements/opt-outs/AAAA", "altered": string(flipped), "cut": good[:len(good)-4], "of who is gone": gone, "two in one": good + "AAAA",
	} {
		for _, r := range []request{{method: http.MethodGet, path: path}, oneClick(path)} {
			got := p.send(r)
			if got.status != 404 || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s, %s: %d", name, r.method, got.status)
			}
			said[got.raw] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("%d different pages", len(said))
	}
	p.send(request{method: http.MethodGet, path: "/v1/announcements/opt-outs/a%20b"}).want(t, 422, "invalid_field")
	if n := a.events(audit.AnnouncementsDeclined) + b.events(audit.AnnouncementsDeclined); n != 0 {
		t.Errorf("%d users opted out", n)
	}
}
