package console

import (
	"errors"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/signin"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

const userPath = "/users/one"

func userRoutes(d desk) {
	d.get(userPath, func(v *visit) error { return v.showUser("", nil) })
	for _, one := range deeds {
		d.post(userPath+"/"+one.name, func(v *visit) error { return v.doOne(one) })
	}
	for _, one := range given {
		d.post(userPath+"/"+one.name, func(v *visit) error { return v.give(one) })
	}
	for name, step := range userSteps {
		d.post(userPath+"/"+name, func(v *visit) error { return v.step(name, step) })
	}
	d.get(userPath+"/{step}", (*visit).backToUsers) // what was posted is not in the address
}

// userID is whom a page is about, to the letter. Empty: nobody whom there could be.
func (v *visit) userID() string {
	if ids := v.all("user"); len(ids) == 1 && user.ValidID(ids[0]) {
		return ids[0]
	}
	return ""
}

// userPage is all that there is to say of one user, and to do.
type userPage struct {
	policy.Standing
	At       string // where the forms lead
	List     string
	Answer   answer
	Language string
	Wrong    []string
	Known    *enroll.Overview // what only those are told who may change users; nil: not they
	Acts     []act
	Clears   bool // it may be said that mail arrives again
	Revokes  bool // devices
	Takes    bool // app passwords
	Events   *userEvents
	SignIns  *userSignIns
	Propose  string // where an allowance is asked for; empty: nobody needs one
}

// answer is what a login would be answered, in words.
type answer struct {
	Word, Tone   string
	Reason, Rule string
	Methods      string
}

var decisionTones = map[decision.Status]string{decision.Complete: "", decision.Challenge: "good", decision.Enroll: "warn", decision.Denied: "bad"}

// showUser shows the page; where something was refused, with that and what was typed for it.
func (v *visit) showUser(tried string, refused error) error {
	id := v.userID()
	if id == "" {
		return v.noUser()
	}
	st, err := v.Policies.Status(v.r.Context(), v.caller, policy.Subject{Organization: v.home, User: id})
	if errors.Is(err, access.ErrNotFound) {
		return v.noUser()
	}
	if err != nil {
		return err
	}
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	p := userPage{
		Standing: st, At: v.at(userPath), List: v.at("/users"), Answer: v.answer(st.Decision), Wrong: v.troubles(st.Profile.Troubles(v.Now())), Acts: v.userActs(st, tried, refused),
		Clears: v.may(enroll.DeliverableRule()), Revokes: v.may(enroll.DevicesRule()), Takes: v.may(enroll.WithdrawRule()),
	}
	if errors.Is(refused, stepup.ErrAllowance) {
		p.Propose = v.at("/allowances/new")
	}
	if err := v.fill(&p, id); err != nil {
		return err
	}
	return v.shown(status, page.View{Body: "console/user", Title: v.say.Say("console.user.title", "user", id), Data: p, Alerts: alerts})
}

// noUser is the page of a user whom there is not.
func (v *visit) noUser() error {
	return v.shown(http.StatusNotFound, page.View{Body: "console/user/none", Title: v.say.Say("console.user.none"), Data: v.at("/users")})
}

func (v *visit) answer(d decision.Decision) answer {
	return answer{
		Word: v.say.Say("console.decision." + string(d.Status)), Tone: decisionTones[d.Status], Reason: v.say.Say("console.reason." + string(d.Reason)),
		Rule: v.say.Say("console.rule." + string(d.Rule)), Methods: v.methodWords(d.Methods),
	}
}

// latest is how many events and sign-ins the page shows.
const latest = 10

// fill reads what only some may see: each part is left out that is not for the caller.
func (v *visit) fill(p *userPage, id string) error {
	ctx := v.r.Context()
	if v.may(enroll.UsersRule()) {
		o, err := v.Users.Overview(ctx, v.caller, enroll.Subject{Organization: v.home, User: id})
		if err != nil {
			return err
		}
		p.Known = &o
	}
	if v.may(report.AuditRule) {
		found, err := v.Reports.Events(ctx, v.caller, v.home, report.EventQuery{User: id, Descending: true, Limit: latest}, "")
		if err != nil {
			return err
		}
		p.Events = v.userEvents(found.Events, id)
	}
	if v.may(signin.Rule) {
		found, err := v.SignIns.SignIns(ctx, v.caller, v.home, signin.Query{User: id, Descending: true, Limit: latest}, signin.Filter{}, "")
		if err != nil {
			return err
		}
		p.SignIns = v.userSignIns(found.Rows, id)
	}
	return nil
}
