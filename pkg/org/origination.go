package org

import (
	"regexp"
	"strings"

	"twofold/pkg/fault"
)

// ErrOrigination refuses what SMS cannot come from.
var ErrOrigination = fault.New(fault.Unprocessable, "sms_origination_invalid",
	"SMS come from a pool, a phone number or a sender ID of this deployment's account and region: name it by its full ARN. A sender ID may be named by itself too: "+
		"11 letters, digits and hyphens at most, and at least one letter.").At("entitlements.sms_origination")

// Originations is what the ARNs of all that a deployment's SMS may come from begin with: "arn:aws:sms-voice:eu-west-1:123456789012:".
type Originations string

var (
	identity = regexp.MustCompile(`^(pool|phone-number)/[A-Za-z0-9_-]{1,64}$|^sender-id/[A-Za-z0-9-]{1,11}/[A-Z]{2}$`)
	senderID = regexp.MustCompile(`^[0-9-]*[A-Za-z][A-Za-z0-9-]*$`)
)

// Check judges the form of an origination identity; none is good. Whether there is one of the name only the service knows.
// https://docs.aws.amazon.com/sms-voice/latest/userguide/sender-id.html
func (o Originations) Check(named string) error {
	own, isARN := strings.CutPrefix(named, string(o))
	switch {
	case named == "":
	case isARN && o != "" && identity.MatchString(own):
	case len(named) <= 11 && senderID.MatchString(named):
	default:
		return ErrOrigination
	}
	return nil
}
