package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryCallIsMadeOnce(t *testing.T) {
	for _, clients := range []int{one, many} {
		var busy, most atomic.Int64
		calls := make([]call, 50)
		for at := range calls {
			calls[at] = func(context.Context) (reply, error) {
				now := busy.Add(1)
				defer busy.Add(-1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				return reply{status: at + 1}, nil
			}
		}
		p, replies, err := work(t.Context(), clients, calls)
		if err != nil || p.calls != len(calls) || p.elapsed <= 0 || p.allocs == 0 {
			t.Errorf("%d clients: %+v, %v", clients, p, err)
		}
		for at, r := range replies {
			if r.status != at+1 {
				t.Errorf("%d clients: reply %d is of call %d", clients, at, r.status-1)
			}
		}
		if most.Load() > int64(clients) {
			t.Errorf("%d clients made %d calls at a time", clients, most.Load())
		}
	}
}

// Eight clients are eight: calls that wait for one another all arrive.
func TestClientsWorkAtOnce(t *testing.T) {
	var waiting atomic.Int64
	all := make(chan struct{})
	calls := make([]call, many)
	for at := range calls {
		calls[at] = func(ctx context.Context) (reply, error) {
			if waiting.Add(1) == many {
				close(all)
			}
			select {
			case <-all:
				return reply{}, nil
			case <-ctx.Done():
				return reply{}, ctx.Err()
			}
		}
	}
	if _, _, err := work(t.Context(), many, calls); err != nil {
		t.Error(err)
	}
}

func TestTheFirstErrorEndsAPhase(t *testing.T) {
	broken := errors.New("broken")
	var made atomic.Int64
	calls := make([]call, 1000)
	for at := range calls {
		calls[at] = func(ctx context.Context) (reply, error) {
			switch n := made.Add(1); {
			case n == 5:
				return reply{}, broken
			case n > 5: // under way when it failed, or begun before anybody had heard
				<-ctx.Done()
			}
			return reply{}, ctx.Err()
		}
	}
	if _, _, err := work(t.Context(), many, calls); !errors.Is(err, broken) {
		t.Errorf("the phase ends with %v", err)
	}
	if made.Load() > 5+many {
		t.Errorf("%d calls were made after the one that failed", made.Load()-5)
	}
}

func TestTheClockMovesOnlyWhenMoved(t *testing.T) {
	c := newClock(start)
	c.advance(time.Minute)
	if got := c.Now(); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("the clock stands at %v", got)
	}
}

func TestBothTakeTurns(t *testing.T) {
	for _, productFirst := range []bool{false, true} {
		var order []int // 0 to 5 are bare, from 10 on the product's
		made := func(from, n int) []call {
			calls := make([]call, n)
			for at := range calls {
				calls[at] = func(context.Context) (reply, error) {
					order = append(order, from+at)
					return reply{status: at}, nil
				}
			}
			return calls
		}
		pairs, replies, err := sideBySide(t.Context(), one, productFirst, made(0, 6), made(10, 6))
		if err != nil || len(pairs) != turns || len(replies) != 6 {
			t.Fatalf("%+v, %d replies, %v", pairs, len(replies), err)
		}
		for turn, p := range pairs {
			if want := 1 + turn%2; p.bare.calls != want || p.product.calls != want {
				t.Errorf("turn %d is of %d and %d calls, want %d", turn, p.bare.calls, p.product.calls, want)
			}
		}
		want := []int{0, 10, 1, 2, 11, 12, 3, 13, 4, 5, 14, 15}
		if productFirst {
			want = []int{10, 0, 11, 12, 1, 2, 13, 3, 14, 15, 4, 5}
		}
		if !slices.Equal(order, want) {
			t.Errorf("the order is %v, want %v", order, want)
		}
		for at, r := range replies {
			if r.status != at {
				t.Errorf("reply %d is the product's %d", at, r.status)
			}
		}
	}
}

func TestABusyMachineGetsFewerRounds(t *testing.T) {
	for name, c := range map[string]struct {
		limit limit
		want  int
	}{
		"in time":  {limit{5, time.Hour}, 5},
		"too late": {limit{5, 0}, leastRounds},
		"few":      {limit{1, 0}, 1},
	} {
		taken := 0
		for n := range c.limit.take() {
			if n != taken {
				t.Errorf("%s: round %d after %d", name, n, taken)
			}
			taken++
		}
		if taken != c.want {
			t.Errorf("%s: %d rounds, want %d", name, taken, c.want)
		}
	}
}
