package account

import (
	"net/url"

	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/user"
)

// proof is the part of a change's page that asks for a fresh proof.
type proof struct {
	By     string // the way's name
	Lead   string
	Sends  bool // codes of this way are ordered, for this very change
	Sent   bool // one was
	Wait   int  // seconds until another may be
	Field  page.Field
	Others []choice
}

// choice leads elsewhere.
type choice struct{ Text, Path string }

// nameOf is what a way is called in a form: its method, or the authenticator's id of a phone, of which there may be two.
func nameOf(w enroll.Way) string {
	if w.Method == org.SMS {
		return w.ID
	}
	return string(w.Method)
}

// methodOf is the method of a way that a form names.
func methodOf(by string) (m org.Method, authenticator string) {
	switch org.Method(by) {
	case org.TOTP, org.Email:
		return org.Method(by), ""
	}
	return org.SMS, by
}

// distinct are the ways to choose from: of several apps any shows a code, so they are one.
func distinct(all []enroll.Way) []enroll.Way {
	seen := map[string]bool{}
	var ways []enroll.Way
	for _, w := range all {
		if name := nameOf(w); !seen[name] {
			seen[name] = true
			ways = append(ways, w)
		}
	}
	return ways
}

// ask makes that part. The way is the one that was asked for if the user has it, or else the default.
func (v *visit) ask(c change, all []enroll.Way) proof {
	ways := distinct(all)
	way := ways[0]
	for _, w := range ways {
		if nameOf(w) == v.form("by") {
			way = w
		}
	}
	p := proof{By: nameOf(way), Sends: user.Mails(way.Method), Sent: way.Sent.Order != "", Wait: page.Seconds(way.Sent.ResendAt, v.Now())}
	p.Field = page.Field{
		Name: "code", Label: v.say.Say("account.proof.code." + string(way.Method)), Autocomplete: "one-time-code", Digits: factor.MailedDigits,
		Autofocus: c.Rename == nil && (p.Sends || len(c.Fields) == 0), // whoever came to rename wants to type elsewhere
	}
	switch {
	case !p.Sends:
		p.Field.Digits = factor.TOTPDigits
	case p.Sent:
		p.Lead = v.say.Say("account.proof.sent", "address", way.SentTo)
	default:
		p.Lead = v.say.Say("account.proof.send.lead", "address", way.SentTo)
	}
	for _, w := range ways {
		if nameOf(w) != p.By {
			query := url.Values{"by": {nameOf(w)}}
			if c.Of != "" {
				query.Set("of", c.Of)
			}
			p.Others = append(p.Others, choice{v.say.Say("account.proof.by."+string(w.Method), "address", v.called(w.Authenticator)), c.At + "/" + c.Task + "?" + query.Encode()})
		}
	}
	return p
}

// called is how people tell an authenticator from their others.
func (v *visit) called(a enroll.Authenticator) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.SentTo != "":
		return a.SentTo
	}
	return v.say.Say("prompt.method." + string(a.Method))
}

// request is a change as its form asks for it.
func (v *visit) request() enroll.Request {
	m, _ := methodOf(v.form("by"))
	return enroll.Request{Of: v.subject(), Proof: enroll.Proof{Method: m, Code: v.form("code")}, IdempotencyKey: v.form("attempt")}
}

// send orders a code for one change.
func (v *visit) send() error {
	name := v.form("task")
	t, known := kinds()[name]
	if !known {
		return v.on("")
	}
	m, authenticator := methodOf(v.form("by"))
	if _, err := v.Users.OrderProof(v.r.Context(), v.caller, v.subject(), t.act, m, authenticator); err != nil {
		return v.retried(name, err)
	}
	return v.on("/"+name, "of", v.form("of"), "by", v.form("by"))
}
