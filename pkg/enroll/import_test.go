package enroll_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func (f *fixture) bring(c access.Caller, lines ...enroll.Line) ([]enroll.Imported, error) {
	return f.Enroll.Import(f.t.Context(), c, storetest.Organization, lines)
}

var secret = []byte("a secret of twenty b")

func bringing(id string, secret []byte) enroll.Line {
	return enroll.Line{User: id, Account: enroll.Account{Email: address}, Secret: secret, Plants: true}
}

// outcomes demands what becomes of lines.
func outcomes(t *testing.T, what string, got []enroll.Imported, want ...any) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d results, want %d", what, len(got), len(want))
	}
	for i, r := range got {
		err, refusal := want[i].(error)
		if refusal && (r.Outcome != enroll.Refused || !errors.Is(r.Err, err)) || !refusal && (r.Outcome != want[i] || r.Err != nil) {
			t.Errorf("%s, line %d: %s, %v, want %v", what, i, r.Outcome, r.Err, want[i])
		}
	}
}

func TestAnImportSaysWhatBecameOfEachLine(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "enrolled")
	f.Login(t, "known")
	odd := errors.New("odd")
	lines := []enroll.Line{
		{User: "new", Account: enroll.Account{Email: address}}, {User: "known", Account: enroll.Account{Email: address}}, {User: "enrolled", Account: enroll.Account{Email: "other@acme.example"}},
		{User: "bad", Malformed: odd}, {User: "new", Account: enroll.Account{Email: "thief@elsewhere.example"}}, {User: "bad", Account: enroll.Account{Email: address}},
	}
	got, err := f.bring(f.Application, lines...)
	f.must(err)
	outcomes(t, "first", got, enroll.Created, enroll.Unchanged, enroll.Updated, odd, enroll.ErrDuplicate, enroll.Created)
	f.store.Deliveries()
	got, err = f.bring(f.Application, lines...)
	f.must(err)
	outcomes(t, "again", got, enroll.Unchanged, enroll.Unchanged, enroll.Unchanged, odd, enroll.ErrDuplicate, enroll.Unchanged)
	if n := len(f.store.Deliveries()); n != 0 {
		t.Errorf("a repetition ordered %d mails", n)
	}
	events := f.events(audit.UserRegistered)
	if n := slices.IndexFunc(events, func(e audit.Event) bool { return e.User == "new" }); n < 0 || events[n].Details["imported"] != "true" {
		t.Errorf("recorded as %+v", events)
	}
}

func TestASecretIsTakenOver(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoConfirm)
	got, err := f.bring(f.Administrator, bringing(eve, secret), bringing("new", secret))
	f.must(err)
	outcomes(t, "first", got, enroll.Updated, enroll.Created)
	snap := f.snapshot(eve)
	x, p := snap.Factors, snap.Profile
	if len(x.Authenticators) != 1 || x.Enrollment != nil || len(x.Challenges) != 0 || x.RecoveryCodes.Left() != 0 || x.RecoveryCodes.Generation != 0 {
		t.Errorf("left %+v", x)
	}
	if len(p.RecoveryEmail) != 0 || !p.CodesSpent || !p.EnrolledAt.Equal(f.Clock.Now()) || !slices.Equal(p.Methods, []org.Method{org.TOTP}) {
		t.Errorf("left %+v", p)
	}
	a, err := f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, "new"), Way: string(org.TOTP), Code: f.Code(t, secret)})
	if err != nil || a.Assertion == "" {
		t.Errorf("the app's code: %v", err)
	}
	f.untouched(func() {
		got, err := f.bring(f.Administrator, bringing(eve, secret), bringing("new", []byte("another secret of it")))
		f.must(err)
		outcomes(t, "again", got, enroll.Unchanged, enroll.ErrEnrolled)
	})
	if events := f.events(audit.UserEnrolled); len(events) != 2 || !events[0].Notify || events[0].Details["imported"] != "true" || events[0].Details["method"] != "totp" {
		t.Errorf("recorded as %+v", events)
	}
	_, err = f.Enroll.Reset(t.Context(), f.Administrator, subject("new"), "lost", false)
	f.must(err)
	got, err = f.bring(f.Administrator, bringing("new", secret))
	f.must(err)
	outcomes(t, "after a reset", got, enroll.ErrEnrolledBefore)
}

