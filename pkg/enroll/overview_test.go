package enroll_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func (f *fixture) overview(c access.Caller) (enroll.Overview, error) {
	return f.Enroll.Overview(f.t.Context(), c, subject(eve))
}

func TestAUsersOwnView(t *testing.T) {
	f, secret := offering(t)
	f.byMail(secret)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	got, err := f.overview(f.Application)
	f.must(err)
	if !got.Status.Enrolled || got.MayDisable || got.CodesLeft != 10 || got.RecoveryEmail.Address == "" || len(got.Devices) != 0 {
		t.Errorf("overview: %+v", got)
	}
	if len(got.Authenticators) != 2 || !got.Authenticators[0].Default || got.Authenticators[1].Method != org.Email {
		t.Errorf("authenticators: %+v", got.Authenticators)
	}
	if len(got.Activity) == 0 || got.Activity[0].Kind != audit.AuthenticatorAdded {
		t.Errorf("activity: %+v", got.Activity)
	}
	f.policy(func(p *org.Policy) { p.Status = org.Enabled })
	f.factors(func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	got, err = f.overview(f.Administrator)
	f.must(err)
	if !got.MayDisable || got.LockedUntil.IsZero() {
		t.Errorf("overview: %+v", got)
	}
}

func TestAnOverviewWithoutItsPartsIsNone(t *testing.T) {
	for _, o := range []memstore.Operation{memstore.Read, memstore.Devices, memstore.Activity} {
		f, _ := offering(t)
		f.store.FailNext(o, false, errors.New("down"))
		_, err := f.overview(f.Application)
		unavailable(t, string(o), err)
	}
	f, _ := offering(t)
	_, err := f.Enroll.Overview(t.Context(), f.Application, subject("nobody"))
	refused(t, "a user who is not there", err, access.ErrNotFound)
}

// What the organisation keeps no longer is gone for the user too.
func TestActivityIsWhatTheOrganizationKeeps(t *testing.T) {
	f, _ := offering(t)
	before, err := f.overview(f.Application)
	f.must(err)
	f.Clock.Advance(400 * 24 * time.Hour)
	for days, want := range map[int]int{0: len(before.Activity), 401: len(before.Activity), 399: 0} {
		f.policy(func(p *org.Policy) { p.Retention.AuditDays = days })
		got, err := f.overview(f.Application)
		f.must(err)
		if len(got.Activity) != want || want == 0 != (days == 399) {
			t.Errorf("kept for %d days: %d events, want %d", days, len(got.Activity), want)
		}
	}
}
