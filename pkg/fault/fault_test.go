package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
)

var errTaken = fault.New(fault.Conflict, "taken", "This is taken.")

func TestInternalIsTheZeroKind(t *testing.T) {
	var kind fault.Kind
	if kind != fault.Internal {
		t.Errorf("the zero kind is %v: what nobody classified must be opaque", kind)
	}
}

func TestAsHidesWhateverIsNotAFault(t *testing.T) {
	cause := errors.New("password of the database: 1234")
	got := fault.As(cause)
	if got.Kind != fault.Internal || got.Code != "internal" {
		t.Errorf("got %v %q, want an internal fault", got.Kind, got.Code)
	}
	if strings.Contains(got.Message, "1234") {
		t.Error("the public wording tells the cause")
	}
	if !errors.Is(got, cause) {
		t.Error("the cause is lost to the log")
	}
}

func TestAsFindsAWrappedFault(t *testing.T) {
	got := fault.As(fmt.Errorf("while writing: %w", errTaken.At("name")))
	if got.Code != "taken" || got.Field != "name" || got.Kind != fault.Conflict {
		t.Errorf("got %+v", got)
	}
}

func TestIsComparesCodes(t *testing.T) {
	other := fault.New(fault.Conflict, "other", "This is taken.")
	again := fault.New(fault.Invalid, "taken", "Other words.")
	for name, c := range map[string]struct {
		err, target error
		want        bool
	}{
		"itself":                 {errTaken, errTaken, true},
		"a copy with a field":    {errTaken.At("x"), errTaken, true},
		"a copy with a cause":    {errTaken.Because(errors.New("y")), errTaken, true},
		"wrapped":                {fmt.Errorf("z: %w", errTaken), errTaken, true},
		"same code":              {again, errTaken, true},
		"another code":           {other, errTaken, false},
		"an error of a stranger": {errTaken, errors.New("taken"), false},
	} {
		if got := errors.Is(c.err, c.target); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The package-level faults are shared by all requests, so giving one a field, a
// cause or a wait must not change the original.
func TestCopiesLeaveTheOriginalAlone(t *testing.T) {
	original := fault.New(fault.Throttled, "slow", "Slower.")
	changed := original.At("field").Because(errors.New("cause")).After(time.Minute).With("more")
	if original.Field != "" || original.RetryAfter != 0 || original.Attached != nil || original.Unwrap() != nil {
		t.Errorf("the original was changed: %+v", original)
	}
	if changed.Field != "field" || changed.RetryAfter != time.Minute || changed.Attached != "more" || changed.Unwrap() == nil {
		t.Errorf("the copy lacks something: %+v", changed)
	}
}

func TestErrorTextHoldsTheCauseForTheLog(t *testing.T) {
	got := errTaken.Because(errors.New("row 7")).Error()
	if got != "taken: This is taken.: row 7" {
		t.Errorf("got %q", got)
	}
	if got := errTaken.Error(); got != "taken: This is taken." {
		t.Errorf("got %q", got)
	}
}

func TestDownIsUnavailableAndSaysWhenToTryAgain(t *testing.T) {
	cause := errors.New("connection reset by 10.0.0.7")
	got := fault.As(fault.Down(cause))
	if got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("got kind %v, retry after %v", got.Kind, got.RetryAfter)
	}
	if strings.Contains(got.Message, "10.0.0.7") || !errors.Is(got, cause) {
		t.Error("the cause belongs into the log only")
	}
}

// A domain fault that comes up through a store stays what it is: a conflict must not become an outage.
func TestDownKeepsAFault(t *testing.T) {
	wrapped := fmt.Errorf("write: %w", errTaken)
	if got := fault.Down(wrapped); !errors.Is(got, errTaken) || fault.As(got).Kind != fault.Conflict {
		t.Errorf("got %v", got)
	}
}
