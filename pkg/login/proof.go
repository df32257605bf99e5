package login

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Authenticator class references, `acr`: what kind of proof it was. A recovery is labelled as what it is, and so are codes by
// mail and by SMS: NIST SP 800-63B-4 §3.1.3 has no place for the first, and restricts the second.
const (
	ClassTOTP     = "urn:twofold:acr:totp"
	ClassEmail    = "urn:twofold:acr:email"
	ClassSMS      = "urn:twofold:acr:sms"
	ClassRecovery = "urn:twofold:acr:recovery"
)

// Signer makes an assertion's text.
type Signer interface {
	Sign(ctx context.Context, a Assertion) (string, error)
}

// MAC tags data so that only the holder of the key can make or check a tag.
type MAC interface {
	MAC(data []byte) ([]byte, error)
	VerifyMAC(tag, data []byte) error
}

// Authorize judges the caller and hides what the key may not know of. It comes after the reads,
// so that an organisation of somebody else and one that does not exist cost and say the same.
func Authorize(s Snapshot, c access.Caller, rule access.Rule, organization string, now time.Time) error {
	if err := access.Authorize(s.Key, c.Credential, rule, organization, now); err != nil {
		return err
	}
	if s.Organization == nil {
		return access.ErrNotFound
	}
	return nil
}

// Success makes the memory of a proof by way ("totp" or a way back), tagged for retries
// of the same code with the same idempotency key. Without a key there are no retries. id becomes the assertion's.
func (l Login) Success(m MAC, id, code, idempotencyKey, way string, policyVersion int64, now time.Time) (user.Success, error) {
	success := user.Success{ID: id, At: now.Truncate(time.Second), Way: way, PolicyVersion: policyVersion}
	if idempotencyKey == "" {
		return success, nil
	}
	tag, err := m.MAC(l.retry(code, idempotencyKey))
	if err != nil {
		return success, fault.Down(err)
	}
	success.Tag = tag
	return success, nil
}

// Taker tags a request for what a return code stands for.
func (l Login) Taker(m MAC, code, idempotencyKey string) ([]byte, error) {
	tag, err := m.MAC(l.retry(code, idempotencyKey))
	if err != nil {
		return nil, fault.Down(err)
	}
	return tag[:user.TakenBytes], nil
}

// Repeated finds the success that this very request had before, when its reply was lost.
func (l Login) Repeated(m MAC, f user.Factors, code, idempotencyKey string) (user.Success, bool) {
	if idempotencyKey == "" {
		return user.Success{}, false
	}
	for _, s := range f.Successes {
		if len(s.Tag) > 0 && m.VerifyMAC(s.Tag, l.retry(code, idempotencyKey)) == nil {
			return s, true
		}
	}
	return user.Success{}, false
}

func (l Login) retry(code, key string) []byte {
	h := sha256.New()
	for _, part := range []string{l.Application, l.ID, code, key} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// Proven is the decision that a success has led to.
func Proven(s user.Success) decision.Decision {
	return decision.Decision{
		Status: decision.Complete, Reason: decision.MethodsAllowed, Rule: decision.RuleVerify,
		PolicyVersion: s.PolicyVersion, Asserts: true,
	}
}

// Enrolling is the decision that a success has led to which buys an enrolment only: of whoever took a way back, or proved a method
// that is not allowed any more.
func Enrolling(s user.Success) decision.Decision {
	d := decision.Decision{Status: decision.Enroll, Rule: decision.RuleOldMethod, Reason: decision.MethodNotAllowed, PolicyVersion: s.PolicyVersion, Asserts: true}
	if IsWayBack(s.Way) {
		d.Rule, d.Reason = decision.RuleRecovered, decision.Recovered
	}
	return d
}

// Assertion is what a success proves to the application of this login.
func (l Login) Assertion(s user.Success) Assertion {
	a := Assertion{
		Audience: l.Audience, Subject: l.User, Organization: l.Organization, ID: s.ID, Nonce: l.Nonce,
		AuthTime: s.At, IssuedAt: s.At, ExpiresAt: s.At.Add(AssertionLife),
		PolicyVersion: s.PolicyVersion,
	}
	a.Methods, a.Class = references(s.Way)
	if IsWayBack(s.Way) {
		a.Recovery = s.Way
	}
	return a
}

// references are `amr` and `acr` of a way. RFC 8176 §2 has otp and sms, and no value for mail or for a way back.
func references(way string) (methods []string, class string) {
	switch {
	case IsWayBack(way):
		return []string{"otp", "recovery"}, ClassRecovery
	case way == string(org.Email):
		return []string{"otp", "email"}, ClassEmail
	case way == string(org.SMS):
		return []string{"otp", "sms"}, ClassSMS
	}
	return []string{"otp"}, ClassTOTP
}
