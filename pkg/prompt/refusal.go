package prompt

import (
	"net/http"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

// refusal is the page of somebody who is not let in, with whom to ask and what may still be done.
type refusal struct {
	Text  string    // a name of words
	Until time.Time // zero: nobody can say
	At    string    // the login's path, to look again then
	Wait  int       // seconds until then
	Ask   string    // the organisation whose administrator is to be asked; empty: asking would not help
	Whom  string
	Ways  []choice
	Out   out
}

// showDenied explains why nobody is let in, in words: locked until when, suspended, or that codes do not arrive.
func (v *visit) showDenied(a login.Answer) error {
	name := "prompt.denied." + string(a.Decision.Reason)
	if !v.say.Has(name + ".title") {
		name = "prompt.denied"
	}
	r := refusal{Text: name + ".text", Ask: v.organization(), Whom: v.h.Whom, Out: v.out()}
	if a.Decision.Reason == decision.IsLocked {
		// To the minute that is over by then: times are shown in minutes.
		r.Until, r.At, r.Wait = a.Decision.Until.Add(time.Minute-time.Nanosecond).Truncate(time.Minute), pathOf(v.h), page.Seconds(a.Decision.Until, v.Now())
	} else {
		r.Ways = v.others(a, "")
	}
	return v.shown(http.StatusOK, page.View{Body: "prompt/over", Title: v.say.Say(name + ".title"), Data: r})
}

// delivery says that a code which was ordered will not arrive. Not to know is no reason to show nothing.
func (v *visit) delivery(order string) []page.Alert {
	if order == "" {
		return nil
	}
	of := enroll.Subject{Organization: v.h.Login.Organization, User: v.h.Login.User}
	o, err := v.Enrollments.Order(v.r.Context(), v.caller, of, order)
	if err != nil || o.State != enroll.OrderNotSent && o.State != enroll.OrderBounced {
		return nil
	}
	return []page.Alert{{Tone: page.Failed, Text: v.say.Say("prompt.order." + string(o.State))}}
}

// What codes come from, as words know it: an app has another one soon, what was sent or given may be looked at again.
const (
	fromApp  = "app"
	fromElse = "given"
)

// kindOf says where codes of a way come from.
func kindOf(way string) string {
	if way == string(org.TOTP) {
		return fromApp
	}
	return fromElse
}

// told puts a refusal into words: at the field that it is about if the page has that, and otherwise above. Right and wrong codes, used ones and
// all that comes while the user is locked are one refusal, with the words of the kind of code that was asked for.
func (v *visit) told(err error, field, kind string) ([]page.Alert, string) {
	known := fault.As(err)
	text := "prompt.refused." + known.Code
	if !v.say.Has(text) {
		text = "prompt.refused"
	}
	if known.Code == login.ErrRefused.Code {
		text = "prompt.refused.code_refused." + kind
	}
	if known.Code == login.ErrRefused.Code && known.Field == "" {
		text = "prompt.refused.not_sent"
	}
	if known.Field == field && field != "" {
		return nil, v.say.Say(text)
	}
	return []page.Alert{{Tone: page.Failed, Text: v.say.Say(text)}}, ""
}

// toldOf is told for a page of several fields.
func (v *visit) toldOf(err error, kind string, groups ...[]page.Field) []page.Alert {
	at := fault.As(err).Field
	for _, fields := range groups {
		for i := range fields {
			if fields[i].Name == at {
				_, fields[i].Error = v.told(err, at, kind)
				return nil
			}
		}
	}
	alerts, _ := v.told(err, "", kind)
	return alerts
}
