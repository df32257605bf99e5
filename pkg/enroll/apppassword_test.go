package enroll_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// mailing is a fixture whose enrolled eve may have app passwords for imap and smtp.
func mailing(t *testing.T) (f *fixture, secret []byte) {
	t.Helper()
	f = newFixture(t)
	f.Offering(t, "imap", "smtp")
	return f, f.Enrolled(t, eve)
}

// proof is a request with the code of now and an idempotency key, and lets that code's time pass.
func (f *fixture) proof(secret []byte, key string) enroll.Request {
	f.t.Helper()
	f.Clock.Advance(30 * time.Second)
	return enroll.Request{Of: subject(eve), Proof: enroll.Proof{Method: org.TOTP, Code: f.Code(f.t, secret)}, IdempotencyKey: key}
}

func (f *fixture) create(in enroll.Request, service string) (enroll.AppPassword, error) {
	return f.Enroll.CreateAppPassword(f.t.Context(), f.Application, enroll.NewAppPassword{Request: in, Service: service, Name: "Phone"})
}

func (f *fixture) appPasswords() []enroll.AppPassword {
	f.t.Helper()
	all, err := f.Enroll.AppPasswords(f.t.Context(), f.Administrator, subject(eve))
	f.must(err)
	return all
}

// opens demands whether a password lets a program in.
func (f *fixture) opens(what, service, password string, in bool) {
	f.t.Helper()
	got, err := f.Verify.Check(f.t.Context(), f.Application, verify.Check{Organization: storetest.Organization, User: eve, Service: service, Password: password})
	if (err == nil && got.Let == verify.LetIn) != in {
		f.t.Errorf("%s: %+v, %v", what, got, err)
	}
}

func TestAnAppPasswordIsMadeViewedAndRevoked(t *testing.T) {
	f, secret := mailing(t)
	made, err := f.create(f.proof(secret, ""), "imap")
	f.must(err)
	if _, ok := factor.AppPassword(made.Password); !ok || made.Service != "imap" || made.Name != "Phone" || !made.Works || made.Way != org.TOTP {
		t.Fatalf("made %+v", made)
	}
	f.opens("made", "imap", made.Password, true)
	f.opens("elsewhere", "smtp", made.Password, false)
	all := f.appPasswords()
	if len(all) != 1 || all[0].ID != made.ID || all[0].Password != "" || all[0].LastUsedAt.IsZero() || !all[0].Works {
		t.Errorf("listed %+v", all)
	}
	shown, err := f.Enroll.ViewAppPassword(t.Context(), f.Application, f.proof(secret, ""), made.ID)
	if err != nil || shown.Password != made.Password {
		t.Errorf("shown again as %+v, %v", shown, err)
	}
	f.must(f.Enroll.RevokeAppPassword(t.Context(), f.Application, f.proof(secret, ""), made.ID))
	f.opens("revoked", "imap", made.Password, false)
	if len(f.appPasswords()) != 0 {
		t.Error("it is listed all the same")
	}
	for _, kind := range []audit.Kind{audit.AppPasswordCreated, audit.AppPasswordViewed, audit.AppPasswordRevoked} {
		events := f.events(kind)
		if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Details["service"] != "imap" || events[0].Details["name"] != "Phone" {
			t.Errorf("%s is recorded as %+v", kind, events)
		}
		for _, e := range events {
			for _, text := range e.Details {
				if strings.Contains(text, made.Password) {
					t.Errorf("%s tells the password", kind)
				}
			}
		}
	}
}

