package gateway

import (
	"context"
	"errors"
	"net/http"

	"twofold/infra/local/lambda"
)

// statusOf is what a client is answered when the function was not, or not well.
//
// 500 is for everything that Lambda calls a function error ("API Gateway treats all invocation and function errors as
// internal errors", https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html; so does AWS's own emulator,
// github.com/aws/aws-lambda-dotnet, ApiGatewayEmulatorProcess.cs), which a function's own timeout is too ("errors returned
// by the function's runtime, such as timeouts", https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
// Seen at live HTTP APIs when a function ran into its Timeout: github.com/denoland/deno_registry2 issue 87,
// github.com/anomalyco/sst issue 1163.
//
// 503 is for an integration that takes longer than the 30 seconds (github.com/cortexlabs/cortex issue 1225 has the
// response) and for a function that Lambda throttles (github.com/souhailsouid/adele-ai-back, FIX_503_THROTTLING.md).
//
// 413 is for an event above Lambda's own limit: github.com/aws/aws-lambda-dotnet, LargePayloadTests.cs of its emulator.
func statusOf(err error) int {
	switch {
	case errors.Is(err, lambda.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, lambda.ErrThrottled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
