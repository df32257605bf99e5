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

// userSignIns are the latest codes of the user that were judged.
type userSignIns struct {
	All  []signInRow
	More string // where there are all
}

func (v *visit) userSignIns(all []signin.Entry, id string) *userSignIns {
	shown := &userSignIns{More: v.at("/sign-ins", "user", id)}
	for _, e := range all {
		shown.All = append(shown.All, v.signInRow(e))
	}
	return shown
}
