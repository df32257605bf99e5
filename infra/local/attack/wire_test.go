package attack_test

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// failure is what becomes of one call of the store. Every try of the SDK at that call meets it.
type failure struct {
	name    string
	reaches bool  // the table carries it out all the same
	once    bool  // the first try only
	err     error // what the SDK hears
}

var errLine = &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")}

// The failures that a table has in store.
var (
	unreached = failure{name: "the table is not reached", err: errLine}
	throttled = failure{name: "the table is throttled", err: &types.ProvisionedThroughputExceededException{}}
	lostOnce  = failure{name: "an acknowledgement is lost and the SDK tries again", reaches: true, once: true, err: errLine}
	lost      = failure{name: "done, but every acknowledgement is lost", reaches: true, err: errLine}
)

// wire lies between the store and the table: it notes every call and can make one fail.
type wire struct {
	mu      sync.Mutex
	calls   []string
	fail    func(n int, operation string) (failure, bool)
	tamper  func(parameters any)
	tampers int
}

// record forgets what was called before.
func (w *wire) record() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.fail, w.tamper, w.tampers = nil, nil, nil, 0
}

// arm makes the n-th call from now on fail, counted from 0.
func (w *wire) arm(n int, f failure) {
	w.record()
	w.fail = func(at int, _ string) (failure, bool) { return f, at == n }
}

// contend makes the first writes from now on meet somebody else's transaction.
func (w *wire) contend(writes int) {
	w.record()
	w.fail = func(_ int, operation string) (failure, bool) {
		if !writing(operation) || writes == 0 {
			return failure{}, false
		}
		writes--
		if operation == "UpdateItem" {
			return failure{err: &types.TransactionConflictException{}}, true
		}
		reasons := []types.CancellationReason{{Code: aws.String("TransactionConflict")}}
		return failure{err: &types.TransactionCanceledException{CancellationReasons: reasons}}, true
	}
}

func writing(operation string) bool {
	return operation == "UpdateItem" || operation == "TransactWriteItems" || operation == "PutItem"
}

// made are the calls since the last record, each once, whatever the SDK repeated.
func (w *wire) made() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.calls...)
}

type callKey struct{}

// call is one call under way, over all its tries.
type call struct {
	failure failure
	fails   bool
	tries   int
}

func (w *wire) install(stack *middleware.Stack) error {
	note := middleware.InitializeMiddlewareFunc("note the call", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, w.noted(ctx, in.Parameters)), in)
	})
	meet := middleware.DeserializeMiddlewareFunc("meet the failure", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, meta middleware.Metadata, err error) {
		c := middleware.GetStackValue(ctx, callKey{}).(*call)
		c.tries++
		fails := c.fails && (c.tries == 1 || !c.failure.once)
		if fails && !c.failure.reaches {
			return out, meta, c.failure.err
		}
		out, meta, err = next.HandleDeserialize(ctx, in)
		if fails {
			return out, meta, c.failure.err
		}
		return out, meta, err
	})
	if err := stack.Initialize.Add(note, middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(meet, middleware.Before)
}

func (w *wire) noted(ctx context.Context, parameters any) *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	operation := awsmiddleware.GetOperationName(ctx)
	f, fails := failure{}, false
	if w.fail != nil {
		f, fails = w.fail(len(w.calls), operation)
	}
	w.calls = append(w.calls, operation)
	if w.tamper != nil {
		w.tamper(parameters)
	}
	return &call{failure: f, fails: fails}
}

// refuseEvents makes every write of an audit event meet a condition that cannot hold.
func (w *wire) refuseEvents() {
	w.record()
	w.tamper = func(parameters any) {
		switch in := parameters.(type) {
		case *sdk.TransactWriteItemsInput:
			for _, item := range in.TransactItems {
				if item.Put != nil && isEvent(item.Put.Item) {
					item.Put.ConditionExpression = aws.String("attribute_exists(pk)")
					w.tampers++
				}
			}
		case *sdk.PutItemInput:
			if isEvent(in.Item) {
				in.ConditionExpression = aws.String("attribute_exists(pk)")
				w.tampers++
			}
		}
	}
}

func isEvent(item map[string]types.AttributeValue) bool {
	pk, ok := item["pk"].(*types.AttributeValueMemberS)
	return ok && len(pk.Value) > 6 && pk.Value[:6] == "AUDIT#"
}

// refused is how many events were refused since refuseEvents.
func (w *wire) refused() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tampers
}
