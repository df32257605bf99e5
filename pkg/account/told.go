package account

import (
	"strings"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/page"
)

// told puts a refusal into words: at the field that it is about if the page has that, and otherwise above.
func (v *visit) told(err error, c *change) []page.Alert {
	known := fault.As(err)
	at := strings.TrimPrefix(known.Field, "proof.")
	for i := range c.Fields {
		if c.Fields[i].Name == at {
			c.Fields[i].Error = v.refusal(known, c.Fields[i].Digits)
			return nil
		}
	}
	if c.Rename != nil && c.Rename.Field.Name == at {
		c.Rename.Field.Error = v.refusal(known, 0)
		return nil
	}
	if at == c.Proof.Field.Name && (c.Proof.Sent || !c.Proof.Sends) {
		c.Proof.Field.Error = v.refusal(known, c.Proof.Field.Digits)
		return nil
	}
	return []page.Alert{{Tone: page.Failed, Text: v.refusal(known, 0)}}
}

// refusal is what a fault is called here or, where that is the same, in the prompt. digits are those of the code that it is about, which tell an
// app's, which has another one soon, from those that were sent or given.
func (v *visit) refusal(known *fault.Error, digits int) string {
	switch {
	case known.Code == login.ErrRefused.Code && known.Field == "":
		return v.say.Say("prompt.refused.not_sent")
	case known.Code == login.ErrRefused.Code && digits == factor.TOTPDigits:
		return v.say.Say("prompt.refused.code_refused.app")
	case known.Code == login.ErrRefused.Code:
		return v.say.Say("prompt.refused.code_refused.given")
	}
	for _, key := range []string{"account.refused." + known.Code, "prompt.refused." + known.Code} {
		if v.say.Has(key) {
			return v.say.Say(key)
		}
	}
	return v.say.Say("prompt.refused")
}

// barred says that no code is looked at now, not even a right one.
func (v *visit) barred(locked time.Time, suspended bool) []page.Alert {
	switch {
	case suspended:
		return []page.Alert{{Tone: page.Noted, Text: v.say.Say("account.suspended")}}
	case !locked.IsZero():
		over := locked.Add(time.Minute - time.Nanosecond).Truncate(time.Minute) // times are shown in minutes
		return []page.Alert{{Tone: page.Noted, Text: v.say.Say("account.locked", "time", v.say.Time(over))}}
	}
	return nil
}
