package eventbridge

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
)

var errNoAnswer = errors.New("eventbridge: no answer for an entry")

// refused is the service's code of an entry, without its words, which may quote the event.
func refused(e types.PutEventsResultEntry) error {
	return fmt.Errorf("eventbridge: an entry was not taken: %s", cmp.Or(aws.ToString(e.ErrorCode), "no code"))
}

// classify keeps the service's code and drops its words.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("eventbridge: %w", err) // no answer of the service: the network, or the context
	}
	var response *http.ResponseError
	if !errors.As(err, &response) {
		return fmt.Errorf("eventbridge: %s", api.ErrorCode())
	}
	return fmt.Errorf("eventbridge: %s, status %d, request %s", api.ErrorCode(), response.HTTPStatusCode(), response.ServiceRequestID())
}
