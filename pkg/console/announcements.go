package console

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

func announcementRoutes(d desk) {
	d.get("/announcements", (*visit).announcements)
	d.get("/announcements/one", (*visit).announcement)
	d.get("/announcements/new", (*visit).newAnnouncement)
	d.post("/announcements/new", (*visit).announce)
	d.post("/announcements/change", (*visit).changeAnnouncement)
}

// announced is an announcement in words.
type announced struct {
	ID, Path         string
	At               time.Time
	By               string
	State, Tone      string
	To               string
	Round            string
	Began, Due       time.Time // of the round under way, or when the next one begins; zero: none
	Message, Reminds string
	Progress         announcementProgress
	Change           string // where its buttons lead
	Buttons          []announcementButton
}

// announcementProgress is how far a round has come.
type announcementProgress struct {
	Begun        bool
	Of, Done     int64 // of the bar
	Text         string
	Sent, Failed int64
	Unknown      int64
	Left         int64
}

// announcementButton makes an announcement something else.
type announcementButton struct {
	Value, Text, Label string
	Danger             bool
}

// announcements is the list of the latest.
func (v *visit) announcements() error {
	found, err := v.Policies.Announcements(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	list := struct {
		All         []announced
		New, Reload string
	}{Reload: v.at("/announcements")}
	for _, a := range found {
		list.All = append(list.All, v.announced(a))
	}
	if v.may(policy.AnnounceRule) {
		list.New = v.at("/announcements/new")
	}
	return v.shown(http.StatusOK, page.View{Body: "console/announcements", Title: v.say.Say("console.announce.title"), Data: list})
}

// announcement is the page of one.
func (v *visit) announcement() error { return v.showAnnouncement(v.form("id"), nil) }

// announcementID is what ids look like: nothing else is looked for.
var announcementID = regexp.MustCompile(`^[0-9a-f-]{1,64}$`)

func (v *visit) showAnnouncement(id string, refused error) error {
	if !announcementID.MatchString(id) {
		return access.ErrNotFound
	}
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	a, err := v.Policies.Announcement(v.r.Context(), v.caller, v.home, id)
	if err != nil {
		return err
	}
	one := struct {
		announced
		Back string
	}{v.announced(a), v.at("/announcements")}
	return v.shown(status, page.View{Body: "console/announcement", Title: v.say.Say("console.announce.one"), Data: one, Alerts: alerts})
}

// changeAnnouncement pauses one, goes on with it, or cancels it.
func (v *visit) changeAnnouncement() error {
	id, to := v.form("announcement"), org.AnnouncementState(v.form("to"))
	if !announcementID.MatchString(id) {
		return access.ErrNotFound
	}
	if _, err := v.Policies.ChangeAnnouncement(v.r.Context(), v.caller, v.home, id, to); err != nil {
		return v.showAnnouncement(id, err)
	}
	return v.on("/announcements/one", "id", id, "done", "announcement_"+string(to))
}

// announcementTones are the colours that states have beside their words.
var announcementTones = map[org.AnnouncementState]string{org.Announcing: "good", org.AnnouncementPaused: "warn"}

func (v *visit) announced(a org.Announcement) announced {
	shown := announced{
		ID: a.ID, Path: v.at("/announcements/one", "id", a.ID), At: a.CreatedAt, By: a.CreatedBy, State: v.say.Say("console.announce.state." + string(a.State)),
		Tone: announcementTones[a.State], To: v.say.Say("console.announce.to.obliged"), Round: v.say.Say("console.announce.first"), Began: a.RoundAt,
		Reminds: v.say.Say("console.set.no"), Progress: v.progress(a), Change: v.at("/announcements/change"), Buttons: v.buttons(a),
	}
	if a.ByHand != nil {
		shown.To, shown.Message = v.say.Say("console.announce.to."+string(a.ByHand.To)), a.ByHand.Message
	}
	if a.Reminds() {
		shown.Reminds = v.say.Say("console.set.yes")
	}
	if a.Round > 0 {
		shown.Round = v.say.Say("console.announce.reminder", "n", strconv.Itoa(a.Round))
	}
	if a.RoundAt.IsZero() && a.Open() {
		shown.Due = a.Due
	}
	return shown
}

// progress is of the round under way or, where none is, of the last one.
func (v *visit) progress(a org.Announcement) announcementProgress {
	p := a.Progress
	shown := announcementProgress{
		Begun: !a.RoundAt.IsZero() || !a.Judged.IsZero(), Of: max(1, p.Total), Sent: p.Sent, Failed: p.Failed, Unknown: p.Unknown, Left: a.Remaining(),
	}
	shown.Done = max(0, shown.Of-shown.Left)
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	shown.Text = v.say.Say("console.announce.progress", "sent", number(p.Sent), "failed", number(p.Failed), "unknown", number(p.Unknown), "left", number(shown.Left))
	return shown
}

// buttons are what an announcement can be made, for whom that is offered to.
func (v *visit) buttons(a org.Announcement) []announcementButton {
	if !v.may(policy.AnnounceRule) {
		return nil
	}
	var all []announcementButton
	for _, to := range []org.AnnouncementState{org.AnnouncementPaused, org.Announcing, org.AnnouncementStopped} {
		if _, err := a.Become(to); err != nil || a.State == to {
			continue
		}
		all = append(all, announcementButton{
			Value: string(to), Text: v.say.Say("console.announce.make." + string(to)), Danger: to == org.AnnouncementStopped,
			Label: v.say.Say("console.announce.make."+string(to)+".of", "time", v.say.Time(a.CreatedAt)),
		})
	}
	return all
}
