package httpapi

import (
	"time"

	"twofold/pkg/people"
)

// personChange is what waits for a second word, of whoever acts for an organisation.
type personChange struct {
	ID        string            `json:"id"`
	State     string            `json:"state" enum:"pending,applied,ended"`
	ExpiresAt time.Time         `json:"expires_at"`
	SentTo    string            `json:"sent_to" doc:"Where the code was sent, masked."`
	Told      map[string]string `json:"told" doc:"What would change, in the words of the mail."`
}

type personChangeOutput struct{ Body personChange }

func showPersonChange(p people.Proposed, now time.Time) *personChangeOutput {
	return &personChangeOutput{Body: personChange{
		ID: p.Change.ID, State: stateOf(p.Change, now), ExpiresAt: p.Change.ExpiresAt.UTC().Truncate(time.Second), SentTo: p.SentTo,
		Told: p.Change.Told,
	}}
}
