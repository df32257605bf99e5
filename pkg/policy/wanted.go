package policy

import (
	"context"
	"encoding/json"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
)

// Wanted is a policy as an administrator proposes it, and as it waits: the mailed code is bound to all of it.
type Wanted struct {
	org.Policy
	// Acknowledged says that the administrator would force others to have what they have not set up themselves, and knows it.
	Acknowledged bool `json:",omitempty"`
}

// ErrYourself refuses to force a second factor on others before the administrator, who is a user too, has one or says that it is known.
var ErrYourself = fault.New(fault.Conflict, "not_enrolled_yourself",
	"You are a user of this organisation too, and have no second factor. Set it up first, or propose the policy with acknowledge_not_enrolled.")

// led refuses to begin to force what the administrator, where also a user, has not set up. Nothing is read where nobody is to be asked.
func (w Wanted) led(ctx context.Context, visit stepup.Visit, before org.Policy) error {
	if w.Status != org.Forced || before.Status == org.Forced || w.Acknowledged {
		return nil
	}
	unenrolled, err := visit.Unenrolled(ctx)
	switch {
	case err != nil:
		return err
	case unenrolled:
		return ErrYourself
	}
	return nil
}

// told is what the proposal changes, for the mail and the audit.
func (w Wanted) told(before org.Policy) map[string]string {
	told := w.Differences(before)
	if w.Acknowledged {
		told["acknowledge_not_enrolled"] = "true"
	}
	return told
}

// wanted reads the policy of a change. What cannot be read is an outage, never a policy without force.
func wanted(change stepup.Change) (Wanted, error) {
	var w Wanted
	if err := json.Unmarshal(change.Payload, &w); err != nil {
		return Wanted{}, fault.Down(err)
	}
	return w, nil
}
