package console

import (
	"twofold/pkg/audit"
	"twofold/pkg/signin"
)

// userEvents are the latest of the audit that are about the user.
type userEvents struct {
	All  []happening
	More string // where there are all
}

// happening is one of them in words.
type happening struct {
	audit.Event
	What string
}

func (v *visit) userEvents(all []audit.Event, id string) *userEvents {
	shown := &userEvents{More: v.at("/audit", "user", id)}
	for _, e := range all {
		shown.All = append(shown.All, happening{e, v.kind(e.Kind)})
	}
	return shown
}

// userSignIns are the latest codes that were judged of the user.
type userSignIns struct {
	All  []tried
	More string
}

// tried is one of them in words.
type tried struct {
	signin.Entry
	Word, Tone string
	With       string
}

var triedTones = map[signin.Outcome]string{signin.Right: "good", signin.Wrong: "warn", signin.Locked: "bad", signin.Suspended: "bad"}

func (v *visit) userSignIns(all []signin.Entry, id string) *userSignIns {
	shown := &userSignIns{More: v.at("/sign-ins", "user", id)}
	for _, e := range all {
		shown.All = append(shown.All, tried{e, v.say.Say("console.user.outcome." + string(e.Outcome)), triedTones[e.Outcome], v.triedWith(e.Way)})
	}
	return shown
}

// triedWith is what somebody proved with, in words, or as it stands where there are none.
func (v *visit) triedWith(way string) string {
	for _, key := range []string{"prompt.method." + way, "console.user.way." + way} {
		if v.say.Has(key) {
			return v.say.Say(key)
		}
	}
	return way
}
