package boot

import (
	"context"
	"errors"
	"testing"
	"time"
)

type echo struct{ got []byte }

func (e *echo) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	e.got = payload
	return []byte("other"), nil
}

func TestAScheduleTicksAndOtherEventsDoNot(t *testing.T) {
	end := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	failed := errors.New("failed")
	for payload, ticks := range map[string]bool{
		`{"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}}`: true,
		`{"Records":[{"eventName":"INSERT"}]}`:                                              false,
		`{"detail-type":"Something Else"}`:                                                  false,
		`not JSON`:                                                                          false,
	} {
		other, ticked := &echo{}, 0
		_, err := Ticking(other, func(_ context.Context, until time.Time) error {
			ticked++
			if !until.Equal(end.Add(-reserve)) {
				t.Errorf("until %v, where the invocation ends at %v", until, end)
			}
			return failed
		}).Invoke(ctx, []byte(payload))
		if (ticked == 1) != ticks || (other.got == nil) != ticks || errors.Is(err, failed) != ticks {
			t.Errorf("%s: ticked %d times, handed on %t, %v", payload, ticked, other.got != nil, err)
		}
	}
}
