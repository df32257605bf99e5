package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
)

func (f *fixture) announcements() []org.Announcement {
	f.t.Helper()
	all, err := f.Policy.Announcements(f.t.Context(), f.Administrator, anOrganization)
	f.must(err)
	return all
}

// announcing sends the form of a new one with these fields.
func (f *fixture) announcing(pairs ...string) visitor.Page {
	f.t.Helper()
	return f.sendsForm(f.opens("/announcements/new").Sees(200), "/announcements/new", pairs...)
}

// moved writes the next revision of an announcement, as the mailer does.
func (f *fixture) moved(before, next org.Announcement) org.Announcement {
	f.t.Helper()
	f.must(f.store.WriteAnnouncement(f.t.Context(), before, next, f.Event(audit.AnnouncementChanged, "")))
	return next
}

func TestAnAnnouncementIsMadeAndWatched(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.opens("/announcements").Sees(200, "Nothing has been announced yet", "New announcement")
	p := f.Follow(f.announcing("to", "all", "message", "Ask in room 12.")).Sees(200, "The announcement is made", "Active", "All users", "Ask in room 12.", "By ann", "It has not begun")
	a := f.announcements()[0]
	next := a.Begin(200, f.Clock.Now())
	next = f.moved(a, next)
	next = f.moved(next, next.Claim(org.Batch{Last: "m", Seen: 100, Size: 60}, f.Clock.Now()))
	f.moved(next, next.Settle(50, 6, 4, []string{"a", "b"}))
	p = f.Send(http.MethodGet, unescaped(p.Found(regexp.MustCompile(`<a class="button" href="([^"]+)">Load again</a>`))), nil).Sees(200, "Sent 50", "Failed for good 6", "not sent again 4", "To do 102")
	if !strings.Contains(p.HTML, `<progress max="200" value="98"`) {
		t.Errorf("no bar: %s", p.HTML)
	}
	list := f.opens("/announcements").Sees(200, "50 sent, 6 failed, 4 unknown, 102 to do", "First mail")
	if !strings.Contains(list.HTML, `<progress max="200" value="98"`) {
		t.Error("no bar in the list")
	}
	p = f.Follow(f.Post(list, "change", "to", "paused")).Sees(200, "The announcement is paused", "Paused", "Go on")
	f.Follow(f.Post(p, "change", "to", "paused")).Sees(200, "The announcement is paused")
	p = f.Follow(f.Post(p, "change", "to", "active")).Sees(200, "The announcement goes on", "Active", "Pause")
	ended := f.Follow(f.Post(p, "change", "to", "cancelled")).Sees(200, "The announcement is cancelled", "Cancelled")
	if strings.Contains(ended.HTML, "<form") {
		t.Error("something is offered for what is over")
	}
	f.Post(p, "change", "to", "active").Sees(409, "The announcement is over", "Cancelled")
	f.Post(p, "change", "to", "ended").Sees(409, "The announcement is over")
	f.store.FailNext(memstore.Announcement, false, errPolicyDown)
	for _, id := range []string{"", "x y", strings.Repeat("a", 65)} {
		f.opens("/announcements/one?id=" + strings.ReplaceAll(id, " ", "+")).Sees(404) // nothing is looked for that cannot be
		f.Post(p, "change", "announcement", id, "to", "paused").Sees(404)
	}
	f.opens("/announcements/one?id=0a").Sees(503)
	for _, id := range []string{"", "0a", "x y", strings.Repeat("a", 65), "../policy"} {
		f.opens("/announcements/one?id=" + strings.ReplaceAll(id, " ", "+")).Sees(404)
		f.Post(p, "change", "announcement", id, "to", "paused").Sees(404)
	}
}

func TestRemindersAreSaid(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.enacted(1, "ann", func(p *org.Policy) { p.Status, p.EnforceFrom, p.GraceDays = org.Forced, f.Clock.Now(), 30 })
	f.Follow(f.announcing("reminders", "yes")).Sees(200, "All without a second factor", "Reminders Yes", "First mail")
	a := f.announcements()[0]
	next := f.moved(a, a.Begin(0, f.Clock.Now()))
	f.moved(next, next.EndRound(true))
	f.opens("/announcements").Sees(200, "Reminder 1", "from ", "0 sent")
	f.alter(func(o *org.Organization) { o.Announcement = "another" })
	f.opens("/announcements").Sees(200, "Replaced by a later one")
}

