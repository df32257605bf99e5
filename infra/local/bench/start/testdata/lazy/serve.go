package boot

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

// This file takes the place of pkg/boot/serve.go in functions that do nothing before their first invocation: the
// runtime asks for work at once, and the rest of main runs when there is some.

var (
	invoked = make(chan struct{}, 1)
	handler = make(chan lambda.Handler)
)

type late struct{ handler lambda.Handler }

func (l *late) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if l.handler == nil {
		invoked <- struct{}{}
		l.handler = <-handler
	}
	return l.handler.Invoke(ctx, payload)
}

func init() {
	go lambda.Start(&late{})
	<-invoked
}

// Serve is where main has arrived.
func (f *Function) Serve(h lambda.Handler) {
	handler <- h
	select {}
}
