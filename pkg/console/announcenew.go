package console

import (
	"cmp"
	"crypto/rand"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

// announcing is the form of an announcement.
type announcing struct {
	Action, Back  string
	Attempt       string // sent twice, it announces once
	To            page.Field
	At            page.Field
	Message       page.Field
	Reminders     *page.Field // nil: nobody's time runs out
	NothingToTell bool        // two-factor authentication is not offered to the users
}

func (v *visit) newAnnouncement() error {
	if err := v.demand(policy.AnnounceRule); err != nil {
		return err
	}
	return v.showAnnouncing("", nil)
}

// announce makes an announcement, and shows it.
func (v *visit) announce() error {
	attempt := v.form("attempt")
	if len(attempt) > 64 || attempt == "" {
		attempt = rand.Text() // it was not our form: nothing knows it again
	}
	in := policy.Announcing{
		To: org.Addressees(v.form("to")), At: readTime(v.form("at")).Truncate(time.Microsecond), Message: v.form("message"), Reminders: v.checked("reminders"), IdempotencyKey: attempt,
	}
	a, err := v.Policies.Announce(v.r.Context(), v.caller, v.home, in)
	if err != nil {
		return v.showAnnouncing(attempt, err)
	}
	return v.on("/announcements/one", "id", a.ID, "done", "announced")
}

// showAnnouncing shows the form, with what was typed and refused.
func (v *visit) showAnnouncing(attempt string, refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	if fault.As(refused).Code == policy.ErrKeyReused.Code {
		attempt = "" // what was changed since is another announcement
	}
	o := v.organization
	form := announcing{
		Action: v.at("/announcements/new"), Back: v.at("/announcements"), Attempt: cmp.Or(attempt, rand.Text()),
		NothingToTell: !o.Entitlements.TwoFactor || o.Policy.Status == org.Disabled,
		To: page.Field{
			Name: "to", Label: v.say.Say("console.announce.to"), Value: cmp.Or(v.form("to"), string(org.ToUnenrolled)),
			Options: []page.Option{v.addressees(org.ToUnenrolled), v.addressees(org.ToAll)}, Error: v.fieldError(refused, "to"),
		},
		At: page.Field{
			Name: "at", Label: v.say.Say("console.announce.at"), Hint: v.say.Say("console.announce.at.hint"), Value: v.form("at"), Type: "datetime-local", Optional: true,
			Error: v.fieldError(refused, "at"),
		},
		Message: page.Field{
			Name: "message", Label: v.say.Say("console.announce.message"), Hint: v.say.Say("console.announce.message.hint"), Value: v.form("message"),
			MaxLength: org.MaxMessage, Optional: true, Error: v.fieldError(refused, "message"), Autocomplete: "off",
		},
	}
	if o.Policy.Status == org.Forced {
		form.Reminders = &page.Field{
			Name: "reminders", Label: v.say.Say("console.announce.reminders"), Hint: v.say.Say("console.announce.reminders.hint"), Checked: v.checked("reminders"),
			Error: v.fieldError(refused, "reminders"),
		}
	}
	return v.shown(status, page.View{Body: "console/announce", Title: v.say.Say("console.announce.new"), Data: form, Alerts: alerts})
}

func (v *visit) addressees(to org.Addressees) page.Option {
	key := "console.announce.to." + string(to)
	return page.Option{Value: string(to), Label: v.say.Say(key), Hint: v.hint(key)}
}
