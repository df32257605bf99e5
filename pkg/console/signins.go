package console

import (
	"time"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/signin"
)

func signInRoutes(d desk) { d.get("/sign-ins", (*visit).signIns) }

// signInsPage is every code that was judged.
type signInsPage struct {
	At      string
	Fields  []page.Field
	Oldest  bool
	Turned  string
	Clear   string
	Rows    []signInRow
	Shown   bool
	More    string
	Exports []page.Link
}

// signInRow is a code that was judged.
type signInRow struct {
	At                        time.Time
	User, Path                string
	Outcome, Tone             string
	Reason, Way, For, Address string
	LockedUntil               time.Time
}

// outcomes are all that there are, with the colours that they have beside their words.
var (
	outcomes     = []string{string(signin.Right), string(signin.Wrong), string(signin.Locked), string(signin.Suspended)}
	outcomeTones = map[signin.Outcome]string{signin.Right: "good", signin.Wrong: "warn", signin.Locked: "bad", signin.Suspended: "bad"}
)

// methods are ways of the user's own, and ways all that codes may come by.
var (
	methods = []string{string(org.TOTP), string(org.Email), string(org.SMS)}
	ways    = append(methods[:3:3], "recovery_email", "recovery_code", "bypass_code", "ticket", signin.AppPassword)
)

func (v *visit) signIns() error {
	asked := v.signInsAsked()
	q, f, err := asked.query()
	if refused := v.readable(signin.Rule, err); refused != nil {
		return refused
	}
	var found signin.Page
	if err == nil {
		found, err = v.SignIns.SignIns(v.r.Context(), v.caller, v.home, q, f, v.cursor())
	}
	status, alerts, ok := v.failed(err)
	if !ok {
		return err
	}
	return v.shown(status, page.View{Body: "console/sign-ins", Title: v.say.Say("console.sign_ins.title"), Alerts: alerts, Data: v.signInsPage(asked, found, err == nil)})
}

func (v *visit) signInsPage(asked signInsAsked, found signin.Page, shown bool) signInsPage {
	p := signInsPage{
		At: v.at("/sign-ins"), Fields: asked.fields(v, ""), Oldest: asked.Oldest, Shown: shown, Exports: v.exportLinks(exportSignIns, asked.values()),
	}
	turned := asked
	turned.Oldest = !asked.Oldest
	p.Turned = v.with("/sign-ins", turned.values())
	if all := (signInsAsked{Oldest: asked.Oldest}); asked != all {
		p.Clear = v.with("/sign-ins", all.values())
	}
	for _, e := range found.Rows {
		p.Rows = append(p.Rows, v.signInRow(e))
	}
	if found.Cursor != "" {
		next := asked.values()
		next.Set("cursor", found.Cursor)
		p.More = v.with("/sign-ins", next)
	}
	return p
}

func (v *visit) signInRow(e signin.Entry) signInRow {
	return signInRow{
		At: e.At, User: e.User, Path: v.userPath(e.User), Outcome: v.outcomeWord(string(e.Outcome)), Tone: outcomeTones[e.Outcome],
		Reason: v.wordOf("console.why.", string(e.Reason)), Way: v.wayWord(e.Way), For: v.wordOf("console.for.", string(e.For)), Address: e.Address, LockedUntil: e.LockedUntil,
	}
}

func (v *visit) outcomeWord(outcome string) string { return v.wordOf("console.outcome.", outcome) }

// wayWord is a way in words: methods are called as everywhere.
func (v *visit) wayWord(way string) string {
	if said := "prompt.method." + way; v.say.Has(said) {
		return v.say.Say(said)
	}
	return v.wordOf("console.way.", way)
}

// wordOf is a text of ours for a value, or the value where there is none.
func (v *visit) wordOf(prefix, value string) string {
	if v.say.Has(prefix + value) {
		return v.say.Say(prefix + value)
	}
	return value
}
