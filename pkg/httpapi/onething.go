package httpapi

import (
	"slices"

	"twofold/pkg/fault"
)

const detailOneThing = "Answer with exactly one of code, recovery_email and method."

var errFirstAddress = fault.New(fault.Unprocessable, codeMissingField, "The recovery address is sent twice, in recovery_email too.").At("recovery_email")

// oneThing refuses an answer of several things or of none. It names what was sent; where nothing was, what might have been.
func (in *enrollAnswerInput) oneThing() error {
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
