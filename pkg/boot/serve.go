package boot

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// margin is what an answer needs to reach Lambda before the function's time is up. A function that runs into that is
// killed: its client hears a bare 500 that does not say to try again, and mails that it had claimed wait for nothing.
const margin = 500 * time.Millisecond

// Serve hands invocations to the handler until Lambda ends the process. The handler's context ends a little before
// the invocation does. Everything that start-up has to do is done before, connections that are being opened
// included: the init phase has the full processor, an invocation only the function's share of it.
func (f *Function) Serve(handler lambda.Handler) {
	f.connections.wait()
	lambda.Start(early{handler})
}

// early ends a handler's context in time for it to say what it was waiting for.
type early struct{ handler lambda.Handler }

// Invoke implements lambda.Handler.
func (e early) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-margin))
		defer cancel()
	}
	return e.handler.Invoke(ctx, payload)
}
