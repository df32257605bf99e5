package console

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/page"
	"twofold/pkg/stepup"
)

// waiting is the page of a change that waits for the second word of whoever proposed it.
type waiting struct {
	Body      string // the template; empty: "console/confirm", which one of a part's own may show in its place among other things
	Action    string // where the word is posted
	Back      string // where somebody goes who leaves it
	Lead      string
	Facts     []fact // what the mail says, too
	SentTo    string
	ExpiresAt time.Time
	ByTOTP    bool // an authenticator of the administrator's own may confirm
	More      any  // what a template of a part's own shows beside it
	Word      page.Field
	By        page.Field
	Announce  *page.Field // of a policy
}

// fact is a line of what something says.
type fact struct{ Name, Text string }

// confirming shows a change that waits, with what was refused.
func (v *visit) confirming(title string, w waiting, refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	w.Word = page.Field{
		Name: "code", Label: v.say.Say("console.confirm.code"), Hint: v.say.Say("console.confirm.hint", "address", w.SentTo), Autocomplete: "one-time-code",
		InputMode: "numeric", MaxLength: 24, Autofocus: w.Body == "", // what else a page shows is to be seen first
	}
	if w.ByTOTP {
		w.By = page.Field{Name: "by", Label: v.say.Say("console.confirm.by"), Value: string(v.word().By), Options: []page.Option{
			{Value: string(stepup.ByEmail), Label: v.say.Say("console.confirm.by.email")}, {Value: string(stepup.ByTOTP), Label: v.say.Say("console.confirm.by.totp")},
		}}
	}
	return v.shown(status, page.View{Body: cmp.Or(w.Body, "console/confirm"), Title: title, Data: w, Alerts: alerts})
}

// word is the second word that was typed.
func (v *visit) word() stepup.Word {
	by := stepup.ByEmail
	if v.form("by") == string(stepup.ByTOTP) {
		by = stepup.ByTOTP
	}
	return stepup.Word{By: by, Code: v.form("code")}
}

// linked reports whether the caller may confirm with an authenticator: an administrator of an organisation, in person, who is known as a user. It is
// for what is offered.
func (v *visit) linked() (bool, error) {
	if v.key.Impersonates() || v.key.Role != access.OrganizationAdministrator {
		return false, nil
	}
	me, err := v.People.Self(v.r.Context(), v.caller, v.home)
	return me.Administrator.User != "", err
}

// told are the facts of a change, in the order of their names.
func (v *visit) told(all map[string]string) []fact {
	var facts []fact
	for _, name := range slices.Sorted(maps.Keys(all)) {
		facts = append(facts, fact{v.detail(name), all[name]})
	}
	return facts
}

// detail is the name of an event's detail in words, those of mail where the console has none of its own, or as it stands where there are none.
func (v *visit) detail(name string) string {
	for _, key := range []string{"console.detail." + name, "detail." + name} {
		if v.say.Has(key) {
			return v.say.Say(key)
		}
	}
	return name
}

// kind is what an event says in words, or its own name where there are none.
func (v *visit) kind(k audit.Kind) string {
	if key := "console.kind." + string(k); v.say.Has(key) {
		return v.say.Say(key)
	}
	return string(k)
}
