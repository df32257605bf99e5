package faults_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/faults"
)

// What each fault does to one call: whether the table has carried it out, whether the caller hears of it, how often the
// SDK tried.
func TestWhatAFaultDoes(t *testing.T) {
	tab := newTable(t)
	throttled := faults.DynamoDB("ThrottlingException")
	for n, c := range []struct {
		fault         faults.Fault
		stored, fails bool
		met           int
	}{
		{faults.Always("unreached", faults.Unreached), false, true, tries},
		{faults.Once("unreached once", faults.Unreached), true, false, 1},
		{faults.Always("lost", faults.Lost), true, true, tries},
		{faults.Once("lost once", faults.Lost), true, true, 1}, // the SDK's second try meets the condition that its first broke
		{faults.Always("throttled", throttled), false, true, tries},
		{faults.Once("throttled once", throttled), true, false, 1},
		{faults.Always("done and throttled", faults.Done(throttled)), true, true, tries},
		{faults.Always("forbidden", faults.DynamoDB("AccessDeniedException")), false, true, 1},
		{faults.Always("broken", faults.DynamoDB("InternalServerError")), false, true, tries},
		{faults.Sequence("unreached, then throttled", faults.Unreached, throttled), true, false, 2},
		{faults.Sequence("nothing, then unreached", nil, faults.Unreached), true, false, 0},
		{faults.Always("torn", faults.Torn), true, true, 1},
		{faults.Once("slow", faults.Slow(time.Millisecond)), true, false, 1},
		{faults.Always("late", faults.Late), false, true, tries},
		{faults.Always("hangs", faults.Hang), false, true, 1},
		{faults.Always("done and hangs", faults.Done(faults.Hang)), true, true, 1},
		{faults.Always("answered", faults.Reply(200, map[string]any{})), false, false, 1},
	} {
		id := fmt.Sprint(n)
		tab.wire.Arm(0, c.fault)
		err := tab.put(faults.WithDeadline(t.Context()), id)
		if stored := tab.holds(id); stored != c.stored || (err != nil) != c.fails || tab.wire.Met() != c.met {
			t.Errorf("%s: stored %t, %v, met %d times; want %t, %t, %d", c.fault.Name, stored, err, tab.wire.Met(), c.stored, c.fails, c.met)
		}
	}
}

// The SDK must take what is injected for what DynamoDB says, or the test is one of other errors than it claims.
func TestTheSDKKnowsTheExceptions(t *testing.T) {
	tab := newTable(t)
	for name, is := range map[string]func(error) bool{
		"ProvisionedThroughputExceededException":   as[*types.ProvisionedThroughputExceededException],
		"RequestLimitExceeded":                     as[*types.RequestLimitExceeded],
		"ThrottlingException":                      as[*types.ThrottlingException],
		"InternalServerError":                      as[*types.InternalServerError],
		"ResourceNotFoundException":                as[*types.ResourceNotFoundException],
		"ConditionalCheckFailedException":          as[*types.ConditionalCheckFailedException],
		"TransactionConflictException":             as[*types.TransactionConflictException],
		"TransactionInProgressException":           as[*types.TransactionInProgressException],
		"IdempotentParameterMismatchException":     as[*types.IdempotentParameterMismatchException],
		"ItemCollectionSizeLimitExceededException": as[*types.ItemCollectionSizeLimitExceededException],
		"ReplicatedWriteConflictException":         as[*types.ReplicatedWriteConflictException],
	} {
		tab.wire.Arm(0, faults.Always(name, faults.DynamoDB(name)))
		if err := tab.transact(t.Context(), "a", "b"); !is(err) {
			t.Errorf("%s arrives as %v", name, err)
		}
	}
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func TestTransactionsAreCanceledForAReasonOfOnePart(t *testing.T) {
	tab := newTable(t)
	for _, reason := range faults.CancellationReasons() {
		for part, at := range map[int]int{0: 0, 1: 1, -1: 1} {
			tab.wire.Arm(0, faults.Always(reason, faults.Canceled(reason, part)))
			var canceled *types.TransactionCanceledException
			if err := tab.transact(t.Context(), "a", "b"); !errors.As(err, &canceled) || len(canceled.CancellationReasons) != 2 {
				t.Fatalf("%s: %v", reason, err)
			}
			if got := canceled.CancellationReasons; *got[at].Code != reason || *got[1-at].Code != faults.None {
				t.Errorf("%s at %d: reasons %s, %s", reason, part, *got[0].Code, *got[1].Code)
			}
		}
	}
	tab.wire.Arm(0, faults.Always("no transaction", faults.Canceled("ConditionalCheckFailed", 0)))
	if err := tab.put(t.Context(), "a"); as[*types.TransactionCanceledException](err) || err == nil {
		t.Errorf("a call that is no transaction is canceled: %v", err)
	}
	if tab.holds("a") || tab.holds("b") {
		t.Error("something was carried out")
	}
}

// A call that hangs ends with its caller's deadline, as the SDK reports it.
func TestAHangingCallEndsWithItsDeadline(t *testing.T) {
	tab := newTable(t)
	tab.wire.Arm(0, faults.Always("hangs", faults.Hang))
	if err := tab.put(faults.WithDeadline(t.Context()), "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tab.wire.Arm(0, faults.Always("hangs", faults.Hang))
	ended := make(chan error)
	go func() { ended <- tab.put(ctx, "a") }()
	for tab.wire.Met() == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it did not hang: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	tab.wire.Arm(0, faults.Always("slow", faults.Slow(time.Hour)))
	deadline := faults.WithDeadline(t.Context())
	deadline.Pass()
	if err := tab.put(deadline, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too slow: %v", err)
	}
}

// What is late arrives when it is delivered, and only then; its conditions are judged there.
func TestLateRequestsArriveWhenDelivered(t *testing.T) {
	tab := newTable(t)
	tab.wire.Arm(0, faults.Once("late", faults.Late))
	if err := tab.put(t.Context(), "a"); err != nil || !tab.holds("a") {
		t.Fatalf("the SDK's own retry: %v", err)
	}
	if n, err := tab.wire.Deliver(); n != 1 || err != nil {
		t.Errorf("delivered %d, %v", n, err)
	}
	tab.wire.Arm(0, faults.Always("late", faults.Late))
	ctx, cancel := context.WithCancel(t.Context())
	err := tab.put(ctx, "b")
	cancel() // whoever sent it is gone
	tab.wire.Disarm()
	if err == nil || tab.holds("b") {
		t.Errorf("it arrived at once: %v", err)
	}
	if n, err := tab.wire.Deliver(); n != tries || err != nil || !tab.holds("b") {
		t.Errorf("delivered %d, %v, stored %t", n, err, tab.holds("b"))
	}
	if n, err := tab.wire.Deliver(); n != 0 || err != nil {
		t.Errorf("delivered %d twice, %v", n, err)
	}
}
