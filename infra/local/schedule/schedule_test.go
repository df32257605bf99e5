package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

// function notes when it was invoked, since it was made, and with what. The tests run in bubbles of testing/synctest,
// where hours pass at once.
type function struct {
	mu     sync.Mutex
	made   time.Time
	at     []time.Duration
	events []string
	answer func(call int) error
}

func newFunction(answer func(call int) error) *function {
	return &function{made: time.Now(), answer: answer}
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = append(f.at, time.Since(f.made))
	f.events = append(f.events, string(payload))
	if f.answer == nil {
		return nil, nil
	}
	return nil, f.answer(len(f.at))
}

func (f *function) times() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.at)
}

func (f *function) options(source template.Schedule) Options {
	return Options{
		Source: source, Function: f, Reader: "mailer", Region: "eu-west-1", Account: "000000000000",
		Now: time.Now, Wait: Sleep, Log: slog.New(slog.DiscardHandler),
	}
}

// TestRate: "rate(5 minutes)" is every five minutes from the start, whatever an invocation takes.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(nil)
		timer := Start(f.options(template.Schedule{Name: "Tick", Every: 5 * time.Minute}))
		time.Sleep(17 * time.Minute)
		timer.Stop()
		time.Sleep(time.Hour)
		if got := f.times(); !slices.Equal(got, []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute}) {
			t.Errorf("fired at %v", got)
		}
	})
}

// TestASlowFunctionIsInvokedAgain: a failed event waits for its next attempt while the next event is due.
func TestASlowFunctionIsInvokedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(func(call int) error {
			if call == 1 {
				return lambda.ErrTimeout
			}
			return nil
		})
		timer := Start(f.options(template.Schedule{Name: "Tick", Every: 50 * time.Second}))
		time.Sleep(2 * time.Minute)
		timer.Stop()
		if got := f.times(); !slices.Equal(got, []time.Duration{50 * time.Second, 100 * time.Second, 110 * time.Second}) {
			t.Errorf("fired at %v", got)
		}
	})
}

// TestTicksThatWereMissed: a clock that jumps, as after a machine has slept, is one tick, and the beat stays.
func TestTicksThatWereMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(nil)
		o := f.options(template.Schedule{Name: "Tick", Every: time.Minute})
		began, jump := time.Now(), time.Duration(0)
		var mu sync.Mutex
		o.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			if jump == 0 && time.Since(began) >= 10*time.Second {
				jump = 10 * time.Minute
			}
			return time.Now().Add(jump)
		}
		timer := Start(o)
		time.Sleep(90 * time.Second)
		timer.Stop()
		// At 10:10 by that clock, ten times too late, then at 11:00.
		if got := f.times(); !slices.Equal(got, []time.Duration{10 * time.Second, time.Minute}) {
			t.Errorf("fired at %v", got)
		}
	})
}

func TestDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(nil)
		timer := Start(f.options(template.Schedule{Name: "Tick", Every: time.Minute, Disabled: true}))
		time.Sleep(time.Hour)
		if got := f.times(); len(got) != 0 {
			t.Errorf("fired at %v", got)
		}
		if err := timer.Fire(t.Context()); err != nil || len(f.times()) != 1 {
			t.Errorf("fired by hand: %v, %v", f.times(), err)
		}
		timer.Stop()
	})
}

// fire runs one event of a schedule to its end.
func fire(t *testing.T, source template.Schedule, answer func(call int) error) (f *function, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f = newFunction(answer)
		source.Disabled = true
		timer := Start(f.options(source))
		err = timer.Fire(t.Context())
		timer.Stop()
	})
	return f, err
}

// TestRetries: "two more times, with a one-minute wait between the first two attempts, and two minutes between the
// second and third attempts. Function errors include […] timeouts."
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(int) error
		at     []time.Duration
		err    error
	}{
		{"fails for good", func(int) error { return lambda.ErrTimeout }, []time.Duration{0, time.Minute, 3 * time.Minute}, lambda.ErrTimeout},
		{"works at last", func(call int) error {
			if call < 3 {
				return &lambda.FunctionError{Type: "x"}
			}
			return nil
		}, []time.Duration{0, time.Minute, 3 * time.Minute}, nil},
		{"throttled between", func(call int) error {
			return []error{lambda.ErrThrottled, lambda.ErrThrottled, lambda.ErrThrottled, lambda.ErrCrashed, nil}[call-1]
		}, []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 67 * time.Second}, nil},
		{"stopped", func(int) error { return lambda.ErrStopped }, []time.Duration{0}, lambda.ErrStopped},
	} {
		if f, err := fire(t, template.Schedule{Name: "Tick"}, c.answer); !errors.Is(err, c.err) || !slices.Equal(f.at, c.at) {
			t.Errorf("%s: at %v, %v", c.name, f.at, err)
		}
	}
}

// TestThrottledTooLong: "attempts to run the function again for up to 6 hours", "to a maximum of 5 minutes".
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func TestThrottledTooLong(t *testing.T) {
	f, err := fire(t, template.Schedule{Name: "Tick"}, func(int) error { return lambda.ErrThrottled })
	if !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("got %v", err)
	}
	last := f.at[len(f.at)-1]
	if longest := last - f.at[len(f.at)-2]; longest != 5*time.Minute || last > 6*time.Hour || last <= 6*time.Hour-5*time.Minute {
		t.Errorf("the last attempt after %v, %v after the one before", last, longest)
	}
}

// TestEvents: what the two services send where the schedule has no input; event names the pages. A bubble's time begins
// with the year 2000.
func TestEvents(t *testing.T) {
	for _, c := range []struct {
		source template.Schedule
		want   map[string]any
	}{
		{template.Schedule{Name: "Tick"}, map[string]any{
			"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
			"time": "2000-01-01T00:00:00Z", "region": "eu-west-1", "detail": map[string]any{},
			"resources": []any{"arn:aws:events:eu-west-1:000000000000:rule/mailerTick"},
		}},
		{template.Schedule{Name: "Tick", Scheduler: true}, map[string]any{
			"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "000000000000",
			"time": "2000-01-01T00:00:00Z", "region": "eu-west-1", "detail": "{}",
			"resources": []any{"arn:aws:scheduler:eu-west-1:000000000000:schedule/default/mailerTick"},
		}},
		{template.Schedule{Name: "Tick", Input: `{"do":"tidy"}`}, map[string]any{"do": "tidy"}},
	} {
		f, err := fire(t, c.source, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(f.events[0]), &got); err != nil {
			t.Fatal(err)
		}
		if id, _ := got["id"].(string); c.source.Input == "" && len(id) != 36 {
			t.Errorf("id %q", id)
		}
		delete(got, "id")
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("\n got %v\nwant %v", got, c.want)
		}
	}
}

func TestStopEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(func(int) error { return errors.New("no") })
		timer := Start(f.options(template.Schedule{Name: "Tick", Every: 10 * time.Second}))
		time.Sleep(11 * time.Second)
		before := time.Now()
		timer.Stop() // the second attempt would be in a minute
		if len(f.times()) != 1 || time.Since(before) != 0 {
			t.Errorf("fired at %v, stopped after %v", f.times(), time.Since(before))
		}
	})
}
