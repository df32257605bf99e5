package ses

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"twofold/pkg/mail"
)

// classify keeps SES's code and drops its words, which quote addresses. Only
// what SES will say again of the same message is final; a pause, a quota or a
// mistake in the set-up ends, and the message is worth keeping until then.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("ses: %w", err) // no answer of SES: the network, or the context
	}
	where := place(err, api)
	if isFinal(err) {
		return rejected(where)
	}
	if _, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; throttled {
		return fmt.Errorf("ses: %s: %w", where, errThrottled)
	}
	if declined(err) {
		return fmt.Errorf("ses: %s: %w", where, mail.ErrNotTaken)
	}
	return fmt.Errorf("ses: %s", where)
}

// declined reports whether SES said that it does not take a message now, because the set-up is not right. What breaks in SES itself may
// have taken it.
func declined(err error) bool {
	var response *http.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() >= 400 && response.HTTPStatusCode() < 500
}

// place is where an error of SES comes from, in codes alone.
func place(err error, api smithy.APIError) string {
	var response *http.ResponseError
	if !errors.As(err, &response) {
		return api.ErrorCode()
	}
	return fmt.Sprintf("%s, status %d, request %s", api.ErrorCode(), response.HTTPStatusCode(), response.ServiceRequestID())
}

// classifyOwn judges what SES says of mail from an organisation's own sender. Whatever SES has surely not taken may go out by
// the system's sender, so its reason need not be told apart: a domain that is not verified, an identity that is gone, a role
// that may not use it. Throttling and a sending pause hit both senders, and of a broken SES nobody knows what it took.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
func classifyOwn(err error) error {
	var (
		api        smithy.APIError
		response   *http.ResponseError
		paused     *types.SendingPausedException
		message    *types.MessageRejected
		unverified *types.MailFromDomainNotVerifiedException
	)
	if !errors.As(err, &api) {
		return classify(err)
	}
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	answered := errors.As(err, &response) && response.HTTPStatusCode() >= 400 && response.HTTPStatusCode() < 500
	if throttled || !answered || response.HTTPStatusCode() == 429 || errors.As(err, &paused) {
		return classify(err)
	}
	if errors.As(err, &message) || errors.As(err, &unverified) {
		return fmt.Errorf("ses: %s: %w: %w", place(err, api), mail.ErrSender, mail.ErrUnverified)
	}
	return fmt.Errorf("ses: %s: %w", place(err, api), mail.ErrSender)
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
