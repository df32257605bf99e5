package faults_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/faults"
)

func TestCallsAreNumberedWhateverTheSDKRepeats(t *testing.T) {
	tab := newTable(t)
	tab.wire.Arm(1, faults.Once("unreached", faults.Unreached))
	for _, id := range []string{"a", "b", "c"} {
		if err := tab.put(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if calls := tab.wire.Calls(); !slices.Equal(calls, []string{"PutItem", "PutItem", "PutItem"}) || tab.wire.Met() != 1 {
		t.Errorf("noted %v, met %d", calls, tab.wire.Met())
	}
	tab.wire.Record()
	if calls := tab.wire.Calls(); len(calls) != 0 || tab.wire.Met() != 0 {
		t.Errorf("noted %v after Record", calls)
	}
	tab.wire.ArmEach(func(n int, operation string) (faults.Fault, bool) {
		return faults.Always("unreached", faults.Unreached), n > 0 && operation == "PutItem"
	})
	if first, second := tab.put(t.Context(), "d"), tab.put(t.Context(), "e"); first != nil || second == nil {
		t.Errorf("the first call: %v, the second: %v", first, second)
	}
	tab.wire.Disarm()
	if err := tab.put(t.Context(), "e"); err != nil || len(tab.wire.Calls()) != 3 {
		t.Errorf("after Disarm: %v, noted %v", err, tab.wire.Calls())
	}
}

func TestParametersCanBeTamperedWith(t *testing.T) {
	tab := newTable(t)
	tab.wire.Tamper(func(parameters any) int {
		in, ok := parameters.(*sdk.PutItemInput)
		if !ok {
			return 0
		}
		in.ConditionExpression = aws.String("attribute_exists(pk)")
		return 1
	})
	if err := tab.put(t.Context(), "a"); !as[*types.ConditionalCheckFailedException](err) || tab.wire.Tampered() != 1 {
		t.Errorf("%v, tampered with %d", err, tab.wire.Tampered())
	}
	tab.wire.Record()
	if err := tab.put(t.Context(), "a"); err != nil || tab.wire.Tampered() != 0 {
		t.Errorf("after Record: %v, tampered with %d", err, tab.wire.Tampered())
	}
}

func TestAWireServesManyAtOnce(t *testing.T) {
	tab := newTable(t)
	tab.wire.Arm(7, faults.Always("unreached", faults.Unreached))
	errs := make([]error, 20)
	var all sync.WaitGroup
	for n := range errs {
		all.Go(func() { errs[n] = tab.put(t.Context(), string(rune('a'+n))) })
	}
	all.Wait()
	if failed := len(errs) - len(slices.DeleteFunc(errs, func(err error) bool { return err != nil })); failed != 1 {
		t.Errorf("%d of 20 calls failed, want 1", failed)
	}
}

// Keys that stay unread are missing from the answer and can be asked for again.
func TestKeysStayUnread(t *testing.T) {
	tab := newTable(t)
	if err := tab.transact(t.Context(), "a", "b", "c"); err != nil {
		t.Fatal(err)
	}
	keys := []map[string]types.AttributeValue{keyOf("a"), keyOf("absent"), keyOf("b"), keyOf("c")}
	for _, c := range []struct {
		all          bool
		read, unread int
	}{{true, 0, 4}, {false, 1, 2}} {
		tab.wire.Arm(0, faults.Always("unread", faults.Unprocessed(c.all)))
		out, err := tab.read(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		left := out.UnprocessedKeys[tab.name]
		if len(out.Responses[tab.name]) != c.read || len(left.Keys) != c.unread || !aws.ToBool(left.ConsistentRead) {
			t.Errorf("all %t: %d read, %d unread", c.all, len(out.Responses[tab.name]), len(left.Keys))
		}
		tab.wire.Disarm()
		if out, err = tab.read(t.Context(), left.Keys); err != nil || len(out.Responses[tab.name])+c.read != 3 {
			t.Errorf("all %t: %d read in all, %v", c.all, len(out.Responses[tab.name])+c.read, err)
		}
	}
	tab.wire.Arm(0, faults.Always("unread", faults.Unprocessed(true)))
	if err := tab.put(t.Context(), "d"); err == nil || tab.holds("d") {
		t.Errorf("what is no batch: %v", err)
	}
}

func (tab *table) read(ctx context.Context, keys []map[string]types.AttributeValue) (*sdk.BatchGetItemOutput, error) {
	return tab.client.BatchGetItem(ctx, &sdk.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{tab.name: {Keys: keys, ConsistentRead: aws.Bool(true)}},
	})
}

func TestADeadlinePassesWhenItIsSaid(t *testing.T) {
	deadline := faults.WithDeadline(t.Context())
	derived, cancel := context.WithCancel(deadline)
	defer cancel()
	if _, ok := derived.Deadline(); !ok || deadline.Err() != nil || derived.Err() != nil {
		t.Errorf("before: %t, %v, %v", ok, deadline.Err(), derived.Err())
	}
	deadline.Pass()
	deadline.Pass()
	<-derived.Done()
	if deadline.Err() != context.DeadlineExceeded || derived.Err() != context.DeadlineExceeded {
		t.Errorf("after: %v, %v", deadline.Err(), derived.Err())
	}
}
