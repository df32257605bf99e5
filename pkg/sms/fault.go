package sms

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2/types"
	"github.com/aws/smithy-go"

	"twofold/pkg/mail"
)

// classify keeps the service's code and reason and drops its words, which may quote a number. Final is what it will say again of the
// same message while the code lives: a blocked number, a price above the limit, a number that is none, a country where a sender ID is not
// allowed; and also a spent limit or a mistake in the set-up, which nobody mends within ten minutes. Of a number that has opted out it
// is an error of its own. A message that is tried again and again holds up the
// codes of others, by mail too, so only what passes by itself is kept: throttling, what broke in the service, and the network.
// https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html#API_SendTextMessage_Errors
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("sms: %w", err) // no answer of the service: the network, or the context
	}
	why, final := reason(err)
	where := place(err, api, why)
	if why == string(types.ConflictExceptionReasonDestinationPhoneNumberOptedOut) {
		return fmt.Errorf("sms: %s: %w", where, mail.ErrOptedOut)
	}
	if final {
		return fmt.Errorf("sms: %s: %w", where, mail.ErrRejected)
	}
	return fmt.Errorf("sms: %s", where)
}

// reason is what the service says besides its code, as one of its fixed words, and whether that is final.
func reason(err error) (why string, final bool) {
	var (
		conflict *types.ConflictException
		invalid  *types.ValidationException
		quota    *types.ServiceQuotaExceededException
		denied   *types.AccessDeniedException
		unknown  *types.ResourceNotFoundException
	)
	switch {
	case errors.As(err, &conflict):
		return string(conflict.Reason), true
	case errors.As(err, &invalid):
		return string(invalid.Reason), true
	case errors.As(err, &quota):
		return string(quota.Reason), true
	case errors.As(err, &denied):
		return string(denied.Reason), true
	case errors.As(err, &unknown):
		return "", true
	}
	return "", false
}

// place is where an error of the service comes from, in codes alone.
func place(err error, api smithy.APIError, why string) string {
	code := api.ErrorCode()
	if why != "" {
		code += " (" + why + ")"
	}
	var response *http.ResponseError
	if !errors.As(err, &response) {
		return code
	}
	return fmt.Sprintf("%s, status %d, request %s", code, response.HTTPStatusCode(), response.ServiceRequestID())
}
