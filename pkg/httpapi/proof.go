package httpapi

import (
	"twofold/pkg/enroll"
	"twofold/pkg/org"
)

// proofSent is a fresh proof: a code that the user gives for this very change.
type proofSent struct {
	Method string `json:"method" enum:"totp"`
	Code   string `json:"code" minLength:"1" maxLength:"64"`
}

func (p proofSent) request(of enroll.Subject, key IdempotencyKey) enroll.Request {
	return enroll.Request{Of: of, Proof: enroll.Proof{Method: org.Method(p.Method), Code: p.Code}, IdempotencyKey: string(key)}
}
