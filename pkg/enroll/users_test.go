package enroll_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// notices are the notices that were ordered since they were last asked for: the kind, and the addresses that they name themselves.
func (f *fixture) notices() []string {
	f.t.Helper()
	var all []string
	for _, o := range f.store.Deliveries() {
		if o.Kind != mail.NoticeOrder {
			continue
		}
		said := string(o.Event.Kind)
		if o.To != nil {
			to, err := f.Keys.Open(o.To, user.NoticeUse(o.Organization, o.User, o.Event.ID))
			f.must(err)
			said += ": " + strings.ReplaceAll(string(to), "\n", " ")
		}
		all = append(all, said)
	}
	return all
}

func (f *fixture) register(c access.Caller, email string) (enroll.User, error) {
	return f.Enroll.Register(f.t.Context(), c, subject(eve), enroll.Account{Email: email})
}

func TestAUserIsRegisteredOnce(t *testing.T) {
	f := newFixture(t)
	for i := range 2 {
		u, err := f.register(f.Administrator, address)
		f.must(err)
		if u.Created != (i == 0) || u.Profile.Email != address || u.Profile.Rev != 1 || u.Decision.Rule == "" {
			t.Errorf("round %d: %+v", i, u)
		}
	}
	if events := f.events(audit.UserRegistered); len(events) != 1 || events[0].User != eve || events[0].Role != "org_admin" {
		t.Errorf("recorded as %+v", events)
	}
	u, err := f.Enroll.User(t.Context(), f.Application, subject(eve))
	f.must(err)
	if u.Created || u.Profile.Email != address {
		t.Errorf("read as %+v", u)
	}
	if snap := f.snapshot(eve); snap.Factors.Rev != 0 {
		t.Error("a registration wrote factors")
	}
}

func TestAnotherAddressVoidsWhatIsUnderWay(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoVerifyRecovery)
	f.notices()
	before := f.Factors(t, eve)
	_, err := f.register(f.Application, "eve@new.example")
	f.must(err)
	after := f.Factors(t, eve)
	if after.Enrollment != nil || len(after.Challenges) != 0 || after.Rev != before.Rev+1 || after.Epoch != before.Epoch {
		t.Errorf("left %+v", after)
	}
	if got := f.notices(); !slices.Equal(got, []string{"user.email_changed: " + address + " eve@new.example"}) {
		t.Errorf("told %q", got)
	}
	events := f.events(audit.UserReaddressed)
	if len(events) != 1 || events[0].Notify || events[0].Details["before"] != login.Mask(address) || events[0].Details["after"] != "e•••@new.example" {
		t.Errorf("recorded as %+v", events)
	}
	f.untouched(func() {
		_, err := f.register(f.Application, "eve@new.example")
		f.must(err)
	})
	_, err = f.take(token, chosen)
	refused(t, "a later step", err, enroll.ErrStep)
}

func TestAnotherAddressOfAnEnrolledUser(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.notices()
	u, err := f.register(f.Application, "eve@new.example")
	f.must(err)
	if len(u.Methods) != 1 || u.Profile.EnrolledAt.IsZero() {
		t.Errorf("left %+v", u)
	}
	if got := f.notices(); !slices.Equal(got, []string{"user.email_changed: " + address + " eve@new.example private@home.example"}) {
		t.Errorf("told %q", got)
	}
}

func TestADeletionLeavesATombstone(t *testing.T) {
	f, token := trusting(t)
	before := f.Factors(t, eve)
	f.notices()
	f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve)))
	snap := f.snapshot(eve)
	if snap.Profile != nil || snap.Tombstone == nil || snap.Tombstone.Email != "" || snap.Tombstone.RecoveryEmail != nil || !snap.Tombstone.DeletedAt.Equal(f.Clock.Now()) {
		t.Errorf("left %+v, %+v", snap.Profile, snap.Tombstone)
	}
	x := snap.Factors
	if x.Enrolled() || x.Epoch != before.Epoch+1 || x.RecoveryCodes.Generation != 1 || x.RecoveryCodes.Left() != 0 || len(x.Successes) != 0 || !x.EverEnrolled() {
		t.Errorf("left %+v", x)
	}
	if got := f.notices(); !slices.Equal(got, []string{"user.deleted: " + address + " private@home.example"}) {
		t.Errorf("told %q", got)
	}
	if devices, err := f.store.Devices(t.Context(), storetest.Organization, eve); err != nil || len(devices) != 0 {
		t.Errorf("left %+v, %v", devices, err)
	}
	if events := f.events(audit.UserDeleted); len(events) != 1 || events[0].Notify || events[0].Details != nil || events[0].User != eve {
		t.Errorf("recorded as %+v", events)
	}
	_, err := f.On(t, eve, token)
	refused(t, "a login", err, login.ErrDeleted)
	refused(t, "a deletion of one who is gone", f.Enroll.Delete(t.Context(), f.Application, subject(eve)), access.ErrNotFound)
	_, err = f.Enroll.User(t.Context(), f.Application, subject(eve))
	refused(t, "a look", err, access.ErrNotFound)
}