// The form is shown with what makes it known again: sent twice, it announces once.
func TestAFormThatIsSentTwiceAnnouncesOnce(t *testing.T) {
	f := newFixture(t)
	f.ann()
	path, values := filled(f.opens("/announcements/new"), "/announcements/new")
	f.store.FailNext(memstore.WriteOrganization, true, errPolicyDown)
	f.Send(http.MethodPost, path, values).Sees(503, "Nothing is lost")
	first := f.Send(http.MethodPost, path, values).Sees(303)
	if again := f.Send(http.MethodPost, path, values).Sees(303); first.Header.Get("Location") != again.Header.Get("Location") || len(f.announcements()) != 1 {
		t.Errorf("%v, %v, %d announcements", first.Header, again.Header, len(f.announcements()))
	}
	values.Set("message", "Something else.")
	p := f.Send(http.MethodPost, path, values).Sees(422, "This form was sent a moment ago")
	_, kept := filled(p, "/announcements/new")
	if kept.Get("message") != "Something else." || kept.Get("attempt") == values.Get("attempt") || kept.Get("attempt") == "" {
		t.Errorf("%v", kept)
	}
	f.sendsForm(p, "/announcements/new").Sees(409, "An announcement is under way")
	values.Del("attempt")
	f.Send(http.MethodPost, path, values).Sees(409, "An announcement is under way")
}

func TestWhatIsRefusedOfAnAnnouncementIsSaidBesideIt(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for field, c := range map[string][2]string{
		"message": {`See <img src=x onerror=alert(1)>"'& evil.example`, "A message is one line"}, "at": {f.in(91 * 24 * time.Hour), "within the next 90 days"},
	} {
		p := f.announcing(field, c[0], "to", "all").Sees(422, c[1])
		_, kept := filled(p, "/announcements/new")
		if kept.Get("to") != "all" || kept.Get(field) != c[0] || strings.Count(p.HTML, c[1]) != 2 || strings.Contains(p.HTML, "<img src=x") {
			t.Errorf("%s: %v %s", field, kept, p.HTML)
		}
	}
	f.announcing("at", "soon").Sees(422, "within the next 90 days")
	f.announcing("at", f.in(-time.Hour)).Sees(422, "within the next 90 days")
	f.announcing("reminders", "yes").Sees(422, "There are reminders only where")
	if p := f.opens("/announcements/new"); strings.Contains(p.Text, "Send reminders") {
		t.Error("reminders are offered where nobody's time runs out")
	}
	at := f.in(48 * time.Hour)
	f.announcing("at", at, "to", `"><script>`).Sees(422, "Choose whom it is for")
	f.Follow(f.announcing("at", at)).Sees(200, "Begins", "All without a second factor")
	f.announcing().Sees(409, "An announcement is under way")
	for range 3 {
		a := f.announcements()[0]
		_, err := f.Policy.ChangeAnnouncement(t.Context(), f.Administrator, anOrganization, a.ID, org.AnnouncementStopped)
		f.must(err)
		f.announcing()
	}
	f.announcing().Sees(429, "Three announcements a day")
	f.enacted(1, "ann", func(p *org.Policy) { p.Status = org.Disabled })
	f.opens("/announcements/new").Sees(200, "There is nothing to announce")
	f.Send(http.MethodPost, "/console/organizations/"+anOrganization+"/announcements/new", nil).Sees(422, "not offered to the users")
}

func TestAnnouncementsAreOfferedToWhomTheyAreFor(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.Follow(f.announcing()).Sees(200)
	form, id := f.opens("/announcements/new"), f.announcements()[0].ID
	list := f.opens("/announcements")
	for name, in := range map[string]func(){"no announcements:write": func() { f.as(access.PolicyWrite) }, "root": f.root} {
		in()
		for _, path := range []string{"/announcements", "/announcements/one?id=" + id} {
			if p := f.opens(path).Sees(200, "Active"); strings.Contains(p.HTML, "<form") || strings.Contains(p.Text, "New announcement") {
				t.Errorf("%s: %s", name, p.HTML)
			}
		}
		f.opens("/announcements/new").Sees(403)
		f.sendsForm(form, "/announcements/new").Sees(403)
		f.Post(list, "change", "to", "cancelled").Sees(403)
	}
	f.ann()
	f.Send(http.MethodGet, "/console/organizations/globex.example/announcements", nil).Sees(404)
	f.Send(http.MethodGet, "/console/organizations/globex.example/announcements/one?id="+id, nil).Sees(404)
	f.store.FailNext(memstore.WriteAnnouncement, false, errPolicyDown)
	f.Post(list, "change", "to", "cancelled").Sees(503, "Nothing is lost")
	f.Follow(f.Post(list, "change", "to", "cancelled")).Sees(200, "Cancelled")
	if len(f.announcements()) != 1 {
		t.Error("something was announced")
	}
}
