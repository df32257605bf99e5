package policy_test

import (
	"errors"
	"fmt"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func (f *fixture) many(lines ...policy.Line) []policy.LineResult {
	f.t.Helper()
	results, err := f.Policy.EnforceMany(f.t.Context(), f.Administrator, acme, lines)
	f.must(err)
	if len(results) != len(lines) {
		f.t.Fatalf("%d results of %d lines", len(results), len(lines))
	}
	return results
}

// crowd registers n users and gives a line for each.
func (f *fixture) crowd(n int, want user.Enforcement) []policy.Line {
	f.t.Helper()
	var lines []policy.Line
	for i := range n {
		id := fmt.Sprintf("user-%04d", i)
		p := user.Profile{Organization: acme, User: id, Rev: 1, Email: "user@acme.example", RegisteredAt: f.Clock.Now()}
		f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p}))
		lines = append(lines, policy.Line{User: id, Want: want})
	}
	return lines
}

func TestEachLineHasItsOwnResult(t *testing.T) {
	f := newFixture(t)
	f.crowd(4, required)
	_, err := f.enforce("user-0003", required)
	f.must(err)
	f.notices()
	malformed := fault.New(fault.Unprocessable, "invalid_field", "No.").At("until")
	got := f.many(
		policy.Line{User: "user-0000", Want: required},
		policy.Line{User: "nobody", Want: required},
		policy.Line{User: "user-0001", Want: f.exempt(91)},
		policy.Line{User: "user-0000", Want: f.exempt(1)},
		policy.Line{User: "user-0002", Want: f.exempt(7)},
		policy.Line{User: "user-0003", Want: required},
		policy.Line{User: "user-0001", Malformed: malformed},
		policy.Line{User: "user-0004", Malformed: malformed},
	)
	for i, want := range []struct {
		changed     bool
		code, field string
	}{
		{true, "", ""}, {false, "not_found", "user"}, {false, "invalid_enforcement", "until"}, {false, "duplicate_user", "user"},
		{true, "", ""}, {false, "", ""}, {false, "invalid_field", "until"}, {false, "invalid_field", "until"},
	} {
		code, field := "", ""
		if got[i].Err != nil {
			code, field = fault.As(got[i].Err).Code, fault.As(got[i].Err).Field
		}
		if got[i].Changed != want.changed || code != want.code || field != want.field {
			t.Errorf("line %d: changed %v, %q at %q", i, got[i].Changed, code, field)
		}
	}
	if e := f.profile("user-0000").Enforcement; e.Kind != user.Required {
		t.Errorf("the second line about a user was obeyed: %+v", e)
	}
	told := f.notices()
	if len(told) != 1 || told[0].Kind != audit.UsersExempted || told[0].Details["users"] != "1" || told[0].User != "" {
		t.Errorf("told: %+v", told)
	}
	if own := f.events(acme, audit.UserExempted); len(own) != 1 || own[0].User != "user-0002" || own[0].Notify || own[0].Reason != "phone lost" {
		t.Errorf("the exempted user's own event: %+v", own)
	}
}

// allowed gives ann an allowance, as a confirmation does.
func (f *fixture) allowed(n int) {
	f.t.Helper()
	d := stepup.Docket{Organization: acme, Administrator: "ann", Rev: 1, Attempt: user.NewAttempt()}
	f.must(f.store.WriteDocket(f.t.Context(), d.Allow(n, stepup.Change{Organization: acme}, f.Clock.Now())))
}

// Ten exemptions in an hour need no second word; the eleventh is refused, alone or in a call of many, and then the whole
// call is, with nothing written.
func TestTheEleventhExemptionInAnHourNeedsAnAllowance(t *testing.T) {
	f := newFixture(t)
	lines := f.crowd(14, f.exempt(30))
	for _, l := range lines[:8] {
		_, err := f.enforce(l.User, l.Want)
		f.must(err)
	}
	before := f.countEvents()
	_, err := f.Policy.EnforceMany(t.Context(), f.Administrator, acme, lines[:11])
	refused(t, "three where two are left", err, stepup.ErrAllowance)
	if f.countEvents() != before {
		t.Error("something was written")
	}
	f.many(lines[:10]...) // those that stand are not counted
	_, err = f.enforce("user-0010", f.exempt(30))
	refused(t, "one where none is left", err, stepup.ErrAllowance)
	f.many(policy.Line{User: "user-0010", Want: required}, policy.Line{User: "user-0000", Want: user.Enforcement{}}) // which frees nobody
	_, err = f.enforce("user-0001", f.exempt(20))
	f.must(err) // shorter than before
	f.Clock.Advance(stepup.FreeWindow)
	f.many(lines[11:]...)
}

func TestExemptionsThatCannotBeCountedAreNone(t *testing.T) {
	f := newFixture(t)
	lines := f.crowd(2, f.exempt(30))
	before := f.countEvents()
	f.store.FailNext("One", false, errors.New("down"))
	_, err := f.enforce(lines[0].User, lines[0].Want)
	unavailable(t, "one", err)
	f.store.FailNext("One", false, errors.New("down"))
	_, err = f.Policy.EnforceMany(t.Context(), f.Administrator, acme, lines)
	unavailable(t, "many", err)
	if f.countEvents() != before {
		t.Error("something was written")
	}
}

