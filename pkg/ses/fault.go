package ses

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

// classify keeps SES's code and drops its words, which quote addresses. Only
// what SES will say again of the same message is final; a pause, a quota or a
// mistake in the set-up ends, and the message is worth keeping until then.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("ses: %w", err) // no answer of SES: the network, or the context
	}
	where := api.ErrorCode()
	var response *http.ResponseError
	if errors.As(err, &response) {
		where = fmt.Sprintf("%s, status %d, request %s", where, response.HTTPStatusCode(), response.ServiceRequestID())
	}
	if isFinal(err) {
		return rejected(where)
	}
	return fmt.Errorf("ses: %s", where)
}

func isFinal(err error) bool {
	var (
		message    *types.MessageRejected
		request    *types.BadRequestException
		unverified *types.MailFromDomainNotVerifiedException
		suspended  *types.AccountSuspendedException
	)
	return errors.As(err, &message) || errors.As(err, &request) || errors.As(err, &unverified) ||
		errors.As(err, &suspended)
}
