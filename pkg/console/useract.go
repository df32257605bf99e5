package console

import (
	"errors"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// act is something that may be done to the user, with its form.
type act struct {
	Name   string
	Title  string
	Lead   string
	Fields []page.Field
	Clear  *page.Field // of a reset: whether the recovery email goes too
	Danger bool
	Open   bool // it was refused: what was typed is on show
}

// userActs are those that the caller may do, and that would change something.
func (v *visit) userActs(st policy.Standing, tried string, refused error) []act {
	var all []act
	for _, d := range slices.Concat(deeds, []deed{endGrace}, given) {
		if !v.may(d.rule) || !v.useful(d.name, st) {
			continue
		}
		a := act{Name: d.name, Title: v.say.Say("console.deed." + d.name), Lead: v.say.Say("console.deed." + d.name + ".lead"), Danger: d.danger}
		if a.Open = refused != nil && d.name == tried; a.Open {
			a.Fields = v.fields(d, refused)
		} else {
			a.Fields = v.fields(d, nil)
		}
		if d.name == "reset" {
			a.Clear = &page.Field{Name: "clear", Label: v.say.Say("console.deed.reset.clear"), Checked: a.Open && v.checked("clear")}
		}
		all = append(all, a)
	}
	return all
}

// endGrace takes an extension away. It is for one user at a time.
var endGrace = deed{name: "end_grace", rule: policy.EnforceRule}

// useful reports whether something may come of a deed, as the user stands.
func (v *visit) useful(name string, st policy.Standing) bool {
	switch name {
	case "require":
		return st.Profile.Enforcement.Kind != user.Required && v.organization.Entitlements.TwoFactor
	case "inherit":
		return st.Profile.Enforcement.Kind != user.Inherit
	case "end_grace":
		return st.Profile.Grace != user.Grace{}
	case "bypass":
		return len(st.Methods) > 0
	case "ticket":
		return len(st.Methods) == 0 && v.organization.Policy.EnrollmentProof == org.ProofTicket
	}
	return true
}

// doOne does a deed to the user whose page it is.
func (v *visit) doOne(d deed) error {
	id := v.userID()
	w, err := v.wanted(d)
	if err != nil || id == "" {
		return v.showUser(d.name, err)
	}
	changed, err := v.do(w, id)
	switch {
	case err != nil:
		return v.showUser(d.name, err)
	case !changed:
		return v.userDone("stood")
	}
	return v.userDone(d.name)
}

// userDone goes back to the user's page, which says what was done.
func (v *visit) userDone(what string) error {
	return v.on(userPath, "user", v.userID(), "done", "user_"+what)
}

// userSteps are what is done with no more than a button, by the last part of its path; of is what of the user it is about.
var userSteps = map[string]func(v *visit, of enroll.Subject, id string) error{
	"end_grace": func(v *visit, of enroll.Subject, _ string) error {
		return v.Policies.EndGrace(v.r.Context(), v.caller, policy.Subject{Organization: of.Organization, User: of.User})
	},
	"deliverable": func(v *visit, of enroll.Subject, _ string) error {
		return v.Users.Deliverable(v.r.Context(), v.caller, of)
	},
	"devices": func(v *visit, of enroll.Subject, _ string) error {
		return v.Users.RevokeDevices(v.r.Context(), v.caller, of)
	},
	"device": func(v *visit, of enroll.Subject, id string) error {
		return gone(v.Users.RevokeDevice(v.r.Context(), v.caller, of, id))
	},
	"app_password": func(v *visit, of enroll.Subject, id string) error {
		return gone(v.Users.WithdrawAppPassword(v.r.Context(), v.caller, of, id))
	},
}

// gone takes it for done where what was to go is not there: the answer of before was lost, or somebody was faster. Whether there is the user
// at all is said by the page that comes next.
func gone(err error) error {
	if errors.Is(err, access.ErrNotFound) {
		return nil
	}
	return err
}

func (v *visit) step(name string, do func(*visit, enroll.Subject, string) error) error {
	id := v.userID()
	if id == "" {
		return v.noUser()
	}
	if err := do(v, enroll.Subject{Organization: v.home, User: id}, v.form("of")); err != nil {
		return v.showUser(name, err)
	}
	return v.userDone(name)
}
