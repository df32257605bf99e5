package console

import "twofold/pkg/people"

// proposal is the page of a change to people or keys that waits for a second word.
type proposal struct {
	at   string // its page, below the home
	back string // the page that it came from
	name string // of its texts: <name>.title and <name>.lead
	read func() (people.Proposed, error)
}

// waits shows a proposal, with what was refused. One that was carried out waits no more.
func (v *visit) waits(p proposal, refused error) error {
	proposed, err := p.read()
	if err != nil {
		return err
	}
	if proposed.Change.Applied != 0 && refused == nil {
		return v.on(p.back, "done", "confirmed")
	}
	linked, err := v.linked()
	if err != nil {
		return err
	}
	return v.confirming(v.say.Say(p.name+".title"), waiting{
		Action: v.at(p.at), Back: v.at(p.back), Lead: v.say.Say(p.name + ".lead"), Facts: v.plainly(proposed.Change.Told),
		SentTo: proposed.SentTo, ExpiresAt: proposed.Change.ExpiresAt, ByTOTP: linked,
	}, refused)
}

// again shows a proposal once more where its word was refused; what no form mends is given back.
func (v *visit) again(p proposal, err error) error {
	err = mendable(err)
	if status, _ := v.explained(err); status == 0 {
		return err
	}
	return v.waits(p, err)
}
