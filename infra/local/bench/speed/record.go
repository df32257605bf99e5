package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// recorder lies between a store and the table and keeps what one operation asks there, and what that costs.
type recorder struct {
	mu      sync.Mutex
	read    *sdk.BatchGetItemInput
	write   *sdk.UpdateItemInput // nil: none
	strange error                // another call, or one too many
	units   units
}

// units are DynamoDB's, as it reports them itself.
type units struct{ reads, writes float64 }

// reset forgets the operation before.
func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read, r.write, r.strange, r.units = nil, nil, nil, units{}
}

// install adds the recorder to the SDK's client.
func (r *recorder) install(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("record", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		r.asked(awsmiddleware.GetOperationName(ctx), in.Parameters)
		out, meta, err := next.HandleInitialize(ctx, in)
		if err == nil {
			r.paid(out.Result)
		}
		return out, meta, err
	}), middleware.Before)
}

// asked keeps the call as the store made it, and has DynamoDB say what it costs.
func (r *recorder) asked(name string, parameters any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch in := parameters.(type) {
	case *sdk.BatchGetItemInput:
		if r.read == nil {
			made := *in
			r.read, in.ReturnConsumedCapacity = &made, types.ReturnConsumedCapacityTotal
			return
		}
	case *sdk.UpdateItemInput:
		if r.write == nil {
			made := *in
			r.write, in.ReturnConsumedCapacity = &made, types.ReturnConsumedCapacityTotal
			return
		}
	}
	r.strange = fmt.Errorf("an operation calls %s, which the ceiling does not have", name)
}

func (r *recorder) paid(result any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch out := result.(type) {
	case *sdk.BatchGetItemOutput:
		for _, c := range out.ConsumedCapacity {
			r.units.reads += aws.ToFloat64(c.CapacityUnits)
		}
	case *sdk.UpdateItemOutput:
		if out.ConsumedCapacity != nil {
			r.units.writes += aws.ToFloat64(out.ConsumedCapacity.CapacityUnits)
		}
	}
}
