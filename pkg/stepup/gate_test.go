package stepup_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk keeps the docket of ann of acme, and of root, who is a system administrator.
type desk struct {
	dockets  map[[2]string]stepup.Docket
	user     string // whom both are as users
	profiles map[string]*user.Profile
	factors  map[string]user.Factors
	events   []audit.Event
	reads    int // of users
	fails    error
	lost     bool // somebody else wrote first
}

func (d *desk) Administrator(_ context.Context, organization, id string) (*org.Administrator, error) {
	switch [2]string{organization, id} {
	case [2]string{"acme", "ann"}, [2]string{"", "root"}:
		return &org.Administrator{ID: id, Organization: organization, Email: id + "@example.com", User: d.user}, d.fails
	}
	return nil, d.fails
}

func (d *desk) Recipient(_ context.Context, organization, id string) (*org.Organization, *user.Profile, user.Factors, error) {
	d.reads++
	f, known := d.factors[id]
	if !known {
		f = user.Factors{Organization: organization, User: id}
	}
	return nil, d.profiles[id], f, d.fails
}

func (d *desk) Docket(_ context.Context, organization, administrator string) (*stepup.Docket, error) {
	stored, ok := d.dockets[[2]string{organization, administrator}]
	if !ok {
		return nil, d.fails
	}
	return &stored, d.fails
}

func (d *desk) WriteDocket(_ context.Context, next stepup.Docket) error {
	at := [2]string{next.Organization, next.Administrator}
	switch {
	case d.fails != nil:
		return d.fails
	case d.lost || next.Rev != d.dockets[at].Rev+1:
		return user.ErrConflict
	}
	if p := next.Proof; p != nil {
		if p.Factors.Rev != d.factors[p.Factors.User].Rev+1 {
			return user.ErrConflict
		}
		d.factors[p.Factors.User] = p.Factors
		next.Proof = nil
	}
	d.dockets[at] = next
	return nil
}

func (d *desk) WriteWithDocket(ctx context.Context, c user.Change, next stepup.Docket) error {
	if err := d.WriteDocket(ctx, next); err != nil {
		return err
	}
	if c.Factors != nil {
		d.factors[c.Factors.User] = *c.Factors
	}
	if c.Profile != nil {
		d.profiles[c.Profile.User] = c.Profile
	}
	d.events = append(d.events, c.Events...)
	return nil
}

type fixture struct {
	t *testing.T
	*desk
	gate stepup.Gate
	ann  *access.Key
	now  time.Time
}

func newFixture(t *testing.T) *fixture {
	d := &desk{dockets: map[[2]string]stepup.Docket{}, profiles: map[string]*user.Profile{}, factors: map[string]user.Factors{}}
	return &fixture{
		t: t, desk: d, gate: stepup.Gate{Store: d, Codes: storetest.Keys{}, Secrets: storetest.Keys{}}, now: noon,
		ann: &access.Key{Role: access.OrganizationAdministrator, Holder: "ann", Organizations: []string{"acme"}},
	}
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) enter() stepup.Visit {
	f.t.Helper()
	v, err := f.gate.Enter(f.t.Context(), f.ann)
	f.must(err)
	return v
}

func of(thing stepup.Thing, payload string) stepup.Change {
	return stepup.Change{Thing: thing, Organization: "acme", Payload: []byte(payload), Base: 1}
}

// propose writes what a proposal asks to be written, and gives the change with its code.
func (f *fixture) propose(wanted stepup.Change) (stepup.Change, string) {
	f.t.Helper()
	v := f.enter()
	c, docket, err := v.Propose(wanted, "192.0.2.1", f.now)
	f.must(err)
	if docket != nil {
		f.must(f.WriteDocket(f.t.Context(), *docket))
	}
	code, err := factor.MailedCode(f.gate.Codes, c.KeyID, f.enter().Docket.Mailed(c))
	f.must(err)
	return c, code
}

func (f *fixture) confirm(c stepup.Change, code string) error {
	f.t.Helper()
	_, err := f.word(c, stepup.Word{Code: code})
	return err
}

// word gives the visit in which a word confirms a change.
func (f *fixture) word(c stepup.Change, w stepup.Word) (stepup.Visit, error) {
	f.t.Helper()
	v := f.enter()
	stored, err := v.Proposed(c.Organization, c.Thing, c.ID)
	if err != nil {
		return v, err
	}
	return v.Confirm(f.t.Context(), access.Caller{Seen: "192.0.2.1"}, stored, w, f.now)
}

