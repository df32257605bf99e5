package stepup_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/stepup"
)

// take has ann free n users, and holds what is said before to what comes of it.
func (f *fixture) take(n int) error {
	f.t.Helper()
	spare, said := f.gate.Spare(f.t.Context(), f.ann, "acme", f.now)
	d, err := f.gate.Free(f.t.Context(), f.ann, "acme", n, f.now)
	if said == nil && (n <= spare) != (err == nil) {
		f.t.Errorf("%d may be freed, it was said, and of %d came %v", spare, n, err)
	}
	if err != nil {
		return err
	}
	return f.WriteDocket(f.t.Context(), d)
}

func (f *fixture) allow(n int) {
	f.t.Helper()
	d := f.enter().Docket
	d.Rev++
	f.must(f.WriteDocket(f.t.Context(), d.Allow(n, stepup.Change{Organization: "acme"}, f.now)))
}

func TestTenUsersInAnHourAreFree(t *testing.T) {
	f := newFixture(t)
	f.must(f.take(4))
	f.now = noon.Add(30 * time.Minute)
	f.must(f.take(6))
	for _, n := range []int{1, 1000} {
		before := f.enter().Docket.Rev
		if err := f.take(n); !errors.Is(err, stepup.ErrAllowance) || f.enter().Docket.Rev != before {
			t.Errorf("%d more: %v", n, err)
		}
	}
	f.now = noon.Add(stepup.FreeWindow)
	f.must(f.take(4)) // the first four are an hour old
	if err := f.take(1); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("an eleventh: %v", err)
	}
}

func TestElevenAtOnceNeedAnAllowance(t *testing.T) {
	f := newFixture(t)
	if err := f.take(11); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("eleven: %v", err)
	}
	f.allow(5)
	f.must(f.take(12)) // ten and two
	f.must(f.take(3))
	if err := f.take(1); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("one more than was allowed: %v", err)
	}
	f.allow(5)
	f.must(f.take(5))
}

func TestAnAllowanceEnds(t *testing.T) {
	f := newFixture(t)
	f.must(f.take(10))
	f.allow(5)
	f.now = noon.Add(stepup.AllowanceLasts - time.Nanosecond)
	f.must(f.take(1))
	f.now = noon.Add(stepup.AllowanceLasts)
	if err := f.take(11); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("one of eleven by an allowance that has ended: %v", err)
	}
	f.must(f.take(10)) // what is free is free again
	if err := f.take(1); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("by an allowance that has ended: %v", err)
	}
}

func TestTakingThatCannotBeCountedIsRefused(t *testing.T) {
	f := newFixture(t)
	f.fails = errors.New("down")
	if err := f.take(1); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
	if _, err := f.gate.Spare(t.Context(), f.ann, "acme", f.now); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage, before: %v", err)
	}
}

// A system administrator's docket is one for all organisations: what was confirmed for one, or in one session, frees nobody elsewhere.
func TestAnAllowanceIsForOneOrganizationAndOneSession(t *testing.T) {
	f := newFixture(t)
	f.ann = impersonating("s1")
	f.must(f.take(10))
	d := f.enter().Docket
	d.Rev++
	f.must(f.WriteDocket(f.t.Context(), d.Allow(5, stepup.Change{Organization: "acme", Session: "s1"}, f.now)))
	f.must(f.take(1))
	if _, err := f.gate.Free(t.Context(), f.ann, "globex", 1, f.now); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("in another organisation: %v", err)
	}
	if n, err := f.gate.Spare(t.Context(), f.ann, "globex", f.now); n != 0 || err != nil {
		t.Errorf("spare in another organisation: %d, %v", n, err)
	}
	f.ann = impersonating("s2")
	if err := f.take(1); !errors.Is(err, stepup.ErrAllowance) {
		t.Errorf("in another session: %v", err)
	}
	f.ann = impersonating("s1")
	f.must(f.take(4))
}