func TestADeletedIdIsRegisteredAgainByFewAndSeldom(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve)))
	epoch := f.Factors(t, eve).Epoch
	_, err := f.register(f.Application, address)
	refused(t, "an application", err, login.ErrDeleted)
	for i := range 2 {
		u, err := f.register(f.Administrator, address)
		f.must(err)
		if u.Created != (i == 0) || len(u.Methods) != 0 || u.Profile.Enforcement.Kind != "" {
			t.Errorf("round %d: %+v", i, u)
		}
	}
	if got := f.Factors(t, eve).Epoch; got != epoch {
		t.Errorf("the epoch went from %d to %d", epoch, got)
	}
	if events := f.events(audit.UserRegistered); len(events) != 1 || events[0].Details["deleted"] == "" {
		t.Errorf("recorded as %+v", events)
	}
	for i := range stepup.FreeUsers {
		f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve)))
		if _, err = f.register(f.Administrator, address); i < stepup.FreeUsers-1 {
			f.must(err)
		}
	}
	refused(t, "the eleventh", err, stepup.ErrAllowance)
}

// overtaking lets somebody else come in between, once, after users were read.
type overtaking struct {
	*memstore.Store
	meddle func()
}

func (o *overtaking) interrupt() {
	if meddle := o.meddle; meddle != nil {
		o.meddle = nil
		meddle()
	}
}

// Read implements login.Store.
func (o *overtaking) Read(ctx context.Context, c access.Credential, organization, id string) (login.Snapshot, error) {
	snap, err := o.Store.Read(ctx, c, organization, id)
	if id == eve {
		o.interrupt()
	}
	return snap, err
}

// Members implements enroll.Store.
func (o *overtaking) Members(ctx context.Context, organization string, ids []string) (map[string]user.Member, error) {
	m, err := o.Store.Members(ctx, organization, ids)
	o.interrupt()
	return m, err
}

// A step of an enrolment that was read before the address changed is judged again after it: the proof of the old address is none.
func TestAProofThatAChangeOfAddressOvertakes(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	code := f.mailed(user.ProveLogin)
	f.Enroll.Store = &overtaking{f.store, func() {
		f.Enroll.Store = f.store
		_, err := f.register(f.Application, "eve@new.example")
		f.must(err)
	}}
	_, err := f.take(token, coded(code))
	f.wrongStep(err, login.DoEnroll)
	if e := f.Factors(t, eve).Enrollment; e != nil && e.Proven {
		t.Error("the old address proved the new one")
	}
}

// An enrolment that is about to end when the user is deleted does not bring the user back.
func TestAnEnrolmentThatADeletionOvertakes(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	code := f.Code(t, f.phone(f.at(token, login.DoConfirm)))
	f.Enroll.Store = &overtaking{f.store, func() {
		f.Enroll.Store = f.store
		f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve)))
	}}
	_, err := f.take(token, coded(code))
	refused(t, "the first code", err, login.ErrEnded)
	if snap := f.snapshot(eve); snap.Tombstone == nil || snap.Factors.Enrolled() {
		t.Errorf("left %+v", snap.Factors)
	}
}

func TestUsersInAnOutage(t *testing.T) {
	for name, act := range map[string]func(f *fixture) error{
		"a registration": func(f *fixture) error {
			_, err := f.Enroll.Register(t.Context(), f.Application, subject("new"), enroll.Account{Email: address})
			return err
		},
		"another address": func(f *fixture) error { _, err := f.register(f.Application, "eve@new.example"); return err },
		"a deletion":      func(f *fixture) error { return f.Enroll.Delete(t.Context(), f.Application, subject(eve)) },
		"an import": func(f *fixture) error {
			_, err := f.bring(f.Application, enroll.Line{User: "new", Account: enroll.Account{Email: address}})
			return err
		},
	} {
		for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
			f, token := trusting(t)
			f.untouched(func() {
				f.store.FailNext(op, false, errors.New("down"))
				unavailable(t, name+", "+string(op), act(f))
			})
			f.let("still there", token, true)
			f.must(act(f))
		}
		f, _ := trusting(t)
		f.store.FailNext(memstore.Write, true, errors.New("the acknowledgement is lost"))
		unavailable(t, name+", done", act(f))
		if err := act(f); err != nil && !errors.Is(err, access.ErrNotFound) {
			t.Errorf("%s again: %v", name, err)
		}
	}
}

func TestWhoMayDoWhatWithUsers(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	_, err := f.Enroll.User(t.Context(), f.System, subject(eve))
	refused(t, "a system administrator", err, access.ErrRole)
	_, err = f.register(f.System, address)
	refused(t, "a system administrator", err, access.ErrRole)
	refused(t, "a system administrator", f.Enroll.Delete(t.Context(), f.System, subject(eve)), access.ErrRole)
	_, err = f.Enroll.Import(t.Context(), f.System, storetest.Organization, []enroll.Line{{User: eve, Account: enroll.Account{Email: address}}})
	refused(t, "a system administrator", err, access.ErrRole)
}

// What was sealed for a deleted user does not stay.
func TestADeletionTakesAppPasswordsWithIt(t *testing.T) {
	f, secret := mailing(t)
	_, err := f.create(f.proof(secret, "key"), "imap")
	f.must(err)
	if len(f.stored().All) != 1 {
		t.Fatal("no app password was made")
	}
	f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve)))
	if left := f.stored(); len(left.All) != 0 || left.Rev != 0 {
		t.Errorf("left: %+v", left)
	}
}