func other(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestOneChangeOfEachThingWaits(t *testing.T) {
	f := newFixture(t)
	first, firstCode := f.propose(of("policy", "a"))
	key, keyCode := f.propose(of("key", "a"))
	second, secondCode := f.propose(of("policy", "b"))
	globex := of("policy", "a")
	globex.Organization = "globex"
	elsewhere, elsewhereCode := f.propose(globex)
	if err := f.confirm(first, firstCode); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("a change that another of its thing replaced: %v", err)
	}
	for _, c := range []struct {
		change stepup.Change
		code   string
	}{{key, keyCode}, {second, secondCode}, {elsewhere, elsewhereCode}} {
		if err := f.confirm(c.change, c.code); err != nil {
			t.Errorf("%s of %s: %v", c.change.Thing, c.change.Organization, err)
		}
	}
}

func TestTheSameWithinAMinuteIsTheSameChange(t *testing.T) {
	f := newFixture(t)
	first, _ := f.propose(of("policy", "a"))
	f.now = noon.Add(user.SendInterval - time.Nanosecond)
	if c, docket, err := f.enter().Propose(of("policy", "a"), "", f.now); err != nil || docket != nil || c.ID != first.ID {
		t.Errorf("the same: %+v, written: %v, %v", c, docket != nil, err)
	}
	base := of("policy", "a")
	base.Base = 2
	for what, wanted := range map[string]stepup.Change{"payload": of("policy", "b"), "thing": of("key", "a"), "base": base} {
		if _, docket, err := f.enter().Propose(wanted, "", f.now); err != nil || docket == nil || docket.Deliver == "" {
			t.Errorf("another %s is taken for the same: %v", what, err)
		}
	}
	f.now = noon.Add(user.SendInterval)
	if c, _ := f.propose(of("policy", "a")); c.ID == first.ID {
		t.Error("nothing is mailed a minute later")
	}
}

func TestFiveMailsInTenMinutesOverAllThings(t *testing.T) {
	f := newFixture(t)
	for _, thing := range []stepup.Thing{"a", "b", "c", "d", "e"} {
		f.propose(of(thing, ""))
	}
	_, _, err := f.enter().Propose(of("f", ""), "", f.now)
	if !errors.Is(err, user.ErrTooSoon) || fault.As(err).RetryAfter != user.SendWindow {
		t.Errorf("a sixth: %v", err)
	}
	f.now = noon.Add(user.SendWindow)
	f.propose(of("f", ""))
}

func TestWhatHasEndedLeavesTheDocket(t *testing.T) {
	f := newFixture(t)
	f.propose(of("a", ""))
	f.now = noon.Add(stepup.Life)
	f.propose(of("b", ""))
	if left := f.enter().Docket.Changes; len(left) != 1 || left[0].Thing != "b" {
		t.Errorf("left: %+v", left)
	}
}

