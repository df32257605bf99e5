package console

import (
	"errors"
	"slices"
	"strconv"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// maxChosen is how many users may be chosen at once: as many as the table shows.
const maxChosen = report.DefaultLimit

// chosenIDs are the users whom a form is about, each once. None: it names nobody, or somebody who cannot be, or too many.
func (v *visit) chosenIDs() []string {
	var ids []string
	for _, id := range v.all("user") {
		if !user.ValidID(id) || len(ids) == maxChosen {
			return nil
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// bulk is the page that shows whom a deed is about, before anything is done.
type bulk struct {
	At      string
	Deed    string
	Lead    string
	Button  string
	Danger  bool
	Fields  []page.Field
	Users   []chosen
	Gone    []string // who are not there any more
	Beyond  int      // so many need an allowance
	Propose string   // where one is asked for; empty: nobody needs any
	Return  string   // the query of the table
	Back    string   // the table
}

// chosen is somebody whom it is about.
type chosen struct {
	User, Email string
	Path        string
	Stands      string // what a login would be answered
	Beyond      bool   // more than the administrator may do it to without an allowance
}

// chosen shows what is to be done, and to whom.
func (v *visit) chosen() error {
	d, ids, err := v.asked()
	if err != nil {
		return v.nobody(err)
	}
	return v.confirmDeed(d, ids, nil)
}

// asked is the deed of a form, and the users whom it is about: errNobody where there are none.
func (v *visit) asked() (deed, []string, error) {
	d, known := deedOf(v.form("deed"))
	if known && !v.may(d.rule) {
		return d, nil, access.ErrPermission
	}
	ids := v.chosenIDs()
	if !known || ids == nil {
		return d, nil, errNobody
	}
	return d, ids, nil
}

// confirmDeed shows the page, with what was refused.
func (v *visit) confirmDeed(d deed, ids []string, refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	b := bulk{
		At: v.at("/users"), Deed: d.name, Lead: v.say.Say("console.deed." + d.name + ".lead"), Button: v.say.Say("console.deed." + d.name), Danger: d.danger,
		Fields: v.fields(d, refused), Return: v.form("back"), Back: v.listed(v.cameFrom()),
	}
	if err := v.look(&b, ids); err != nil {
		return err
	}
	if len(b.Users) == 0 {
		return v.nobody(errNobody)
	}
	if d.frees {
		if err := v.mark(&b, refused); err != nil {
			return err
		}
	}
	return v.shown(status, page.View{Body: "console/users/bulk", Title: b.Button, Data: b, Alerts: alerts})
}

// look reads whom it is about.
func (v *visit) look(b *bulk, ids []string) error {
	for _, id := range ids {
		st, err := v.Policies.Status(v.r.Context(), v.caller, policy.Subject{Organization: v.home, User: id})
		switch {
		case errors.Is(err, access.ErrNotFound):
			b.Gone = append(b.Gone, id)
		case err != nil:
			return err
		default:
			b.Users = append(b.Users, chosen{
				User: id, Email: st.Profile.Email, Path: v.at("/users/one", "user", id), Stands: v.say.Say("console.decision." + string(st.Decision.Status)),
			})
		}
	}
	return nil
}

// mark says which of them are more than the administrator may do it to now.
func (v *visit) mark(b *bulk, refused error) error {
	spare, err := v.Policies.Spare(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	for i := range b.Users {
		b.Users[i].Beyond = i >= spare
	}
	if b.Beyond = max(0, len(b.Users)-spare); b.Beyond > 0 || errors.Is(refused, stepup.ErrAllowance) {
		b.Propose = v.at("/allowances/new", "users", strconv.Itoa(max(1, b.Beyond)))
	}
	return nil
}

// changeMany does it, and says what became of each.
func (v *visit) changeMany() error {
	d, ids, err := v.asked()
	if err != nil {
		return v.nobody(err)
	}
	w, err := v.wanted(d)
	if err != nil {
		return v.confirmDeed(d, ids, err)
	}
	results, err := v.carryOut(w, ids)
	if err != nil {
		return v.confirmDeed(d, ids, err)
	}
	return v.became(d, ids, results)
}

// carryOut does it to all of them, each by itself: what is refused of one stops no other. It fails where nothing was done to anybody for a
// reason that is not theirs.
func (v *visit) carryOut(w wanted, ids []string) ([]policy.LineResult, error) {
	if kind, enforces := enforcementKinds[w.name]; enforces {
		var lines []policy.Line
		for _, id := range ids {
			lines = append(lines, policy.Line{User: id, Want: w.enforcement(kind)})
		}
		return v.Policies.EnforceMany(v.r.Context(), v.caller, v.home, lines)
	}
	results := make([]policy.LineResult, len(ids))
	whole := true
	for i, id := range ids {
		results[i].Changed, results[i].Err = v.do(w, id)
		whole = whole && results[i].Err != nil && nobodys[fault.As(results[i].Err).Kind]
	}
	if whole {
		return nil, results[0].Err
	}
	return results, nil
}

// nobodys are the kinds of faults that say nothing of the user whom something was to be done to.
var nobodys = map[fault.Kind]bool{fault.Unavailable: true, fault.Internal: true, fault.Unauthenticated: true, fault.Forbidden: true}
