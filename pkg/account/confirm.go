package account

import (
	"crypto/rand"
	"errors"
	"html/template"

	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/user"
)

// awaited is the page that asks for the first code of what was begun.
type awaited struct {
	At      string
	What    string // "recovery", or "method"
	Attempt string
	Lead    string
	Fields  []page.Field
	Sends   bool
	Wait    int
	Setup   *login.Setup // nil: it was shown already, or there is none
	Secret  string       // of Setup, for people to type
	URI     template.URL
}

// showAwaited shows what waits. An app's secret is not among it: whoever has the page alone did not prove anything.
func (v *visit) showAwaited(status int, setup *login.Setup, refused error) error {
	p, err := v.Users.Prospect(v.r.Context(), v.caller, v.subject(), user.Confirm)
	if err != nil {
		return err
	}
	if p.Awaited == nil {
		return v.on("")
	}
	name := "recovery"
	s := awaited{At: pathOf(v.a), What: name, Attempt: rand.Text(), Sends: true, Wait: page.Seconds(p.Awaited.Sent.ResendAt, v.Now()), Setup: setup}
	code := page.Field{Name: "code", Label: v.say.Say("account.proof.code.email"), Autocomplete: "one-time-code", Digits: factor.MailedDigits, Autofocus: true}
	if m := p.Awaited.Method; m != "" {
		name, s.What, s.Sends = string(m), "method", user.Mails(m)
		s.Fields = append(s.Fields, v.nameField(v.typed("name", "")))
		code.Label = v.say.Say("account.proof.code." + string(m))
		if m == org.TOTP {
			code.Digits = factor.TOTPDigits
		}
	}
	s.Fields = append(s.Fields, code)
	s.Lead = v.say.Say("account.confirm."+name+".lead", "address", p.Awaited.Sent.To)
	if setup != nil {
		s.Secret = page.Grouped(setup.Secret)
		s.Lead, s.URI = v.say.Say("prompt.confirm.totp.lead"), template.URL(setup.URI) // made by factor.TOTPURI, which escapes what is not its own
	}
	shown := page.View{Body: "account/confirm", Title: v.say.Say("account.confirm." + name + ".title"), Data: &s, Secret: setup != nil, Alerts: v.barred(p.LockedUntil, p.Suspended)}
	if refused != nil {
		shown.Alerts = append(shown.Alerts, v.told(refused, &change{Fields: s.Fields})...)
	}
	return v.shown(status, shown)
}

// confirm takes the first code.
func (v *visit) confirm() error {
	name, err := v.name()
	in := enroll.Confirmation{Of: v.subject(), Code: v.form("code"), Name: name, IdempotencyKey: v.form("attempt")}
	what := "added"
	switch {
	case err != nil:
	case v.form("what") == "recovery":
		what, err = v.moved(in)
	default:
		_, err = v.Users.ConfirmAuthenticator(v.r.Context(), v.caller, in)
	}
	if err != nil {
		return v.unconfirmed(err)
	}
	return v.done(what)
}

func (v *visit) moved(in enroll.Confirmation) (string, error) {
	r, err := v.Users.ConfirmRecovery(v.r.Context(), v.caller, in)
	if r.Next != "" {
		return "moves", err
	}
	return "moved", err
}

// nothingWaits is what the overview explains in the place of what was done.
const nothingWaits = "nothing"

// unconfirmed shows what waits once more, with what was refused about it. Where nothing waits any more, the overview says how things are.
func (v *visit) unconfirmed(err error) error {
	if errors.Is(err, enroll.ErrPending) {
		return v.done(nothingWaits)
	}
	if status := explained(err); status != 0 {
		return v.showAwaited(status, nil, err)
	}
	return err
}

// resend sends that code once more.
func (v *visit) resend() error {
	if _, err := v.Users.ResendConfirmation(v.r.Context(), v.caller, v.subject()); err != nil {
		return v.unconfirmed(err)
	}
	return v.on("/confirm")
}
