package console

import (
	"net/http"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// proposeKey proposes a key and goes on to where that is confirmed.
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
