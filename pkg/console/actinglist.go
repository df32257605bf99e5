package console

import (
	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// impersonations is the page of who acts in whose place in an organisation.
type impersonations struct {
	At       string
	Sessions []people.Session
	MayEnd   bool
}

func (v *visit) impersonations() error { return v.showImpersonations(nil) }

func (v *visit) showImpersonations(refused error) error {
	sessions, err := v.People.Impersonations(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	return v.redone(refused, page.View{Body: "console/impersonations", Title: v.say.Say("console.menu.impersonations"), Data: impersonations{
		At: v.at("/impersonations"), Sessions: sessions, MayEnd: v.may(people.EndImpersonationRule),
	}})
}

// endImpersonation ends one, whoever began it.
func (v *visit) endImpersonation() error {
	id := v.form("id")
	if !org.ID(id) {
		return access.ErrNotFound // and no store is asked for what is no id
	}
	if err := v.People.EndImpersonation(v.r.Context(), v.caller, v.home, id); err != nil {
		return v.showImpersonations(err)
	}
	return v.on("/impersonations", "done", "impersonation_ended")
}
