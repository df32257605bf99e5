package ledger

import (
	"fmt"
	"strings"
	"testing"
)

// broken gives how often a rule was found broken, and how often it was applied.
func broken(l *Ledger, r Rule) (broken, checked int) {
	for _, f := range l.Verdict() {
		if f.Rule == r {
			return f.Broken, f.Checked
		}
	}
	return -1, -1
}

func wants(t *testing.T, l *Ledger, r Rule, want int) {
	t.Helper()
	got, checked := broken(l, r)
	if got != want {
		t.Errorf("%s: broken %d times, want %d", r, got, want)
	}
	if checked == 0 {
		t.Errorf("%s: never applied, which proves nothing", r)
	}
}

func TestVerdictListsEveryRuleOnce(t *testing.T) {
	l := New()
	for n := range 25 {
		l.Check(Visible, n%2 == 0, "breach %d", n)
	}
	verdict := l.Verdict()
	if len(verdict) != len(Rules) {
		t.Fatalf("%d findings for %d rules", len(verdict), len(Rules))
	}
	for n, f := range verdict {
		if f.Rule != Rules[n] {
			t.Errorf("finding %d is of %s", n, f.Rule)
		}
		if f.Rule != Visible && (f.Checked != 0 || f.Broken != 0) {
			t.Errorf("%s: %+v", f.Rule, f)
		}
		if f.Rule == Visible && (f.Checked != 25 || f.Broken != 12 || len(f.Examples) != examples || f.Examples[0] != "breach 1") {
			t.Errorf("%+v", f)
		}
	}
}

func TestRange(t *testing.T) {
	r := Range{}.Add(2, 1).Add(1, 0)
	for n, want := range map[int]bool{2: false, 3: true, 4: true, 5: false} {
		if r.Holds(n) != want {
			t.Errorf("%v holds %d: %v", r, n, !want)
		}
	}
	if got := fmt.Sprint(r, Range{2, 2}); got != "3 to 4 2" {
		t.Errorf("shown as %q", got)
	}
}

func TestOneSuccess(t *testing.T) {
	first, second := Use{"acme", "ann", "totp 1/7"}, Use{"acme", "ann", "totp 1/8"}
	for name, c := range map[string]struct {
		seen func(*Ledger)
		want int
	}{
		"a success and its retry": {func(l *Ledger) { l.Succeeded(first, "a"); l.Succeeded(first, "a") }, 0},
		"two codes":               {func(l *Ledger) { l.Succeeded(first, "a"); l.Succeeded(second, "b") }, 0},
		"the code of two users":   {func(l *Ledger) { l.Succeeded(first, "a"); l.Succeeded(Use{"acme", "bob", "totp 1/7"}, "b") }, 0},
		"one code twice":          {func(l *Ledger) { l.Succeeded(first, "a"); l.Succeeded(first, "b") }, 1},
		"one assertion for two":   {func(l *Ledger) { l.Succeeded(first, "a"); l.Succeeded(second, "a") }, 1},
	} {
		l := New()
		c.seen(l)
		if got, _ := broken(l, OneSuccess); got != c.want {
			t.Errorf("%s: broken %d times, want %d", name, got, c.want)
		}
	}
}

func TestOneVersion(t *testing.T) {
	for name, c := range map[string]struct {
		seen func(*Ledger)
		want int
	}{
		"confirmed, and again": {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("acme", "a", 2); l.Versions("acme", 2) }, 0},
		"one after the other":  {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("acme", "b", 3); l.Versions("acme", 3) }, 0},
		"two organisations":    {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("bmce", "b", 2); l.Versions("acme", 2) }, 0},
		"never changed":        {func(l *Ledger) { l.Versions("acme", 1) }, 0},
		"two of one version":   {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("acme", "b", 2) }, 1},
		"one of two versions":  {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("acme", "a", 3) }, 1},
		"a lost change":        {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Confirmed("acme", "b", 3); l.Versions("acme", 2) }, 1},
		"a change by nobody":   {func(l *Ledger) { l.Confirmed("acme", "a", 2); l.Versions("acme", 3) }, 1},
	} {
		l := New()
		c.seen(l)
		if got, _ := broken(l, OneVersion); got != c.want {
			t.Errorf("%s: broken %d times, want %d", name, got, c.want)
		}
	}
}

func TestAccountCountsWhatWasEvaluated(t *testing.T) {
	a := NewAccount("acme", "ann")
	a.Refused(2, 1)
	if a.Failures != (Range{2, 3}) || a.Row != (Range{2, 3}) {
		t.Fatalf("%+v", a)
	}
	if !a.CanFail(1) || a.CanFail(2) || a.MayBeLocked() {
		t.Error("three in a row leave room for one")
	}
	a.Proved(1)
	if a.Row != (Range{0, 1}) || a.Failures != (Range{2, 3}) {
		t.Errorf("after a right one: %+v", a)
	}
	a.Refused(4, 0)
	if a.Row != (Range{4, 5}) || !a.MayBeLocked() || a.CanFail(0) {
		t.Errorf("after the fifth: %+v", a)
	}
	a.Refused(1, 0) // it may have met the lock
	if a.Row != (Range{4, 6}) || a.Failures != (Range{6, 8}) {
		t.Errorf("while it may be locked: %+v", a)
	}
	a.Enrolled = true
	a.Reset()
	if a.Row != (Range{}) || a.Failures != (Range{}) || a.Enrolled {
		t.Errorf("after a reset: %+v", a)
	}
}

// A lost call may have been one of the five that are evaluated: then one that was heard of was not.
func TestAccountOfARaceAtTheLock(t *testing.T) {
	a := NewAccount("acme", "ann")
	a.Refused(4, 2)
	if a.Failures != (Range{3, 6}) {
		t.Errorf("%v", a.Failures)
	}
}

func TestAccountIsFullForTheDay(t *testing.T) {
	a := NewAccount("acme", "ann")
	for range 7 {
		a.Refused(4, 0)
		a.Proved(0)
	}
	if !a.CanFail(1) || a.CanFail(2) {
		t.Errorf("after %v in the day", a.Failures)
	}
}

func TestEventsAddUp(t *testing.T) {
	a := NewAccount("acme", "ann")
	a.Note("user.reset", 1, 0)
	a.Note("user.reset", 1, 2)
	if a.Events["user.reset"] != (Range{2, 4}) {
		t.Errorf("%v", a.Events)
	}
}

func TestRulesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if name := strings.ToLower(string(r)); seen[name] {
			t.Errorf("two rules are named %s", r)
		} else {
			seen[name] = true
		}
	}
}
