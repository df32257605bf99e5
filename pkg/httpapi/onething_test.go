package httpapi

import (
	"slices"
	"testing"

	"twofold/pkg/fault"
)

// An answer that is not one thing names what was sent; where nothing was, what might have been.
func TestOneThing(t *testing.T) {
	for _, test := range []struct {
		name, code, address, again, method string
		want                               string // the problem's code; empty: it is one thing
		fields                             []string
	}{
		{name: "a code", code: "1"},
		{name: "an address", address: "a"},
		{name: "an address twice", address: "a", again: "b"},
		{name: "a method", method: "m"},
		{name: "nothing", want: codeMissingField, fields: []string{"code", "recovery_email", "method"}},
		{name: "two", address: "a", again: "a", method: "m", want: codeInvalidField, fields: []string{"recovery_email", "method"}},
		{name: "all", code: "1", address: "a", method: "m", want: codeInvalidField, fields: []string{"code", "recovery_email", "method"}},
		{name: "the second address alone", again: "a", want: codeMissingField, fields: []string{"recovery_email"}},
		{name: "the second address and a code", again: "a", code: "1", want: codeInvalidField, fields: []string{"code", "recovery_email_again"}},
	} {
		in := &enrollAnswerInput{}
		in.Body.Code, in.Body.RecoveryEmail, in.Body.RecoveryEmailAgain, in.Body.Method = test.code, test.address, test.again, test.method
		err := in.oneThing()
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		p := problemOf(fault.As(err))
		fields := []string{p.Field}
		if len(p.Errors) > 0 {
			fields = nil
		}
		for _, flaw := range p.Errors {
			fields = append(fields, flaw.Field)
			if flaw.Code != test.want || flaw.Detail == "" {
				t.Errorf("%s: %+v", test.name, flaw)
			}
		}
		if p.Status != 422 || p.Code != test.want || p.Field != test.fields[0] || !slices.Equal(fields, test.fields) || p.Decision != nil {
			t.Errorf("%s: %d %s at %q, errors %v; want %s, %v", test.name, p.Status, p.Code, p.Field, fields, test.want, test.fields)
		}
	}
}
