package httpapi

import (
	"slices"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

const (
	detailOneThing = "Answer with exactly one of code, recovery_email and method."
	detailPhone    = "A phone belongs to the method sms, and that one needs it."
)

var errFirstAddress = fault.New(fault.Unprocessable, codeMissingField, "The recovery address is sent twice, in recovery_email too.").At("recovery_email")

// oneThing refuses an answer of several things or of none. It names what was sent; where nothing was, what might have been.
func (in *enrollAnswerInput) oneThing() error {
	if in.Body.Phone != "" && in.Body.Method == "" {
		return errPhoneAlone
	}
	again := in.Body.RecoveryEmailAgain
	if in.Body.RecoveryEmail != "" {
		again = "" // a part of that one
	}
	expected := []string{"code", "recovery_email", "method", "recovery_email_again"}
	values := []string{in.Body.Code, in.Body.RecoveryEmail, in.Body.Method, again}
	var sent []string
	for i, field := range expected {
		if values[i] != "" {
			sent = append(sent, field)
		}
	}
	switch {
	case len(sent) == 0:
		return several(codeMissingField, detailOneThing, expected[:3])
	case len(sent) > 1:
		return several(codeInvalidField, detailOneThing, sent)
	case slices.Contains(sent, "recovery_email_again"):
		return errFirstAddress
	}
	return phoneOf(in.Body.Method, in.Body.Phone)
}

var (
	errPhoneAlone   = fault.New(fault.Unprocessable, codeInvalidField, detailPhone).At("phone")
	errPhoneMissing = fault.New(fault.Unprocessable, codeMissingField, detailPhone).At("phone")
)

// phoneOf refuses a number with another method than sms, and that one without a number.
func phoneOf(method, phone string) error {
	switch sms := method == string(org.SMS); {
	case sms && phone == "":
		return errPhoneMissing
	case !sms && phone != "":
		return errPhoneAlone
	}
	return nil
}

// several is the fault of more than one field, of which the first stands for all.
func several(code, detail string, fields []string) error {
	flaws := make([]Flaw, len(fields))
	for i, field := range fields {
		flaws[i] = Flaw{Field: field, Code: code, Detail: detail}
	}
	return fault.New(fault.Unprocessable, code, detail).At(fields[0]).With(flaws)
}
