package account_test

import (
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// dialled adds a phone, with a proof by the app.
func (f *fixture) dialled(p visitor.Page, number string) visitor.Page {
	f.t.Helper()
	f.Clock.Advance(user.SendInterval)
	p = f.opens(p, "/add?by=totp").Sees(200, "Phone number, for codes by SMS")
	p = f.Follow(f.proven(p, "add", "method", "sms", "phone", number)).Sees(200, "Confirm your phone")
	return f.Follow(f.Post(p, "confirm", "code", f.code(user.By(user.Confirm, org.SMS)))).Sees(200, "The method is added.")
}

// Of two phones either gets a code for one change, and neither page asks for what went to the other.
func TestPhones(t *testing.T) {
	f, p := settled(t)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.SMS} })
	p = f.opens(p, "/add")
	p = f.proven(p, "add", "method", "sms", "phone", "12").Sees(422, "This is not a phone number with its country code.")
	if !strings.Contains(p.HTML, `value="12"`) {
		t.Error("what was typed is lost")
	}
	f.proven(p, "add", "method", "sms", "phone", "+33612345678").Sees(422, "Your organisation sends no SMS to this country.")
	p = f.dialled(p, "+4915112345678")
	p = f.dialled(p, "+4915187654321")
	phones := f.Factors(t, eve).Authenticators[1:]
	one, other := "/codes?by="+phones[0].ID, "/codes?by="+phones[1].ID
	f.Clock.Advance(user.SendInterval)
	f.Follow(f.Post(f.opens(p, one).Sees(200, "78. It is good for this change only"), "send")).Sees(200, "We have sent a code to", "Send another code")
	if asks := f.opens(p, other); strings.Contains(asks.HTML, `name="code"`) {
		t.Error("a code is asked for that went to the other phone")
	}
	f.Post(f.opens(p, one), "codes", "code", f.code(user.By(user.RenewCodes, org.SMS))).Sees(200, "Keep these new recovery codes")
	if full := f.opens(p, "/add"); strings.Contains(full.HTML, `value="sms"`) {
		t.Error("a third phone is offered")
	}
	f.Clock.Advance(time.Hour)
	f.opens(p, "").Sees(410)
}
