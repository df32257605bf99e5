package iam

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// testTable is the name of a table that dynamodb.TableForTest made after the template, alone or before an index.
var testTable = regexp.MustCompile(`^test-[A-Z2-7]{26}(/|$)`)

// Recording is an SDK middleware (an element of the client's APIOptions) that records the calls of DynamoDB which a
// function makes in a test that runs it in process, past every guard. A call counts when it is made, whatever becomes
// of it. Without CallsVariable the middleware does nothing. Clients of other services are refused: what the template calls
// their keys and identities only the stack knows, and it records them.
func Recording(function string) func(*middleware.Stack) error {
	recorder := ThisRun()
	if recorder == nil {
		return func(*middleware.Stack) error { return nil }
	}
	note := middleware.SerializeMiddlewareFunc("record the call", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
		if err := noteRequest(ctx, recorder, function, in.Request); err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleSerialize(ctx, in)
	})
	// After everything else of the step: then the request is written, and nothing has been sent.
	return func(stack *middleware.Stack) error { return stack.Serialize.Add(note, middleware.After) }
}

func noteRequest(ctx context.Context, recorder *Recorder, function string, transport any) error {
	request, ok := transport.(*smithyhttp.Request)
	if service := awsmiddleware.GetServiceID(ctx); !ok || service != "DynamoDB" {
		return fmt.Errorf("iam: calls of %s cannot be recorded in process", service)
	}
	var body []byte
	if stream := request.GetStream(); stream != nil {
		var err error
		if body, err = io.ReadAll(stream); err != nil {
			return fmt.Errorf("iam: recording a call: %w", err)
		}
		if err := request.RewindStream(); err != nil {
			return fmt.Errorf("iam: recording a call: %w", err)
		}
	}
	for _, r := range dynamodbRequests(operation(&http.Request{Header: request.Header}), "", body) {
		call := Call{Function: function, Action: r.Action, Resource: testTable.ReplaceAllString(r.Resource, "Table.Arn$1")}
		if err := recorder.Note(call); err != nil {
			return err
		}
	}
	return nil
}
