package dynamo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/access"
	"twofold/pkg/user"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// answering is a DynamoDB that gives prepared answers, for what DynamoDB Local never does.
type answering struct {
	Client
	update   error
	updates  []error // answered first
	transact error
	unread   int // so many batches leave everything unread
	asked    []int
}

func (a *answering) UpdateItem(context.Context, *sdk.UpdateItemInput, ...func(*sdk.Options)) (*sdk.UpdateItemOutput, error) {
	if len(a.updates) > 0 {
		first := a.updates[0]
		a.updates = a.updates[1:]
		return &sdk.UpdateItemOutput{}, first
	}
	return &sdk.UpdateItemOutput{}, a.update
}

func (a *answering) TransactWriteItems(
	context.Context, *sdk.TransactWriteItemsInput, ...func(*sdk.Options),
) (*sdk.TransactWriteItemsOutput, error) {
	return &sdk.TransactWriteItemsOutput{}, a.transact
}

// BatchGetItem leaves unread what it is told to, and answers one key of those that it is asked for otherwise.
func (a *answering) BatchGetItem(_ context.Context, in *sdk.BatchGetItemInput, _ ...func(*sdk.Options)) (*sdk.BatchGetItemOutput, error) {
	asked := in.RequestItems["table"]
	a.asked = append(a.asked, len(asked.Keys))
	if !aws.ToBool(asked.ConsistentRead) {
		return nil, errors.New("the read is not consistent")
	}
	left := asked.Keys
	out := &sdk.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}
	if a.unread--; a.unread < 0 {
		left = asked.Keys[1:]
	}
	if len(left) > 0 {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"table": {Keys: left}}
	}
	return out, nil
}

func canceled(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, code := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return e
}

func TestWhatAFailedWriteMeans(t *testing.T) {
	f := user.Factors{Organization: "o", User: "u", Rev: 2, Attempt: []byte("ours")}
	p := user.Profile{Organization: "o", User: "u", Rev: 2, RegisteredAt: now}
	ours := &types.ConditionalCheckFailedException{Item: item{"attempt": &types.AttributeValueMemberB{Value: []byte("ours")}}}
	theirs := &types.ConditionalCheckFailedException{Item: item{"attempt": &types.AttributeValueMemberB{Value: []byte("theirs")}}}
	recognized := &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
		{Code: aws.String(conditionFailed), Item: ours.Item}, {Code: aws.String(conditionFailed)},
	}}
	throttled := errors.New("throttled")
	alone, both := user.Change{Factors: &f}, user.Change{Factors: &f, Profile: &p}
	for name, c := range map[string]struct {
		change           user.Change
		update, transact error
		conflict, fails  bool
	}{
		"an update's condition, ours":   {change: alone, update: ours},
		"an update's condition":         {change: alone, update: theirs, conflict: true},
		"an update's condition, absent": {change: alone, update: &types.ConditionalCheckFailedException{}, conflict: true},
		"an update in a transaction":    {change: alone, update: &types.TransactionConflictException{}, fails: true},
		"an update throttled":           {change: alone, update: throttled, fails: true},
		"a condition, ours":             {change: both, transact: recognized},
		"a condition":                   {change: both, transact: canceled("None", conditionFailed), conflict: true},
		"a transaction's conflict":      {change: both, transact: canceled(transactionConflict, "None"), fails: true},
		"a conflict beside a condition": {change: both, transact: canceled(transactionConflict, conditionFailed), fails: true},
		"a transaction throttled":       {change: both, transact: canceled("None", "ThrottlingError"), fails: true},
		"a transaction over capacity":   {change: both, transact: canceled("ProvisionedThroughputExceeded", "None"), fails: true},
		"a transaction that failed":     {change: both, transact: throttled, fails: true},
	} {
		err := New(&answering{update: c.update, transact: c.transact}, "table").Write(t.Context(), c.change)
		switch {
		case errors.Is(err, user.ErrConflict) != c.conflict:
			t.Errorf("%s: %v", name, err)
		case !c.conflict && (err != nil) != c.fails:
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A write that met a transaction in its way is tried again as it is, a few times, and not for longer than the caller waits.
func TestATransactionInTheWayIsWaitedFor(t *testing.T) {
	f := user.Factors{Organization: "o", User: "u", Rev: 2, Attempt: []byte("ours")}
	c := user.Change{Factors: &f}
	ended := &answering{updates: []error{&types.TransactionConflictException{}, &types.TransactionConflictException{}}}
	if err := New(ended, "table").Write(t.Context(), c); err != nil || len(ended.updates) != 0 {
		t.Errorf("after two in the way: %v, %d left", err, len(ended.updates))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(&answering{update: &types.TransactionConflictException{}}, "table").Write(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled write: %v", err)
	}
}

func TestUnreadKeysAreAskedForAgain(t *testing.T) {
	patient := &answering{unread: 1}
	if _, err := New(patient, "table").Read(t.Context(), access.Credential{ID: "k"}, "o", "u"); err != nil {
		t.Errorf("after %v: %v", patient.asked, err)
	}
	if want := []int{4, 4, 3, 2, 1}; !slices.Equal(patient.asked, want) {
		t.Errorf("asked for %v keys, want %v", patient.asked, want)
	}
	busy := &answering{unread: 1000}
	if _, err := New(busy, "table").Read(t.Context(), access.Credential{ID: "k"}, "o", "u"); !errors.Is(err, ErrBusy) {
		t.Errorf("a busy table: %v, want %v", err, ErrBusy)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(&answering{unread: 1}, "table").Read(ctx, access.Credential{ID: "k"}, "o", "u"); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled read: %v", err)
	}
}

// TestUnknownAttributesSurvive: while two versions run, the older must not wipe what the newer has written.
func TestUnknownAttributesSurvive(t *testing.T) {
	client, table := dynamodb.TableForTest(t)
	s := New(client, table)
	f := user.Factors{Organization: "o", User: "u"}.Next()
	f.Deliver = "challenge"
	if err := s.Write(t.Context(), user.Change{Factors: &f}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateItem(t.Context(), &sdk.UpdateItemInput{
		TableName: aws.String(table), Key: factorsKey("o", "u").item(), UpdateExpression: aws.String("SET tomorrow = :t"),
		ExpressionAttributeValues: item{":t": text("kept")},
	}); err != nil {
		t.Fatal(err)
	}
	f = f.Next()
	if err := s.Write(t.Context(), user.Change{Factors: &f}); err != nil {
		t.Fatal(err)
	}
	stored, err := s.get(t.Context(), factorsKey("o", "u"), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := stored["tomorrow"]; !kept {
		t.Error("an attribute of another version was removed")
	}
	if _, left := stored["deliver"]; left {
		t.Error("a write that orders nothing left the order of the one before")
	}
}

func TestKeysets(t *testing.T) {
	client, table := dynamodb.TableForTest(t)
	s := New(client, table)
	for _, c := range []struct {
		wrapped string
		created bool
	}{{"first", true}, {"second", false}} {
		created, err := s.PutKeyset(t.Context(), "codes", []byte(c.wrapped), now)
		if err != nil || created != c.created {
			t.Errorf("%s: %v, %v", c.wrapped, created, err)
		}
	}
	got, err := s.Keysets(t.Context(), "codes", "sign")
	if err != nil || len(got) != 1 || string(got["codes"]) != "first" {
		t.Errorf("got %q, %v", got, err)
	}
}