func TestAThousandExemptionsAreOneMailAndRepeatable(t *testing.T) {
	f := newFixture(t)
	f.allowed(policy.MaxLines)
	lines := f.crowd(policy.MaxLines, f.exempt(30))
	before := f.countEvents()
	for i, r := range f.many(lines...) {
		if !r.Changed || r.Err != nil {
			t.Fatalf("line %d: %+v", i, r)
		}
	}
	if n := f.countEvents() - before; n != policy.MaxLines+1 {
		t.Errorf("%d events, want one for each user and one for all", n)
	}
	if told := f.notices(); len(told) != 1 || told[0].Details["users"] != "1000" {
		t.Errorf("told %d times: %+v", len(told), told)
	}
	for i, r := range f.many(lines...) {
		if r.Changed || r.Err != nil {
			t.Fatalf("line %d, repeated: %+v", i, r)
		}
	}
	if n := f.countEvents() - before; n != policy.MaxLines+1 || len(f.notices()) != 0 {
		t.Errorf("repeated: %d events", n)
	}
}

// Nobody is exempted untold: while the notice cannot be written no exemption is.
func TestNobodyIsExemptedUntold(t *testing.T) {
	down := errors.New("down")
	f := newFixture(t)
	lines := f.crowd(4, f.exempt(30))
	lines[3].Want = required
	f.store.FailNext(memstore.Write, false, down)
	got := f.many(lines...)
	for i, r := range got[:3] {
		if fault.As(r.Err).Kind != fault.Unavailable || f.profile(lines[i].User).Enforcement.Kind != user.Inherit {
			t.Errorf("line %d: %+v", i, r)
		}
	}
	if !got[3].Changed || len(f.notices()) != 0 {
		t.Errorf("the line that needs no notice: %+v", got[3])
	}
	// One user who is always written by others does not hold the others up.
	for range 3 {
		f.store.FailNext(memstore.Write, false, user.ErrConflict)
	}
	got = f.many(lines...)
	if !errors.Is(got[0].Err, user.ErrConflict) || !got[1].Changed || !got[2].Changed || got[3].Changed {
		t.Errorf("one contended user: %+v", got)
	}
	if told := f.notices(); len(told) != 1 {
		t.Errorf("told %d times", len(told))
	}
}

// The notice's first transaction may have won although nobody heard of it: the next line must not take it for its own.
func TestALostAcknowledgementIsNotTakenForAnotherLine(t *testing.T) {
	f := newFixture(t)
	lines := f.crowd(2, f.exempt(30))
	f.store.FailNext(memstore.Write, true, errors.New("lost"))
	_, err := f.Policy.EnforceMany(t.Context(), f.Administrator, acme, lines)
	unavailable(t, "a lost acknowledgement", err)
	got := f.many(lines...)
	if got[0].Changed || got[0].Err != nil || !got[1].Changed || f.profile(lines[1].User).Enforcement.Kind != user.Exempt {
		t.Errorf("repeated: %+v", got)
	}
	if told := f.notices(); len(told) != 2 {
		t.Errorf("told %d times, want once for each transaction that exempted first", len(told))
	}
}

func TestACallOfWhichNothingCouldBeDecidedIsRefused(t *testing.T) {
	f := newFixture(t)
	line := f.crowd(1, required)[0]
	for name, c := range map[string]struct {
		op   memstore.Operation
		err  error
		n    int
		want fault.Kind
	}{
		"the organisation": {memstore.ReadOrganization, errors.New("down"), 1, fault.Unavailable},
		"the users":        {memstore.Members, errors.New("down"), 1, fault.Unavailable},
		"the write":        {memstore.Write, errors.New("down"), 1, fault.Unavailable},
		"every race":       {memstore.Write, user.ErrConflict, 3, fault.Conflict},
	} {
		for range c.n {
			f.store.FailNext(c.op, false, c.err)
		}
		_, err := f.Policy.EnforceMany(t.Context(), f.Administrator, acme, []policy.Line{line})
		if err == nil || fault.As(err).Kind != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if results, err := f.Policy.EnforceMany(t.Context(), f.Administrator, acme, nil); err != nil || len(results) != 0 {
		t.Errorf("no lines: %v", err)
	}
	if r := f.many(policy.Line{User: "nobody", Want: required}); !errors.Is(r[0].Err, access.ErrNotFound) {
		t.Errorf("an unknown user is a decision: %+v", r)
	}
}

// A line that lost a race is judged anew: what somebody else has set meanwhile is not set again.
func TestALineThatLostARaceLooksAgain(t *testing.T) {
	f := newFixture(t)
	lines := f.crowd(1, required)
	f.store.FailNext(memstore.Write, true, user.ErrConflict) // as if somebody else had written the very same
	if r := f.many(lines...); r[0].Changed || r[0].Err != nil {
		t.Errorf("got %+v", r)
	}
}
