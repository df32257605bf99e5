package account

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/page"
	"twofold/pkg/user"
)

// overview is the page of everything there is.
type overview struct {
	At, Whom   string
	Enrolled   bool
	MayDisable bool
	Methods    []method
	Recovery   enroll.RecoveryEmail
	Offers     enroll.Offers
	CodesLeft  int
	Few        bool
	Browsers   []browser
	Passwords  []enroll.AppPassword
	Declined   bool
	Activity   []happened
	Waits      bool // something was begun and is not confirmed
	Out        out
}

// method is an authenticator with what people call it.
type method struct {
	enroll.Authenticator
	Kind string
	Only bool
}

// browser is a trusted one, with what people call it.
type browser struct {
	enroll.Device
	Known string
}

// happened is an event in words.
type happened struct {
	At      time.Time
	Text    string
	About   string // what it is about, by its name
	By      string // empty: the user
	Address string
	Reason  string
}

// home is the overview, with what the step before it has done.
func (v *visit) home() error { return v.overview(nil) }

func (v *visit) overview(refused error) error {
	status := http.StatusOK
	if refused != nil {
		if status = explained(refused); status == 0 {
			return refused
		}
	}
	o, err := v.Users.Overview(v.r.Context(), v.caller, v.subject())
	if err != nil {
		return err
	}
	shown := page.View{Body: "account/home", Title: v.say.Say("account.title"), Wide: true, Data: v.all(o), Alerts: v.alerts(o)}
	if refused != nil {
		shown.Alerts = append(v.told(refused, &change{}), shown.Alerts...)
	}
	return v.shown(status, shown)
}

func (v *visit) all(o enroll.Overview) overview {
	all := overview{
		At: pathOf(v.a), Whom: v.a.Whom, Enrolled: o.Status.Enrolled, MayDisable: o.MayDisable, Recovery: o.RecoveryEmail, Offers: o.Offers,
		CodesLeft: o.CodesLeft, Few: o.CodesLeft <= user.FewCodes, Passwords: o.AppPasswords, Declined: !o.DeclinedAt.IsZero(), Waits: o.Awaited != nil, Out: v.out(),
	}
	for _, a := range o.Authenticators {
		all.Methods = append(all.Methods, method{a, v.say.Say("prompt.method." + string(a.Method)), len(o.Authenticators) == 1})
	}
	for _, d := range o.Devices {
		all.Browsers = append(all.Browsers, browser{d, cmp.Or(browserOf(d.Agent), v.say.Say("account.browser.unknown"))})
	}
	for _, e := range o.Activity {
		all.Activity = append(all.Activity, v.happened(e))
	}
	return all
}

// alerts are what was done, and what somebody should know.
func (v *visit) alerts(o enroll.Overview) []page.Alert {
	var all []page.Alert
	if said := "account.done." + v.form("done"); v.r.Method != http.MethodPost && v.say.Has(said) {
		all = append(all, page.Alert{Tone: page.Succeeded, Text: v.say.Say(said)})
	}
	if v.form("done") == nothingWaits {
		all = append(all, page.Alert{Tone: page.Noted, Text: v.say.Say("account.waits.nothing")})
	}
	if len(o.Troubles) > 0 {
		all = append(all, page.Alert{Tone: page.Noted, Text: v.say.Say("account.trouble")})
	}
	return append(all, v.barred(o.LockedUntil, o.Suspended)...)
}

// by says who did something, where that was not the user.
var by = map[string]string{
	string(access.OrganizationAdministrator): "account.by.administrator", string(access.SystemAdministrator): "account.by.vendor",
	audit.System: "account.by.system",
}

// happened puts an event into words. It names no administrator.
func (v *visit) happened(e audit.Event) happened {
	text := "account.activity." + string(e.Kind)
	if !v.say.Has(text) {
		text = "account.activity"
	}
	h := happened{At: e.At, Text: v.say.Say(text), About: e.Details["name"], Address: e.Claimed, Reason: e.Reason}
	if key := by[e.Role]; key != "" {
		h.By = v.say.Say(key)
	}
	return h
}

func number(n int) string { return strconv.Itoa(n) }