func TestWhoBringsSecrets(t *testing.T) {
	f := newFixture(t)
	_, err := f.bring(f.Application, enroll.Line{User: "new", Account: enroll.Account{Email: address}}, enroll.Line{User: "bad", Plants: true, Malformed: fault.New(fault.Invalid, "x", "")})
	refused(t, "an application", err, access.ErrRole)
	if snap := f.snapshot("new"); snap.Profile != nil {
		t.Error("the other line was carried out")
	}
}

func TestSecretsWhereNobodyMayEnrol(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *org.Organization)
		want   error
	}{
		"not entitled": {func(o *org.Organization) { o.Entitlements.TwoFactor = false }, user.ErrNotAvailable},
		"no TOTP":      {func(o *org.Organization) { o.Policy.Methods = []org.Method{org.Email} }, enroll.ErrMethod},
	} {
		f := newFixture(t)
		o := f.snapshot(eve).Organization
		o.Rev++
		c.change(o)
		f.must(f.store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: o}))
		got, err := f.bring(f.Administrator, bringing(eve, secret), enroll.Line{User: "plain", Account: enroll.Account{Email: address}})
		f.must(err)
		outcomes(t, name, got, c.want, enroll.Created)
		if f.snapshot(eve).Profile != nil {
			t.Errorf("%s: half of the line was carried out", name)
		}
	}
}

// many are more lines than one transaction takes.
func many(n int) (lines []enroll.Line) {
	for i := range n {
		lines = append(lines, enroll.Line{User: fmt.Sprintf("user-%03d", i), Account: enroll.Account{Email: address}})
	}
	return lines
}

// Where somebody registers one of the users in between, the others are none the worse, and that one is seen as it stands.
func TestAnImportThatIsOvertaken(t *testing.T) {
	f := newFixture(t)
	f.Enroll.Store = &overtaking{f.store, func() {
		f.Login(t, "user-003")
		p := f.snapshot("user-003").Profile.Next()
		p.Email = "other@acme.example"
		f.must(f.store.Write(t.Context(), user.Change{Profile: &p}))
	}}
	got, err := f.bring(f.Application, many(60)...)
	f.must(err)
	for i, r := range got {
		want := enroll.Created
		if i == 3 {
			want = enroll.Updated
		}
		if r.Outcome != want || r.Err != nil {
			t.Errorf("line %d: %s, %v", i, r.Outcome, r.Err)
		}
	}
}

// A deletion in between is not undone.
func TestAnImportThatADeletionOvertakes(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.Enroll.Store = &overtaking{f.store, func() { f.must(f.Enroll.Delete(t.Context(), f.Application, subject(eve))) }}
	got, err := f.bring(f.Administrator, bringing(eve, secret), enroll.Line{User: "new", Account: enroll.Account{Email: address}})
	f.must(err)
	outcomes(t, "overtaken", got, login.ErrDeleted, enroll.Created)
}

// An outage in the middle is told of the whole call, and the same call does the rest.
func TestAnImportThatStopsInTheMiddle(t *testing.T) {
	for _, persisted := range []bool{false, true} {
		f := newFixture(t)
		f.store.FailAfter(memstore.Write, 1, persisted, errors.New("down"))
		_, err := f.bring(f.Application, many(120)...)
		unavailable(t, "in the middle", err)
		got, err := f.bring(f.Application, many(120)...)
		f.must(err)
		created := 0
		for _, r := range got {
			if r.Outcome == enroll.Created {
				created++
			}
		}
		if want := map[bool]int{false: 70, true: 20}[persisted]; created != want {
			t.Errorf("persisted %t: the repetition created %d, want %d", persisted, created, want)
		}
		if n := len(f.events(audit.UserRegistered)); n != 120 {
			t.Errorf("persisted %t: %d events", persisted, n)
		}
	}
}

// Others who are always faster are told as what they are: where nothing was done as a conflict, otherwise as unknown.
func TestAnImportThatAlwaysLoses(t *testing.T) {
	f := newFixture(t)
	for range 4 {
		f.store.FailNext(memstore.Write, false, user.ErrConflict)
	}
	_, err := f.bring(f.Application, enroll.Line{User: eve, Account: enroll.Account{Email: address}})
	refused(t, "alone", err, user.ErrConflict)
	f.store.FailNext(memstore.Write, false, user.ErrConflict)
	for range 3 {
		f.store.FailNext(memstore.Write, false, user.ErrConflict)
	}
	_, err = f.bring(f.Application, many(2)...)
	unavailable(t, "one of two", err)
}
