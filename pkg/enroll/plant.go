package enroll

import (
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// judge works out what a line changes of a user, and what becomes of it.
func (b *batch) judge(l Line, snap login.Snapshot) (change user.Change, outcome Outcome, err error) {
	of := Subject{Organization: snap.Organization.ID, User: l.User}
	outcome = Unchanged
	switch {
	case snap.Tombstone != nil:
		return change, Refused, login.ErrDeleted.At("user")
	case snap.Profile == nil:
		outcome = Created
	case !l.unchanged(*snap.Profile):
		outcome = Updated
	}
	if outcome != Unchanged {
		if change, err = b.registration(snap, b.c, of, l.Account, b.now); err != nil {
			return change, Refused, err
		}
		if outcome == Created {
			change.Events[0].Details = map[string]string{"imported": "true"}
		}
	}
	planted, err := b.plant(l, snap, &change)
	if planted && outcome == Unchanged {
		outcome = Updated
	}
	return change, outcome, err
}

// plant adds to a change the authenticator app that a user brings along. There is no recovery email yet, because nobody has shown
// that an address can be read, and no recovery code, because nobody was given any.
func (b *batch) plant(l Line, snap login.Snapshot, change *user.Change) (bool, error) {
	if l.Secret == nil {
		return false, nil
	}
	if done, err := b.plantable(l, snap); done || err != nil {
		return false, err
	}
	f := snap.Factors.Readdress() // an enrolment under way has come to its end
	id := user.NewID()
	sealed, err := b.Secrets.Seal(l.Secret, f.SecretUse(id))
	if err != nil {
		return false, fault.Down(err)
	}
	f.Authenticators = append(f.Authenticators, user.Authenticator{ID: id, Method: org.TOTP, Secret: sealed, CreatedAt: b.now})
	if change.Profile == nil {
		p := snap.Profile.Next()
		change.Profile = &p
	}
	p := change.Profile
	p.Methods, p.EnrolledAt, p.CodesSpent = f.Methods(), b.now, true
	of := Subject{Organization: p.Organization, User: p.User}
	event := of.event(audit.UserEnrolled, snap, b.c, b.now)
	event.Details = map[string]string{"method": string(org.TOTP), "imported": "true"}
	event.Notify = true
	change.Factors, change.Events = &f, append(change.Events, event)
	if b.room > 0 {
		b.room--
	}
	return true, nil
}

// plantable judges whether a user may bring an authenticator app along. done: it is there already.
func (b *batch) plantable(l Line, snap login.Snapshot) (done bool, err error) {
	f, o := snap.Factors, snap.Organization
	if f.Enrolled() {
		same, err := f.HasTOTP(b.Secrets, l.Secret)
		if err == nil && !same {
			err = errOtherSecret
		}
		return same, err
	}
	switch {
	case f.EverEnrolled():
		err = ErrEnrolledBefore
	case !o.Entitlements.TwoFactor:
		err = errNotAvailable
	case !o.Policy.Allows(org.TOTP):
		err = ErrMethod.At("otpauth")
	case b.room == 0:
		err = ErrLimit.At("otpauth")
	}
	return false, err
}
