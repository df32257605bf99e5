package prompt

import (
	"crypto/rand"
	"errors"
	"net/http"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/verify"
)

// challenge is the page that asks for a code.
type challenge struct {
	At           string // the login's path
	Attempt      string // of the form's idempotency
	Way          string
	Lead         string
	Whom         string
	Field        page.Field
	Sends        bool // codes of this way are ordered
	Sent         bool // one was
	Wait         int  // seconds until another may be
	SendsItself  bool // nothing was sent yet: a script orders the first
	RememberDays int
	Others       []choice
	Out          out
}

// choice leads to another way.
type choice struct{ Text, Path string }

func (v *visit) showChallenge(a login.Answer, way string) error {
	refused := v.refused()
	way = chosen(a, way)
	c := challenge{
		At: pathOf(v.h), Attempt: rand.Text(), Way: way, Whom: v.h.Whom, Out: v.out(), Sends: ordered(way), Sent: a.Next.Order != "",
		RememberDays: a.Next.RememberDays, Others: v.others(a, way), Field: v.codeField(way),
	}
	if login.IsWayBack(way) {
		c.RememberDays = 0
	}
	c.Wait = page.Seconds(a.Next.ResendAt, v.Now())
	c.SendsItself = c.Sends && !c.Sent && refused == nil
	c.Lead = v.lead(way, a.Next.SentTo, c.Sent)
	p := page.View{Body: "prompt/challenge", Title: v.say.Say("prompt.challenge.title"), Data: &c}
	if p.Alerts = v.delivery(a.Next.Order); refused != nil {
		p.Alerts, c.Field.Error = v.told(refused, c.Field.Name, kindOf(way))
	}
	return v.shown(http.StatusOK, p)
}

// lead says what to do for a way.
func (v *visit) lead(way, sentTo string, sent bool) string {
	switch {
	case way == string(org.SMS) && sent && sentTo != "phone":
		return v.say.Say("prompt.way.sms.sent_to", "name", sentTo)
	case ordered(way) && sent:
		return v.say.Say("prompt.way." + way + ".sent")
	}
	return v.say.Say("prompt.way." + way + ".lead")
}

// codeField is where a code of a way is typed.
func (v *visit) codeField(way string) page.Field {
	f := page.Field{Name: "code", Label: v.say.Say("prompt.code." + way), Autocomplete: "one-time-code", Autofocus: true}
	switch way {
	case string(org.TOTP):
		f.Digits = factor.TOTPDigits
	case string(login.SavedRecovery):
		f.Autocomplete, f.MaxLength = "off", 64
	default:
		f.Digits = factor.MailedDigits
	}
	return f
}

// others are the ways that may be taken instead.
func (v *visit) others(a login.Answer, way string) []choice {
	var all []choice
	add := func(other string) {
		if other != way {
			all = append(all, choice{v.say.Say("prompt.other." + other), pathOf(v.h) + "?way=" + other})
		}
	}
	for _, m := range a.Next.Methods {
		add(string(m))
	}
	for _, b := range a.Next.WaysBack {
		add(string(b))
	}
	add(string(login.Bypass))
	return all
}

// order sends a code.
func (v *visit) order() error {
	way := v.form("way")
	token, err := v.token()
	if err != nil {
		return err
	}
	if _, err := v.Logins.Order(v.r.Context(), v.caller, token, way, ""); err != nil {
		return v.again(err, way)
	}
	return v.on(way)
}

// again goes to the page of a way once more, with what was refused about it.
func (v *visit) again(err error, way string) error {
	if !correctable(err) {
		return err
	}
	return v.onWith(way, err)
}

// correctable reports whether the same page, with another word from the user or a moment later, may go through.
func correctable(err error) bool {
	known := fault.As(err)
	return known.Kind == fault.Unprocessable && !errors.Is(err, login.ErrInvalid) || known.Kind == fault.Throttled || known.Code == "conflict"
}

// answer judges a code. Whoever has proven what is asked goes back to the application at once, or on to the enrolment that follows.
func (v *visit) answer() error {
	way := v.form("way")
	token, err := v.token()
	if err != nil {
		return err
	}
	a, err := v.Logins.Answer(v.r.Context(), v.caller, verify.Answer{
		Login: token, Way: way, Code: v.form("code"), IdempotencyKey: v.attempt(), Remember: v.remember(),
	})
	if err != nil {
		return v.again(err, way)
	}
	return v.proven(a)
}

// proven keeps what a step has proven, and goes on.
func (v *visit) proven(a login.Answer) error {
	if err := v.took(a); err != nil {
		return err
	}
	if a.Assertion != "" {
		v.h.Success, v.h.Trusted = a.Success, a.Device.Text != ""
	}
	v.h.Enrolls = a.Next.Do == login.DoEnroll
	if v.h.Enrolls {
		return v.keepAndGoOn()
	}
	return v.back()
}

func (v *visit) keepAndGoOn() error {
	if err := v.keep(v.w, v.h); err != nil {
		return err
	}
	return v.on("")
}