func TestFailuresAreCountedOverAllThings(t *testing.T) {
	f := newFixture(t)
	a, codeA := f.propose(of("a", ""))
	b, codeB := f.propose(of("b", ""))
	for range throttle.FreeTries - 1 {
		if err := f.confirm(a, other(codeA)); !errors.Is(err, stepup.ErrRefused) {
			t.Fatal(err)
		}
	}
	if err := f.confirm(b, other(codeB)); !errors.Is(err, stepup.ErrRefused) {
		t.Fatal(err)
	}
	before := f.enter().Docket
	for _, err := range []error{f.confirm(a, codeA), f.confirm(b, codeB), f.confirm(b, other(codeB))} {
		if !errors.Is(err, stepup.ErrRefused) {
			t.Errorf("while locked: %v", err)
		}
	}
	if after := f.enter().Docket; after.Rev != before.Rev {
		t.Error("a try while locked was counted")
	}
	f.now = f.now.Add(time.Minute)
	if err := f.confirm(b, codeB); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestFiveTriesOfOneCode(t *testing.T) {
	f := newFixture(t)
	c, code := f.propose(of("a", ""))
	for range user.TriesPerCode {
		if err := f.confirm(c, other(code)); !errors.Is(err, stepup.ErrRefused) {
			t.Fatal(err)
		}
		f.now = f.now.Add(20 * time.Second) // longer than any lock of so few
	}
	if err := f.confirm(c, code); !errors.Is(err, stepup.ErrEnded) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
}

func TestAnAppliedChangeIsConfirmedAgainByItsCodeOnly(t *testing.T) {
	f := newFixture(t)
	c, code := f.propose(of("a", ""))
	f.must(f.confirm(c, code))
	f.must(f.WriteDocket(t.Context(), f.enter().Docket.Apply(c.ID, 7, f.now)))
	stored, err := f.enter().Proposed("acme", "a", c.ID)
	f.must(err)
	if stored.Applied != 7 || stored.Live(f.now) {
		t.Errorf("applied: %+v", stored)
	}
	f.must(f.confirm(c, code))
	if err := f.confirm(c, other(code)); !errors.Is(err, stepup.ErrRefused) {
		t.Errorf("a wrong code for what is applied: %v", err)
	}
	f.now = noon.Add(stepup.Life)
	if err := f.confirm(c, code); !errors.Is(err, stepup.ErrEnded) {
		t.Errorf("after its ten minutes: %v", err)
	}
}

// Nothing that a step leaves may be shared with what was read: the loser of a race would judge by the winner's.
func TestADocketIsNeverChangedInPlace(t *testing.T) {
	f := newFixture(t)
	c, _ := f.propose(of("a", ""))
	read := f.enter().Docket
	tries, applied := slices.Clone(read.Changes), read.Apply(c.ID, 2, f.now)
	f.must(f.confirmedWrong(c))
	if read.Changes[0].Tries != tries[0].Tries || read.Changes[0].Applied != 0 || applied.Changes[0].Applied != 2 {
		t.Errorf("what was read is %+v now", read.Changes[0])
	}
}

func (f *fixture) confirmedWrong(c stepup.Change) error {
	if err := f.confirm(c, "00000000"); !errors.Is(err, stepup.ErrRefused) {
		return errors.Join(errors.New("not refused"), err)
	}
	return nil
}

func TestAHolderWhoIsNoAdministratorAnyMoreEntersNothing(t *testing.T) {
	f := newFixture(t)
	f.ann.Holder = "ghost"
	if _, err := f.gate.Enter(t.Context(), f.ann); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("a ghost: %v", err)
	}
	system := &access.Key{Role: access.SystemAdministrator, Holder: "root", Everywhere: true}
	v, err := f.gate.Enter(t.Context(), system)
	f.must(err)
	if v.Docket.Organization != "" || v.Docket.Administrator != "root" || v.Administrator.Email != "root@example.com" {
		t.Errorf("the system administrator's docket: %+v", v)
	}
}

func TestWhatCannotBeReadOrWrittenIsAnOutage(t *testing.T) {
	f := newFixture(t)
	c, code := f.propose(of("a", ""))
	v := f.enter()
	f.fails = errors.New("down")
	if _, err := f.gate.Enter(t.Context(), f.ann); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("reading: %v", err)
	}
	if _, err := v.Confirm(t.Context(), access.Caller{}, c, stepup.Word{Code: other(code)}, f.now); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("a wrong code that could not be counted: %v", err)
	}
	f.fails, f.lost = nil, true
	if _, err := v.Confirm(t.Context(), access.Caller{}, c, stepup.Word{Code: other(code)}, f.now); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a wrong code that lost its race: %v", err)
	}
}

func TestAWordIsRead(t *testing.T) {
	for _, c := range []struct {
		by          stepup.Way
		typed, want string
	}{
		{"", "12345678", "12345678"}, {stepup.ByEmail, "1234 5678", "12345678"}, {"", "1234567", ""}, {"", "1234567x", ""}, {"", "", ""}, {"", "123456", ""},
		{stepup.ByTOTP, "123-456", "123456"}, {stepup.ByTOTP, "12345678", ""}, {stepup.ByTOTP, "12345", ""}, {stepup.ByTOTP, "12345x", ""},
	} {
		got, err := stepup.Word{By: c.by, Code: c.typed}.Read()
		if got.Code != c.want || (c.want == "") != errors.Is(err, stepup.ErrCode) || err == nil && got.By != c.by {
			t.Errorf("%s %q: %+v, %v", c.by, c.typed, got, err)
		}
	}
}