// Attack 33: nothing without a fresh proof, and a proof is good for one thing.
func TestAppPasswordsNeedAFreshProof(t *testing.T) {
	f, secret := mailing(t)
	proof := f.proof(secret, "")
	made, err := f.create(proof, "imap")
	f.must(err)
	wrong := proof
	wrong.Proof.Code = f.wrong(secret)
	none := proof
	none.Proof.Code = "none"
	for what, in := range map[string]enroll.Request{"used": proof, "wrong": wrong, "none": none} {
		want := enroll.ErrProofRefused
		if what == "none" {
			want = enroll.ErrProofCode
		}
		_, err = f.create(in, "smtp")
		refused(t, what+" for another", err, want)
		_, err = f.Enroll.ViewAppPassword(t.Context(), f.Application, in, made.ID)
		refused(t, what+" to view", err, want)
		refused(t, what+" to revoke", f.Enroll.RevokeAppPassword(t.Context(), f.Application, in, made.ID), want)
		f.factors(func(x *user.Factors) { x.Throttle = x.Throttle.Succeed(f.Clock.Now()) })
	}
	if n := len(f.Factors(t, eve).Throttle.Failures); n != 6 {
		t.Errorf("%d failures are counted, want those of used and wrong", n)
	}
	if n := len(f.events(audit.AppPasswordCreated)) + len(f.events(audit.AppPasswordViewed)) + len(f.events(audit.AppPasswordRevoked)); n != 1 {
		t.Errorf("%d things were done", n)
	}
	f.opens("still", "imap", made.Password, true)
}

// A repetition after a lost reply shows the same and does nothing; the same key with anything else is no repetition.
func TestALostReplyLosesNoAppPassword(t *testing.T) {
	f, secret := mailing(t)
	in := f.proof(secret, "key")
	f.store.FailNext(memstore.Write, true, errors.New("lost"))
	_, err := f.create(in, "imap")
	unavailable(t, "the first", err)
	first, err := f.create(in, "imap")
	f.must(err)
	again, err := f.create(in, "imap")
	f.must(err)
	if !reflect.DeepEqual(first, again) || len(f.appPasswords()) != 1 || len(f.events(audit.AppPasswordCreated)) != 1 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	_, err = f.create(in, "smtp")
	refused(t, "the same key for another service", err, enroll.ErrProofRefused)
	_, err = f.Enroll.ViewAppPassword(t.Context(), f.Application, in, first.ID)
	refused(t, "the same key for a view", err, enroll.ErrProofRefused)
	other, err := f.create(f.proof(secret, ""), "smtp")
	f.must(err)
	view := f.proof(secret, "view")
	for range 2 {
		shown, err := f.Enroll.ViewAppPassword(t.Context(), f.Application, view, first.ID)
		if err != nil || shown.Password != first.Password {
			t.Errorf("viewed %+v, %v", shown, err)
		}
	}
	_, err = f.Enroll.ViewAppPassword(t.Context(), f.Application, view, other.ID)
	refused(t, "one proof, a second view", err, enroll.ErrProofRefused)
	if n := len(f.events(audit.AppPasswordViewed)); n != 1 {
		t.Errorf("%d views are recorded", n)
	}
	gone := f.proof(secret, "gone")
	for range 2 {
		f.must(f.Enroll.RevokeAppPassword(t.Context(), f.Application, gone, first.ID))
	}
	_, err = f.create(in, "imap")
	refused(t, "the first request, for what was revoked since", err, enroll.ErrProofRefused) // two successes later it is not remembered
	f.opens("revoked", "imap", first.Password, false)
}

func TestWhatAppPasswordsThereMayBe(t *testing.T) {
	f, secret := mailing(t)
	_, err := f.create(f.proof(secret, ""), "pop")
	refused(t, "a service that the policy does not name", err, enroll.ErrNoAppPasswords)
	for range user.MaxAppPasswords {
		f.AppPassword(t, eve, "imap")
	}
	_, err = f.create(f.proof(secret, ""), "imap")
	refused(t, "one more", err, enroll.ErrAppPasswords)
	f.factors(func(x *user.Factors) { *x = x.Kill(); x.Rev-- })
	if len(f.appPasswords()) != 0 {
		t.Error("the dead are listed")
	}
	_, err = f.create(f.proof(secret, ""), "imap")
	f.must(err)
	stored := f.stored()
	if len(stored.All) != 1 {
		t.Errorf("%d are stored: the dead are kept", len(stored.All))
	}
	f.organization(func(o *org.Organization) { o.Entitlements.AppPasswords = false })
	if all := f.appPasswords(); len(all) != 1 || all[0].Works {
		t.Errorf("without the entitlement: %+v", all)
	}
	_, err = f.create(f.proof(secret, ""), "imap")
	refused(t, "without the entitlement", err, enroll.ErrNoAppPasswords)
	_, err = f.Enroll.AppPasswords(t.Context(), f.System, subject(eve))
	refused(t, "a system administrator", err, access.ErrRole)
	_, err = f.Enroll.AppPasswords(t.Context(), f.Application, subject("nobody"))
	refused(t, "somebody unknown", err, access.ErrNotFound)
}

