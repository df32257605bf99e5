package console

import (
	"errors"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

func actingRoutes(d desk) {
	d.vendorPost("/organizations/act", (*visit).act)
	d.post("/impersonation/end", (*visit).stopActing)
	d.get("/impersonations", (*visit).impersonations)
	d.post("/impersonations/end", (*visit).endImpersonation)
	d.get("/{rest...}", (*visit).nowhere)
}

// nowhere is every page of an organisation's that there is not: what one has in its place says who acts, too.
func (v *visit) nowhere() error { return access.ErrNotFound }

// actingForm is where a system administrator chooses in whose place to act.
type actingForm struct {
	Fields []page.Field // empty: there is nobody
	Now    string       // what is under way there; empty: nothing
	End    string       // where that is ended
}

func (v *visit) actingForm(o org.Organization) (actingForm, error) {
	all, err := v.People.Administrators(v.r.Context(), v.caller, o.ID)
	if err != nil {
		return actingForm{}, err
	}
	var form actingForm
	if a := v.session.in(o.ID); a != nil {
		form.Now = v.say.Say("console.acting.now", "administrator", a.Administrator, "organization", a.Organization, "time", v.say.Time(a.ExpiresAt))
		form.End = baseOf(o.ID) + "/impersonation/end"
	}
	var choices []page.Option
	for _, a := range all {
		if a.Active() {
			choices = append(choices, page.Option{Value: a.ID, Label: a.ID, Hint: a.Name})
		}
	}
	if choices != nil {
		form.Fields = []page.Field{
			{Name: "administrator", Label: v.say.Say("console.acting.whom"), Options: choices, Value: v.form("administrator")},
			{Name: "reason", Label: v.say.Say("console.acting.reason"), Hint: v.say.Say("console.acting.reason.hint"), MaxLength: 200, Value: v.form("reason")},
		}
	}
	return form, nil
}

// errGone refuses to act for somebody who is no administrator, or no more.
var errGone = fault.New(fault.Conflict, "administrator_gone", "The organisation has no such administrator.").At("administrator")

// act begins an impersonation and goes to the organisation. One that is under way in another place ends first: nobody acts in two.
func (v *visit) act() error {
	id, whom, reason := v.form("id"), v.form("administrator"), v.form("reason")
	if _, err := v.subject(id); err != nil {
		return err
	}
	begun, err := v.begin(id, whom, reason)
	if errors.Is(err, access.ErrNotFound) {
		err = errGone
	}
	if err != nil {
		return v.showOrganization(id, nil, err)
	}
	credential, err := access.Parse(begun.Token)
	if err != nil {
		return err
	}
	v.session.Acting = &acting{Key: credential.Keep(), ID: begun.ID, Organization: id, Administrator: whom, ExpiresAt: begun.ExpiresAt}
	if err := v.keep(v.w, v.session); err != nil {
		return err
	}
	page.SeeOther(v.w, baseOf(id))
	return nil
}

func (v *visit) begin(id, whom, reason string) (people.Session, error) {
	if a := v.session.Acting; a != nil && (a.Organization != id || a.Administrator != whom) {
		if err := v.mayBegin(id, whom, reason); err != nil {
			return people.Session{}, err
		}
		if err := v.stop(*a); err != nil {
			return people.Session{}, err
		}
		v.session.Acting = nil
		if err := v.keep(v.w, v.session); err != nil {
			return people.Session{}, err
		}
	}
	return v.People.Impersonate(v.r.Context(), v.caller, id, whom, reason)
}

// mayBegin refuses what would not begin, so that nothing is ended for it.
func (v *visit) mayBegin(id, whom, reason string) error {
	if err := people.CheckReason(reason); err != nil {
		return err
	}
	if !org.ID(whom) {
		return access.ErrNotFound.At("administrator")
	}
	a, err := v.People.Administrator(v.r.Context(), v.caller, id, whom)
	if err == nil && !a.Active() {
		err = people.ErrInvited.At("administrator")
	}
	return err
}

// stop ends an impersonation of the session's. It is the administrator's own key that may, and not the one that acts.
func (v *visit) stop(a acting) error {
	own, _ := v.session.caller(access.VendorHome, v.caller.RequestID, v.caller.Seen, v.caller.Agent)
	err := v.People.EndImpersonation(v.r.Context(), own, a.Organization, a.ID)
	if errors.Is(err, access.ErrNotFound) {
		return nil // with its administrator
	}
	return err
}

// stopActing is the banner's button.
func (v *visit) stopActing() error {
	if a := v.session.in(v.home); a != nil {
		if err := v.stop(*a); err != nil {
			return err
		}
	}
	return v.ended()
}
