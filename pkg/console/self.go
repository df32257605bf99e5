package console

import (
	"net/url"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

func selfRoutes(d desk) {
	d.bothGet("/self", (*visit).self)
	d.bothPost("/self/factor", (*visit).ownFactor)
	d.post("/self/name", (*visit).renameSelf)
	d.post("/self/address", (*visit).moveSelf)
	d.post("/self/user", (*visit).linkSelf)
	d.post("/self/forget", (*visit).forgetSelf)
	d.get("/self/changes/{change}", (*visit).selfWaits)
	d.post("/self/changes/{change}", (*visit).confirmSelf)
}

// oneself is the page of whoever is signed in.
type oneself struct {
	person
	User         string // that one also is; empty: none that is known
	Since, Until time.Time
	Narrowed     bool // the key may say nothing of its holder
	Colleague    string
	At           string // below which its forms lead
	SignOut      string
	Rename       page.Field
	Address      page.Field
	Link         page.Field
}

// ownFactor opens the page on which the administrator, as a user, looks after the second factor: another phone, recovery codes, another way back. What
// protects is changed there with a fresh proof only, so a session alone changes nothing.
func (v *visit) ownFactor() error {
	c, returnTo, err := v.desk.application(v.r)
	if err != nil {
		return err
	}
	opened, err := v.Users.OpenAccount(v.r.Context(), c, enroll.Subject{Organization: access.Administrators, User: v.session.User}, returnTo)
	if err != nil {
		return err
	}
	page.SeeOther(v.w, "/account?page="+url.QueryEscape(opened.Entry))
	return nil
}

const signOutPath = root + "/sign-out"

func (v *visit) self() error { return v.showSelf(nil) }

// showSelf shows whoever is signed in where that one is at home: nobody is themselves anywhere else, nor in somebody's place.
func (v *visit) showSelf(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	if v.home != v.session.Organization {
		page.SeeOther(v.w, v.selfPath())
		return nil
	}
	a, err := v.me()
	if err != nil {
		return err
	}
	me := oneself{
		person: v.shownAs(a, nil), User: a.User, Since: v.key.CreatedAt, Until: v.key.ExpiresAt, Narrowed: v.key.Scope != nil,
		At: v.at("/self"), SignOut: signOutPath,
	}
	me.Permissions = v.permissionWords(v.key.Permissions)
	if v.vendors() {
		me.Colleague = me.person.At
	} else {
		v.fillSelf(&me, refused)
	}
	return v.shown(status, page.View{Body: "console/self", Title: v.say.Say("console.self.title"), Data: me, Alerts: alerts})
}

func (v *visit) fillSelf(me *oneself, refused error) {
	fields := v.blame(refused, []page.Field{
		{Name: "name", Label: v.say.Say("console.people.name"), Hint: v.say.Say("console.people.name.hint"), MaxLength: 80, Optional: true, Autocomplete: "name", Value: v.typed("name", me.Name)},
		{Name: "email", Label: v.say.Say("console.people.email"), Hint: v.say.Say("console.self.email.hint"), Type: "email", MaxLength: 254, Autocomplete: "email", Value: v.typed("email", me.Email)},
		{Name: "user", Label: v.say.Say("console.self.user"), Hint: v.say.Say("console.self.user.hint"), MaxLength: 128, Autocomplete: "off", Value: v.typed("user", "")},
	})
	me.Rename, me.Address, me.Link = fields[0], fields[1], fields[2]
}

// me reads the administrator who is signed in.
func (v *visit) me() (org.Administrator, error) {
	if v.vendors() {
		return v.People.Administrator(v.r.Context(), v.caller, v.home, v.key.Holder)
	}
	me, err := v.People.Self(v.r.Context(), v.caller, v.home)
	return me.Administrator, err
}

// renameSelf, moveSelf and linkSelf propose another name, another address, and to be a user, too; forgetSelf to be none. One form is one change: an
// address that stands beside a name would end the wait of another.
func (v *visit) renameSelf() error {
	name := v.form("name")
	return v.proposeSelf(people.Own{Name: &name})
}

func (v *visit) moveSelf() error {
	email := v.form("email")
	return v.proposeSelf(people.Own{Email: &email})
}

func (v *visit) linkSelf() error {
	user := v.form("user")
	if user == "" { // which would be to forget
		return v.showSelf(people.ErrUnknownUser)
	}
	return v.proposeSelf(people.Own{User: &user})
}

func (v *visit) forgetSelf() error { return v.proposeSelf(people.Own{User: new(string)}) }

func (v *visit) proposeSelf(o people.Own) error {
	p, err := v.People.ProposeSelf(v.r.Context(), v.caller, v.home, o)
	if err != nil {
		return v.showSelf(err)
	}
	return v.on("/self/changes/" + p.Change.ID)
}

func (v *visit) selfWaits() error { return v.waits(v.selfProposal(), nil) }

func (v *visit) selfProposal() proposal {
	id := v.r.PathValue("change")
	return proposal{"/self/changes/" + id, "/self", "console.self.change", func() (people.Proposed, error) {
		return v.People.SelfProposal(v.r.Context(), v.caller, v.home, id)
	}}
}

func (v *visit) confirmSelf() error {
	if _, err := v.People.ConfirmSelf(v.r.Context(), v.caller, v.home, v.r.PathValue("change"), v.word()); err != nil {
		return v.again(v.selfProposal(), err)
	}
	return v.on("/self", "done", "self_changed")
}
