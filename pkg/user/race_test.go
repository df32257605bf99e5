package user

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"twofold/pkg/fault"
)

// Whoever loses every round is told so, and when to come again.
func TestWhoeverLosesEveryRoundComesAgainLater(t *testing.T) {
	rounds := 0
	_, err := Race(func() (int, error) {
		rounds++
		return 7, fmt.Errorf("write: %w", ErrConflict)
	})
	if !errors.Is(err, ErrConflict) || rounds != 3 || fault.As(err).RetryAfter != time.Second {
		t.Errorf("after %d rounds: %v, again after %v", rounds, err, fault.As(err).RetryAfter)
	}
}

func TestARaceEndsWithTheFirstOutcome(t *testing.T) {
	rounds := 0
	got, err := Race(func() (int, error) {
		if rounds++; rounds == 1 {
			return 0, ErrConflict
		}
		return 7, nil
	})
	if got != 7 || err != nil || rounds != 2 {
		t.Errorf("%d, %v after %d rounds", got, err, rounds)
	}
}
