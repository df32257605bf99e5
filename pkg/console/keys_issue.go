package console

import (
	"net/http"
	"strings"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// wish is the form of a key that somebody wants.
type wish struct {
	Action, Back, Lead, Button string
	Hidden                     string // the id of the key that it takes the place of; empty: of none
	About                      string
	Fields, Boxes              []page.Field
	BoxesError                 string
}

// The kinds of holders, as the form has them: "application:crm". A reader is named in a field of its own.
const (
	heldByAdministrator = "administrator:"
	heldByApplication   = "application:"
	heldByReader        = "reader"
)

func (v *visit) newKey() error { return v.showNewKey(nil) }

func (v *visit) showNewKey(refused error) error {
	refused = mendable(refused)
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	holders, err := v.holders()
	if err != nil {
		return err
	}
	chosen := holders[0].Value
	if v.r.Method == http.MethodGet && v.form("application") != "" {
		chosen = heldByApplication + v.form("application") // one that there is not is not there to be chosen
	}
	fields := v.blame(refused, []page.Field{
		{Name: "holder", Label: v.say.Say("console.keys.holder"), Options: holders, Value: v.typed("holder", chosen)},
		{Name: "id", Label: v.say.Say("console.keys.reader"), Hint: v.say.Say("console.keys.reader.hint"), MaxLength: 48, Optional: true, Autocomplete: "off", Value: v.typed("id", "")},
		{Name: "name", Label: v.say.Say("console.keys.name"), Hint: v.say.Say("console.keys.name.hint"), MaxLength: 80, Optional: true, Autocomplete: "off", Value: v.typed("name", "")},
		v.expiryField("console.keys.expires.hint"),
		{Name: permissionField},
	})
	w := wish{
		Action: v.at("/keys/new"), Back: v.at("/keys"), Lead: v.say.Say("console.keys.new.lead"), Button: v.say.Say("console.keys.new.button"),
		Fields: fields[:4], BoxesError: fields[4].Error,
	}
	if !v.vendors() {
		w.Boxes = v.boxes(v.ticked())
	}
	return v.shown(status, page.View{Body: "console/keys.new", Title: v.say.Say("console.keys.new"), Data: w, Alerts: alerts})
}

func (v *visit) expiryField(hint string) page.Field {
	return page.Field{Name: "expires_at", Label: v.say.Say("console.keys.expires"), Hint: v.say.Say(hint), Type: "date", Optional: true, Autocomplete: "off", Value: v.typed("expires_at", "")}
}

// holders are all whom a key may be for.
func (v *visit) holders() ([]page.Option, error) {
	if _, err := v.People.Keys(v.r.Context(), v.caller, v.home); err != nil {
		return nil, err // to whoever may give no key, no form is shown
	}
	applications, err := v.People.Applications(v.r.Context(), v.caller, v.home)
	if err != nil {
		return nil, err
	}
	administrators, err := v.People.Administrators(v.r.Context(), v.caller, v.home)
	if err != nil {
		return nil, err
	}
	var all []page.Option
	for _, a := range applications {
		all = append(all, page.Option{Value: heldByApplication + a.ID, Label: v.say.Say("console.keys.for.application", "id", a.ID)})
	}
	for _, a := range administrators {
		if a.Active() {
			all = append(all, page.Option{Value: heldByAdministrator + a.ID, Label: v.say.Say("console.keys.for.administrator", "id", a.ID)})
		}
	}
	return append(all, page.Option{Value: heldByReader, Label: v.say.Say("console.keys.for.reader" + v.ofHome())}), nil
}

// holder is whom the form names.
func (v *visit) holder() people.Holder {
	chosen := v.form("holder")
	if id, ok := strings.CutPrefix(chosen, heldByApplication); ok {
		return people.Holder{Application: id}
	}
	if id, ok := strings.CutPrefix(chosen, heldByAdministrator); ok {
		return people.Holder{Administrator: id}
	}
	if chosen == heldByReader {
		return people.Holder{Reader: v.form("id")}
	}
	return people.Holder{}
}

func (v *visit) askForKey() error {
	ends, err := v.ends()
	if err != nil {
		return v.showNewKey(err)
	}
	wanted := people.NewKey{Holder: v.holder(), Name: v.form("name"), ExpiresAt: ends, Scope: v.ticked()}
	if v.form("holder") == heldByReader && wanted.Holder.Reader == "" {
		return v.showNewKey(people.ErrID)
	}
	return v.proposeKey(wanted, v.showNewKey)
}

// ends is the end of the day that the form names as a key's last one; zero where it names none.
func (v *visit) ends() (time.Time, error) {
	typed := v.form("expires_at")
	if typed == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		return time.Time{}, errExpiry
	}
	return day.AddDate(0, 0, 1), nil
}

var errExpiry = fault.New(fault.Unprocessable, "invalid_day", "A day is written as 2026-12-31.").At("expires_at")

func (v *visit) proposeKey(wanted people.NewKey, refused func(error) error) error {
	p, err := v.People.ProposeKey(v.r.Context(), v.caller, v.home, wanted)
	if err != nil {
		return refused(err)
	}
	return v.on("/keys/changes/" + p.Change.ID)
}

func (v *visit) keyWaits() error { return v.waits(v.keyProposal(), nil) }

func (v *visit) keyProposal() proposal {
	id := v.r.PathValue("change")
	return proposal{"/keys/changes/" + id, "/keys", "console.keys.change", func() (people.Proposed, error) {
		return v.People.KeyProposal(v.r.Context(), v.caller, v.home, id)
	}}
}

// issued is the page that shows a key, this once.
type issued struct {
	people.Issued
	Kind string
	Back string
}

// confirmKey shows the key in the answer to the word that it was confirmed with, and nowhere else.
func (v *visit) confirmKey() error {
	k, err := v.People.ConfirmKey(v.r.Context(), v.caller, v.home, v.r.PathValue("change"), v.word())
	switch {
	case err == nil:
		shown := issued{k, v.roleWord(string(k.Role)), v.at("/keys")}
		return v.shown(http.StatusOK, page.View{Body: "console/keys.issued", Title: v.say.Say("console.keys.issued"), Data: shown, Secret: true})
	case fault.As(err).Code == people.ErrShown.Code:
		_, alerts, _ := v.failed(err)
		return v.shown(http.StatusConflict, page.View{Body: "console/keys.shown", Title: v.say.Say("console.keys.shown"), Data: v.at("/keys"), Alerts: alerts})
	}
	return v.again(v.keyProposal(), err)
}
