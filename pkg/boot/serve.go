package boot

import "github.com/aws/aws-lambda-go/lambda"

// Serve hands invocations to the handler until Lambda ends the process. Everything that start-up has to do is done
// before, connections that are being opened included: the init phase has the full processor, an invocation only the
// function's share of it.
func (f *Function) Serve(handler lambda.Handler) {
	f.connections.wait()
	lambda.Start(handler)
}
