package account

import (
	"crypto/rand"
	"net/http"

	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/user"
)

// change is the page of one change that needs a fresh proof.
type change struct {
	At, Task string
	Of       string // the id of what it is about; empty: of nothing that there is already
	Attempt  string // of the form's idempotency
	About    string // what it is about, by its name
	Lead     string
	Note     string
	Fields   []page.Field
	Proof    proof
	Button   string
	Danger   bool // it takes something away
	Closed   bool // it is not possible, and Note says why
	Rename   *rename
}

// kind is one kind of change: what it is proven for, how its page is filled, and how it is done. fill is false where there is nothing to
// change.
type kind struct {
	act  user.Act
	fill func(*visit, *change, enroll.Prospect) bool
	do   func(*visit) error
}

// kinds are all that there are, by the last part of their path.
func kinds() map[string]kind {
	return map[string]kind{
		"add":      {user.AddMethod, (*visit).fillAdd, (*visit).add},
		"method":   {user.RemoveMethod, (*visit).fillMethod, (*visit).remove},
		"recovery": {user.MoveRecovery, (*visit).fillRecovery, (*visit).move},
		"codes":    {user.RenewCodes, (*visit).fillCodes, (*visit).renew},
		"password": {user.ManageAppPasswords, (*visit).fillPassword, (*visit).create},
		"view":     {user.ManageAppPasswords, (*visit).fillExisting, (*visit).view},
		"revoke":   {user.ManageAppPasswords, (*visit).fillExisting, (*visit).revoke},
		"off":      {user.SwitchOff, (*visit).fillOff, (*visit).disable},
	}
}

// steps are what is done without a proof of its own.
func steps() map[string]func(*visit) error {
	return map[string]func(*visit) error{
		"send": (*visit).send, "confirm": (*visit).confirm, "resend": (*visit).resend, "rename": (*visit).rename, "default": (*visit).prefer,
		"browser": (*visit).revokeBrowser, "browsers": (*visit).revokeBrowsers, "announcements": (*visit).announcements,
	}
}

// act does what was posted.
func (v *visit) act() error {
	name := v.r.PathValue("task")
	if k, known := kinds()[name]; known {
		return v.retried(name, k.do(v))
	}
	if step, known := steps()[name]; known {
		return step(v)
	}
	return v.missing()
}

// look shows the page of a change, or of what waits for its first code.
func (v *visit) look() error {
	name := v.r.PathValue("task")
	if name == "confirm" {
		return v.showAwaited(http.StatusOK, nil, nil)
	}
	if _, known := kinds()[name]; !known {
		return v.missing()
	}
	return v.showChange(http.StatusOK, name, nil)
}

func (v *visit) missing() error {
	v.site.Problem(v.w, v.r, page.View{Language: v.say.Language(), Brand: v.face.Brand()}, http.StatusNotFound)
	return nil
}

// showChange shows the page of a change, as things are now. A refusal of the step before stands on it.
func (v *visit) showChange(status int, name string, refused error) error {
	k := kinds()[name]
	p, err := v.Users.Prospect(v.r.Context(), v.caller, v.subject(), k.act)
	if err != nil {
		return err
	}
	c := change{At: pathOf(v.a), Task: name, Of: v.form("of"), Attempt: rand.Text()}
	if len(p.Ways) == 0 || !k.fill(v, &c, p) {
		return v.on("")
	}
	c.Lead, c.Button = v.say.Say("account."+name+".lead"), v.say.Say("account."+name+".button")
	c.Proof = v.ask(c, p.Ways)
	shown := page.View{Body: "account/change", Title: v.say.Say("account." + name + ".title"), Data: &c, Alerts: v.barred(p.LockedUntil, p.Suspended)}
	if refused != nil {
		shown.Alerts = append(shown.Alerts, v.told(refused, &c)...)
	}
	return v.shown(status, shown)
}

// retried is a change's own page once more where something about it was refused that may be put right, or that it explains.
func (v *visit) retried(name string, err error) error {
	if status := explained(err); status != 0 {
		return v.showChange(status, name, err)
	}
	return err
}

// explained is the status of a refusal that the page it came from explains; 0 of any other.
func explained(err error) int {
	if err == nil {
		return 0
	}
	switch known := fault.As(err); {
	case known.Kind == fault.Unprocessable:
		return http.StatusUnprocessableEntity
	case known.Kind == fault.Conflict:
		return http.StatusConflict
	case known.Kind == fault.Throttled:
		return http.StatusTooManyRequests
	}
	return 0
}
