// Package stepup holds an administrator's changes between the proposal and the
// confirmation: what is waiting, which code confirms it, and how often that may be
// tried (design §3). It knows no kind of change: what a confirmed one does is the
// workflow's that proposed it. It may not import AWS, HTTP or a workflow.
package stepup

import (
	"slices"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

const (
	// Life is how long a change may wait for its confirmation.
	Life    = 10 * time.Minute
	purpose = "step-up" // of its mailed codes
)

// Thing is what a change is of. An administrator has one change waiting for each thing of an organisation.
type Thing string

// The things that changes are of. A key is to be issued, or to be rotated; an administrator to be invited, raised, or reached elsewhere.
const (
	Policy       Thing = "policy"
	Entitlements Thing = "entitlements"
	Allowances   Thing = "allowance" // to exempt and reset many users
	Key          Thing = "key"
	People       Thing = "administrator"
	Self         Thing = "self"        // what administrators say of themselves
	Application  Thing = "application" // of the vendor's own, which is to do more
)

// Docket is all that one administrator has waiting, in one item: so failures and mails are counted over all changes,
// those of the past too, and every race for a code is decided by one revision.
type Docket struct {
	Organization  string // the administrator's; empty for a system administrator
	Administrator string
	Rev           int64
	Throttle      throttle.State
	Sends         user.Sends
	Changes       []Change
	Freed         []time.Time // within FreeWindow: one for each user exempted or reset without a second word
	Allowance     Allowance   // for more of them
	Deliver       string      // a change's id, where the write orders its mail
	Attempt       []byte
	// Proof is used up by the write of this docket: every store writes its factors in the same transaction, so that nobody who writes a
	// confirmation can leave them out. It is never part of what is stored.
	Proof *Proof
}

// Change is one change that waits, or was confirmed less than Life ago.
type Change struct {
	ID           string
	Thing        Thing
	Organization string // that it is about
	Payload      []byte // what it would do, in the words of the workflow
	Base         int64  // the version that it was made from
	Told         map[string]string
	KeyID        uint32
	Address      []byte // digest of where the code went
	ExpiresAt    time.Time
	Tries        int
	Applied      int64  // the version that it became; 0: not confirmed
	Seen         string // from where it was asked
	Prover       string // the user whose authenticator confirmed it, and
	Step         int64  // the step that was used up; zero: the mailed code did
	Session      string // of the impersonation that it was proposed in; empty: in person
}

// The refusals of a step-up. Wrong, locked and used up look alike.
var (
	ErrEnded   = fault.New(fault.Conflict, "change_ended", "This proposal has ended. Propose anew.")
	ErrRefused = fault.New(fault.Unprocessable, "code_refused", "The code was not accepted.").At("code")
)

// Live reports whether a change can still be confirmed.
func (c Change) Live(now time.Time) bool {
	return c.Applied == 0 && c.Tries < user.TriesPerCode && now.Before(c.ExpiresAt)
}

// Due reports whether a confirmed change is still to be applied to something of a version: false says that it is what
// stands. moved is the answer where something else was changed since it was proposed.
func (c Change) Due(version int64, moved error) (bool, error) {
	switch {
	case c.Applied == 0 && version == c.Base:
		return true, nil
	case c.Applied == 0:
		return false, moved
	case version == c.Applied:
		return false, nil
	case version < c.Applied:
		// It was read before, the docket after another call applied the change.
		return false, user.ErrConflict
	}
	return false, ErrEnded
}

// Mailed says what a change's code is for: this administrator, this payload, this base version.
func (d Docket) Mailed(c Change) factor.Mailed {
	return factor.Mailed{
		Purpose: purpose, Organization: d.Organization, User: d.Administrator, Epoch: c.Base, Address: c.Address,
		Challenge: c.ID + " " + string(c.Thing) + " " + c.Organization + " " + string(c.Payload),
	}
}

// Find gives a change of an organisation by thing and id. What was proposed in an impersonation is there for that session alone.
func (d Docket) Find(organization string, thing Thing, id, session string) (Change, bool) {
	at := slices.IndexFunc(d.Changes, func(c Change) bool {
		return c.ID == id && c.Thing == thing && c.Organization == organization && c.Session == session
	})
	if at < 0 {
		return Change{}, false
	}
	return d.Changes[at], true
}

// Ordered gives the change whose mail was ordered.
func (d Docket) Ordered(id string) (Change, bool) {
	at := slices.IndexFunc(d.Changes, func(c Change) bool { return c.ID == id })
	if at < 0 {
		return Change{}, false
	}
	return d.Changes[at], true
}

// repeats finds a live change that says the same and was mailed so lately that it is not mailed again.
func (d Docket) repeats(wanted Change, now time.Time) (Change, bool) {
	at := slices.IndexFunc(d.Changes, func(c Change) bool {
		asked := c.ExpiresAt.Add(-Life)
		return c.Thing == wanted.Thing && c.Organization == wanted.Organization && c.Session == wanted.Session && c.Base == wanted.Base &&
			string(c.Payload) == string(wanted.Payload) && c.Live(now) && now.Sub(asked) < user.SendInterval
	})
	if at < 0 {
		return Change{}, false
	}
	return d.Changes[at], true
}

// propose puts a change on the docket in place of the one of the same thing, and orders its mail.
func (d Docket) propose(c Change, now time.Time) Docket {
	next := d.next()
	next.Changes = slices.DeleteFunc(next.Changes, func(old Change) bool {
		return old.Thing == c.Thing && old.Organization == c.Organization || !now.Before(old.ExpiresAt)
	})
	next.Changes = append(next.Changes, c)
	next.Sends = append(d.Sends.Recent(now), now)
	next.Deliver = c.ID
	return next
}

// miss counts a wrong code for a change.
func (d Docket) miss(id string, now time.Time) Docket {
	next := d.next()
	next.change(id).Tries++
	next.Throttle = next.Throttle.Fail(now)
	return next
}

// Apply ends a change as confirmed. applied is what the organisation's version became.
func (d Docket) Apply(id string, applied int64, now time.Time) Docket {
	next := d.next()
	c := next.change(id)
	c.Applied = applied
	if p := next.Proof; p != nil {
		c.Prover, c.Step = p.Factors.User, p.Step
	}
	next.Throttle = next.Throttle.Succeed(now)
	return next
}

// ConfirmedWith is the way by which the change that the docket applies was confirmed.
func (d Docket) ConfirmedWith() Way {
	if d.Proof != nil {
		return ByTOTP
	}
	return ByEmail
}

func (d *Docket) change(id string) *Change {
	at := slices.IndexFunc(d.Changes, func(c Change) bool { return c.ID == id })
	return &d.Changes[at]
}

// next begins a write: a copy with the revision raised, a new attempt id and no mail ordered.
func (d Docket) next() Docket {
	d.Rev++
	d.Deliver = ""
	d.Attempt = user.NewAttempt()
	d.Changes = slices.Clone(d.Changes)
	return d
}
