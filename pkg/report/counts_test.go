package report

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// tally counts as a store must: only if the user still stands as before says.
type tally struct {
	counted map[string]user.Counted
	counts  map[user.Class]int64
	losses  int // conflicts still to come
	err     error
	writes  int
}

func newTally() *tally {
	return &tally{counted: map[string]user.Counted{}, counts: map[user.Class]int64{}}
}

func (s *tally) Counted(_ context.Context, organization, id string) (user.Counted, error) {
	if c, found := s.counted[id]; found {
		return c, s.err
	}
	return user.Counted{Organization: organization, User: id}, s.err
}

func (s *tally) Count(_ context.Context, before, after user.Counted, _ time.Time) error {
	if s.losses > 0 {
		s.losses--
		return fmt.Errorf("count: %w", user.ErrConflict)
	}
	if s.counted[after.User].Rev != before.Rev {
		return user.ErrConflict
	}
	s.writes++
	if before.In() {
		s.counts[before.Class]--
	}
	if after.In() {
		s.counts[after.Class]++
	}
	s.counted[after.User] = after
	return nil
}

func (s *tally) counter() *Counter { return &Counter{Store: s, Now: func() time.Time { return noon }} }

// history is a user's profile in each revision: registered, enrolled, suspended, reset, deleted, registered again.
func history(id string) []user.Profile {
	p := user.Profile{Organization: "acme", User: id}
	totp := []org.Method{org.TOTP}
	registered, active, locked, reset := p, p, p, p
	registered.Rev = 1
	active.Rev, active.Methods = 2, totp
	locked.Rev, locked.Methods, locked.SuspendedAt = 3, totp, noon
	reset.Rev, reset.Enforcement.Kind = 4, user.Required
	gone := reset.Bury(noon)
	return []user.Profile{registered, active, locked, reset, gone, gone.Exhume("new@acme.example", noon)}
}

// However the records come, twice, late, out of order, the counts end as the last revisions have it.
func TestCountsWhateverTheOrder(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var records []user.Profile
		want := map[user.Class]int64{}
		for i := range 8 {
			h := history(fmt.Sprint("u", i))[:1+r.IntN(6)]
			if last := h[len(h)-1]; !last.Deleted() {
				want[last.Class()]++
			}
			records = append(records, h...)
			records = append(records, h[r.IntN(len(h))])
		}
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		s := newTally()
		for _, p := range records {
			if err := s.counter().Observe(context.Background(), p); err != nil {
				t.Fatal(err)
			}
		}
		maps.DeleteFunc(s.counts, func(_ user.Class, n int64) bool { return n == 0 })
		if !maps.Equal(s.counts, want) {
			t.Errorf("seed %d: counted %v, want %v", seed, s.counts, want)
		}
	}
}

func TestAnOldRecordIsNotWritten(t *testing.T) {
	s := newTally()
	h := history("ann")
	for _, p := range []user.Profile{h[2], h[2], h[0], h[1]} {
		if err := s.counter().Observe(context.Background(), p); err != nil {
			t.Fatal(err)
		}
	}
	if s.writes != 1 || s.counted["ann"].Rev != 3 || s.counted["ann"].Organization != "acme" {
		t.Errorf("%d writes, counted %+v", s.writes, s.counted["ann"])
	}
}

func TestACounterThatLosesReadsAgain(t *testing.T) {
	s := newTally()
	s.losses = 2
	if err := s.counter().Observe(context.Background(), history("ann")[0]); err != nil || s.writes != 1 {
		t.Errorf("two losses: %v, %d writes", err, s.writes)
	}
	s.losses = 3
	if err := s.counter().Observe(context.Background(), history("ann")[1]); !errors.Is(err, user.ErrConflict) || s.writes != 1 {
		t.Errorf("three losses: %v, %d writes: the record must come again", err, s.writes)
	}
}

func TestACounterInAnOutage(t *testing.T) {
	s := newTally()
	s.err = errDown
	if err := s.counter().Observe(context.Background(), history("ann")[0]); fault.As(err).Kind != fault.Unavailable || s.writes != 0 {
		t.Errorf("%v, %d writes", err, s.writes)
	}
}