func (f *fixture) stored() user.AppPasswords {
	f.t.Helper()
	snap, err := f.store.ReadWithAppPasswords(f.t.Context(), f.Application.Credential, storetest.Organization, eve, "")
	f.must(err)
	return snap.AppPasswords
}

func (f *fixture) organization(change func(o *org.Organization)) {
	f.t.Helper()
	o := f.snapshot(eve).Organization
	o.Rev++
	change(o)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

// An administrator takes one away without the user's proof, and sees no password.
func TestAnAdministratorWithdrawsAnAppPassword(t *testing.T) {
	f, _ := mailing(t)
	password := f.AppPassword(t, eve, "imap")
	id := f.stored().All[0].ID
	refused(t, "the application", f.Enroll.WithdrawAppPassword(t.Context(), f.Application, subject(eve), id), access.ErrRole)
	refused(t, "another's", f.Enroll.WithdrawAppPassword(t.Context(), f.Administrator, subject(eve), "0123456789abcdef"), access.ErrNotFound)
	f.must(f.Enroll.WithdrawAppPassword(t.Context(), f.Administrator, subject(eve), id))
	f.opens("withdrawn", "imap", password, false)
	refused(t, "again", f.Enroll.WithdrawAppPassword(t.Context(), f.Administrator, subject(eve), id), access.ErrNotFound)
	if events := f.events(audit.AppPasswordRevoked); len(events) != 1 || events[0].Role != "org_admin" || !events[0].Notify {
		t.Errorf("recorded as %+v", events)
	}
}

// A reset and a switch-off leave nothing, not even what was sealed; a changed password kills by the epoch.
func TestAppPasswordsEndWithTheFactors(t *testing.T) {
	f, _ := mailing(t)
	password := f.AppPassword(t, eve, "imap")
	_, err := f.Enroll.Reset(t.Context(), f.Administrator, subject(eve), "phone lost", false)
	f.must(err)
	if s := f.stored(); s.Rev != 0 || len(s.All) != 0 {
		t.Errorf("a reset leaves %+v", s)
	}
	f.opens("after a reset", "imap", password, false)
	f, secret := mailing(t)
	password = f.AppPassword(t, eve, "imap")
	f.must(f.Enroll.PasswordChanged(t.Context(), f.Application, subject(eve)))
	f.opens("after a changed password", "imap", password, false)
	if len(f.appPasswords()) != 0 {
		t.Error("a dead one is listed")
	}
	f.Clock.Advance(30 * time.Second)
	_, err = f.Enroll.Disable(t.Context(), f.Application, f.proof(secret, ""))
	f.must(err)
	if s := f.stored(); s.Rev != 0 {
		t.Errorf("a switch-off leaves %+v", s)
	}
}

// An enrolment brings an app password for every service of the policy, once, and a retry shows the same.
func TestAnEnrolmentBringsAppPasswords(t *testing.T) {
	f := newFixture(t)
	f.Offering(t, "imap", "smtp")
	token := f.Login(t, eve)
	in := coded(f.Code(t, f.phone(f.at(token, login.DoConfirm))))
	in.IdempotencyKey = "k"
	f.store.FailNext(memstore.Write, true, errors.New("lost"))
	_, err := f.take(token, in)
	unavailable(t, "the first", err)
	first, err := f.take(token, in)
	f.must(err)
	f.AppPassword(t, eve, "imap") // which another request made
	again, err := f.take(token, in)
	f.must(err)
	if len(first.AppPasswords) != 2 || !reflect.DeepEqual(first.AppPasswords, again.AppPasswords) {
		t.Fatalf("first %+v, again %+v", first.AppPasswords, again.AppPasswords)
	}
	for _, a := range first.AppPasswords {
		f.opens("with "+a.Service, a.Service, a.Password, true)
	}
	if e := f.events(audit.UserEnrolled); len(e) != 1 || e[0].Details["app_passwords"] != "imap, smtp" {
		t.Errorf("recorded as %+v", e)
	}
	if e := f.events(audit.AppPasswordCreated); len(e) != 2 || e[0].Notify {
		t.Errorf("%d are recorded", len(e))
	}
	if s := f.stored(); len(s.All) != 3 || bytes.Equal(s.All[0].Sealed, s.All[1].Sealed) {
		t.Errorf("stored %+v", s)
	}
	none := newFixture(t)
	a, err := none.take(none.Login(t, eve), coded(""))
	if a.AppPasswords != nil || err == nil {
		t.Errorf("without a service: %+v, %v", a.AppPasswords, err)
	}
}

func TestAppPasswordsInAnOutage(t *testing.T) {
	f, secret := mailing(t)
	password := f.AppPassword(t, eve, "imap")
	id := f.stored().All[0].ID
	in := f.proof(secret, "")
	for _, calls := range []int{0, 1} {
		f.store.FailAfter(memstore.Read, calls, false, errors.New("down"))
		_, err := f.create(in, "imap")
		unavailable(t, "making one", err)
		f.store.FailAfter(memstore.Read, calls, false, errors.New("down"))
		_, err = f.Enroll.ViewAppPassword(t.Context(), f.Application, in, id)
		unavailable(t, "viewing one", err)
		f.store.FailAfter(memstore.Read, calls, false, errors.New("down"))
		unavailable(t, "revoking one", f.Enroll.RevokeAppPassword(t.Context(), f.Application, in, id))
	}
	for _, act := range []func() error{
		func() error { _, err := f.create(in, "imap"); return err },
		func() error { _, err := f.Enroll.ViewAppPassword(t.Context(), f.Application, in, id); return err },
		func() error { return f.Enroll.RevokeAppPassword(t.Context(), f.Application, in, id) },
		func() error { return f.Enroll.WithdrawAppPassword(t.Context(), f.Administrator, subject(eve), id) },
	} {
		f.store.FailNext(memstore.Write, false, errors.New("down"))
		unavailable(t, "writing", act())
	}
	f.counted(0)
	f.opens("after all that", "imap", password, true)
	if len(f.stored().All) != 1 {
		t.Errorf("stored %+v", f.stored())
	}
}

// What was proven by a mailed code goes when the organisation no longer takes mailed codes, and comes back with them; the user's own view says so.
func TestAnAppPasswordIsAsGoodAsItsProof(t *testing.T) {
	f, secret := mailing(t)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	f.byMail(secret)
	_, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.ManageAppPasswords, org.Email, "")
	f.must(err)
	code := f.mailed(user.By(user.ManageAppPasswords, org.Email))
	made, err := f.create(enroll.Request{Of: subject(eve), Proof: enroll.Proof{Method: org.Email, Code: code}}, "imap")
	f.must(err)
	f.opens("while mailed codes are taken", "imap", made.Password, true)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP} })
	f.opens("when they are not", "imap", made.Password, false)
	seen, err := f.overview(f.Application)
	if err != nil || len(seen.AppPasswords) != 1 || seen.AppPasswords[0].Works || seen.AppPasswords[0].Password != "" {
		t.Errorf("the user's own view has %+v, %v", seen.AppPasswords, err)
	}
}

// Who enrols by mail gets app passwords that are as good as that.
func TestAnEnrolmentByMailBringsAppPasswordsByMail(t *testing.T) {
	f := newFixture(t)
	f.Offering(t, "imap")
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	_, err := f.take(token, enroll.Answer{Method: string(org.Email)})
	f.must(err)
	got, err := f.take(token, coded(f.mailed(user.By(user.Confirm, org.Email))))
	if err != nil || len(got.AppPasswords) != 1 || f.stored().All[0].Way != org.Email {
		t.Fatalf("%+v, %v, stored %+v", got.AppPasswords, err, f.stored())
	}
	f.opens("given", "imap", got.AppPasswords[0].Password, true)
}
