package account

import (
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/page"
)

func (v *visit) fillRecovery(c *change, p enroll.Prospect) bool {
	if p.RecoveryEmail.Address != "" {
		c.About = p.RecoveryEmail.Address
	}
	c.Note = v.delayed(p)
	c.Fields = []page.Field{{
		Name: "recovery_email", Label: v.say.Say("account.recovery.label"), Hint: v.say.Say("prompt.recovery_email.hint"), Type: "email", InputMode: "email",
		Autocomplete: "email", MaxLength: 254, Value: v.typed("recovery_email", ""),
	}, {
		Name: "recovery_email_again", Label: v.say.Say("prompt.recovery_email.again"), Type: "email", InputMode: "email", Autocomplete: "off", MaxLength: 254,
	}}
	return true
}

// delayed explains when another address comes into force, and what waits already.
func (v *visit) delayed(p enroll.Prospect) string {
	switch r := p.RecoveryEmail; {
	case r.Next != "":
		return v.say.Say("account.recovery.waits", "address", r.Next, "time", v.say.Time(r.NextAt))
	case p.Offers.Delay > 0:
		return v.say.Say("account.recovery.delay", "hours", number(int(p.Offers.Delay/time.Hour)))
	}
	return ""
}

func (v *visit) move() error {
	if _, err := v.Users.MoveRecovery(v.r.Context(), v.caller, v.request(), v.form("recovery_email"), v.form("recovery_email_again")); err != nil {
		return err
	}
	return v.on("/confirm")
}

func (v *visit) fillCodes(c *change, p enroll.Prospect) bool {
	c.Note = v.say.Say("account.codes.left", "count", number(p.CodesLeft))
	if p.Offers.Mailed {
		c.Note = v.say.Say("account.codes.mailed", "count", number(p.CodesLeft))
	}
	c.Danger = p.CodesLeft > 0
	return p.Offers.Codes
}

// renew shows new codes in this answer, where they are not mailed.
func (v *visit) renew() error {
	codes, err := v.Users.RenewCodes(v.r.Context(), v.caller, v.request())
	switch {
	case err != nil:
		return err
	case len(codes) == 0:
		return v.done("codes_mailed")
	}
	return v.secret("account.codes.made.title", secret{Codes: codes})
}
