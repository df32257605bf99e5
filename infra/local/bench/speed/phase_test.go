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
			if made.Add(1) == 5 {
				return reply{}, broken
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

func TestAPairIsMeasuredInTurns(t *testing.T) {
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
		p, replies, err := sideBySide(t.Context(), one, productFirst, made(0, 6), made(10, 6))
		if err != nil || p.bare.calls != 6 || p.product.calls != 6 {
			t.Fatalf("%+v, %v", p, err)
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
