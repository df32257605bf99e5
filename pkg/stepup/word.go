package stepup

import (
	"twofold/pkg/factor"
	"twofold/pkg/fault"
)

// Way is how an administrator gives the second word.
type Way string

// The ways. Whichever is taken, the code was mailed: the mail is the warning, too.
const (
	ByEmail Way = "email" // the code mailed for the change
	ByTOTP  Way = "totp"  // a code of the authenticator that the administrator has as a user
)

// Word is a second word as it was typed.
type Word struct {
	By   Way // empty: ByEmail
	Code string
}

// The refusals of a word that cannot be one.
var (
	ErrCode = fault.New(fault.Unprocessable, "code_malformed", "A code has eight digits.").At("code")
	errTOTP = fault.New(fault.Unprocessable, "code_malformed", "A code of an authenticator has six digits.").At("code")
)

// Read normalises a word: ErrCode if it cannot be one. It is asked before anything is read.
func (w Word) Read() (Word, error) {
	digits, malformed := factor.MailedDigits, ErrCode
	if w.By == ByTOTP {
		digits, malformed = factor.TOTPDigits, errTOTP
	}
	code, ok := factor.Digits(w.Code, digits)
	if !ok {
		return Word{}, malformed
	}
	return Word{By: w.By, Code: code}, nil
}
