package enroll_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const number = "+491701234567"

var confirmByPhone = user.By(user.Confirm, org.SMS)

// entitle changes what the organisation may have.
func (f *fixture) entitle(change func(e *org.Entitlements)) {
	f.t.Helper()
	o := f.snapshot(eve).Organization
	o.Rev++
	change(&o.Entitlements)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

// texting is a world in which SMS go to Germany and Austria, and may be chosen.
func texting(t *testing.T) *fixture {
	f := newFixture(t)
	f.entitle(func(e *org.Entitlements) { e.SMS, e.SMSCountries = true, "AT,DE" })
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.SMS} })
	return f
}

func byPhone(typed string) enroll.Answer {
	return enroll.Answer{Method: string(org.SMS), Phone: typed}
}

func (f *fixture) addPhone(secret []byte, typed string) (enroll.Pending, error) {
	f.t.Helper()
	f.Clock.Advance(user.SendInterval)
	return f.Enroll.Add(f.t.Context(), f.Application, proofOf(subject(eve), f.Code(f.t, secret)), org.SMS, typed)
}

// phoned gives an enrolled eve one more number.
func (f *fixture) phoned(secret []byte, typed string) enroll.Authenticator {
	f.t.Helper()
	_, err := f.addPhone(secret, typed)
	f.must(err)
	a, err := f.confirm(f.mailed(confirmByPhone), "")
	f.must(err)
	return a
}

func TestEnrollingByPhone(t *testing.T) {
	f := texting(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	f.codes()
	a, err := f.take(token, byPhone("+49 170 / 123-45 67"))
	f.must(err)
	if a.Next.Do != login.DoConfirm || a.Next.SentTo != "+49 ••• ••67" || a.Next.Setup != nil || f.codes() != 1 {
		t.Errorf("next: %+v", a.Next)
	}
	wrong := otherDigits(f.mailed(confirmByPhone))
	_, err = f.take(token, coded(wrong))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	a, err = f.take(token, coded(f.mailed(confirmByPhone)))
	f.must(err)
	if claims := f.claims(a); claims.Class != login.ClassSMS || len(a.RecoveryCodes) != 10 {
		t.Errorf("claims %+v", claims)
	}
	x := f.Factors(t, eve)
	got := x.Authenticators[0]
	opened, err := f.Keys.Open(got.Secret, user.PhoneUse(storetest.Organization, eve, got.ID))
	f.must(err)
	same, err := factor.SameAddress(f.Keys, got.Digest, number)
	f.must(err)
	if got.Method != org.SMS || string(opened) != number || !same || got.Country != "DE" {
		t.Errorf("stored as %+v", got)
	}
	for _, e := range f.events(audit.UserEnrolled) {
		for name, detail := range e.Details {
			if strings.Contains(detail, "1234567") {
				t.Errorf("an event tells the number as %s", name)
			}
		}
	}
}

// What is refused is refused before anything is sent, and changes nothing.
func TestNumbersThatSMSDoNotGoTo(t *testing.T) {
	f := texting(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	f.untouched(func() {
		for typed, want := range map[string]error{
			"": enroll.ErrPhone, "0170 1234567": enroll.ErrPhone, "+49 170 1234567, +49 170 1234568": enroll.ErrPhone, "+1 900 555 0123": enroll.ErrPhone,
			"+33 612345678": org.ErrCountry, "+1 876 555 0123": org.ErrCountry, "+44 7797 712345": org.ErrCountry,
		} {
			_, err := f.take(token, byPhone(typed))
			refused(t, typed, err, want)
		}
	})
	for name, change := range map[string]func(){
		"narrowed by the policy": func() { f.policy(func(p *org.Policy) { p.SMSCountries = "AT" }) },
		"entitled no more":       func() { f.entitle(func(e *org.Entitlements) { e.SMSCountries = "AT" }) },
	} {
		change()
		f.untouched(func() {
			_, err := f.take(token, byPhone(number))
			refused(t, name, err, org.ErrCountry)
		})
	}
	f.entitle(func(e *org.Entitlements) { e.SMS = false })
	f.untouched(func() {
		_, err := f.take(token, byPhone(number))
		refused(t, "not entitled", err, enroll.ErrMethod)
	})
}

// A number that was mistyped is typed again, at once; the code that went to the first is void.
func TestAnotherNumberVoidsTheCodeOfTheFirst(t *testing.T) {
	f := texting(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	_, err := f.take(token, byPhone(number))
	f.must(err)
	first := f.mailed(confirmByPhone)
	f.codes()
	_, err = f.take(token, byPhone("+49 170 7654321"))
	f.must(err)
	if f.codes() != 1 {
		t.Error("nothing went to the second number")
	}
	_, err = f.take(token, coded(first))
	refused(t, "the first number's code", err, enroll.ErrRefused)
	_, err = f.take(token, byPhone("+49 170 7654321"))
	f.must(err)
	if f.codes() != 0 {
		t.Error("the same number got a second code at once")
	}
	_, err = f.take(token, coded(f.mailed(confirmByPhone)))
	f.must(err)
}

func TestTwoNumbersAtMost(t *testing.T) {
	f := texting(t)
	secret := f.Enrolled(t, eve)
	first := f.phoned(secret, number)
	if first.SentTo != "+49 ••• ••67" {
		t.Errorf("shown as %s", first.SentTo)
	}
	_, err := f.addPhone(secret, "+49 (170) 1234567")
	refused(t, "the same again", err, enroll.ErrHasPhone)
	second := f.phoned(secret, "+43 664 1234568")
	f.Clock.Advance(user.SendWindow)
	_, err = f.addPhone(secret, "+43 664 1234569")
	refused(t, "a third", err, enroll.ErrPhones)
	all, err := f.Enroll.Authenticators(t.Context(), f.Application, subject(eve))
	f.must(err)
	if len(all) != 3 || all[1].SentTo != first.SentTo || all[2].SentTo != "+43 ••• ••68" {
		t.Errorf("shown as %+v", all)
	}
	// A proof goes to the one that is named, and answering another within the minute is no repetition.
	sent, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.RenewCodes, org.SMS, second.ID)
	f.must(err)
	if sent.To != "+43 ••• ••68" {
		t.Errorf("sent to %s", sent.To)
	}
	_, err = f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.RenewCodes, org.SMS, first.ID)
	refused(t, "the other number at once", err, user.ErrTooSoon)
	code := f.mailed(user.By(user.RenewCodes, org.SMS))
	f.must(f.Enroll.Remove(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)), second.ID))
	_, err = f.Enroll.RenewCodes(t.Context(), f.Application, enroll.Request{Of: subject(eve), Proof: enroll.Proof{Method: org.SMS, Code: code}})
	refused(t, "the removed number's code", err, enroll.ErrProofRefused)
}

// What was withdrawn since sends nothing from the next order on; what it was is told.
func TestOrdersAfterACountryWasWithdrawn(t *testing.T) {
	for name, c := range map[string]struct {
		given func(f *fixture)
		want  error
	}{
		"the country":     {func(f *fixture) { f.entitle(func(e *org.Entitlements) { e.SMSCountries = "AT" }) }, org.ErrCountry},
		"by the policy":   {func(f *fixture) { f.policy(func(p *org.Policy) { p.SMSCountries = "AT" }) }, org.ErrCountry},
		"the entitlement": {func(f *fixture) { f.entitle(func(e *org.Entitlements) { e.SMS = false }) }, org.ErrNotAvailable},
	} {
		f := texting(t)
		secret := f.Enrolled(t, eve)
		f.phoned(secret, number)
		_, err := f.addPhone(secret, "+49 170 7654321")
		f.must(err)
		f.Clock.Advance(user.SendInterval)
		c.given(f)
		f.untouched(func() {
			_, err := f.Enroll.OrderProof(t.Context(), f.Application, subject(eve), user.RenewCodes, org.SMS, "")
			refused(t, name+": a proof", err, c.want)
			_, err = f.Enroll.ResendConfirmation(t.Context(), f.Application, subject(eve))
			refused(t, name+": once more", err, c.want)
		})
	}
}

func TestAConfirmationIsSentOnceMore(t *testing.T) {
	f := texting(t)
	secret := f.Enrolled(t, eve)
	_, err := f.addPhone(secret, number)
	f.must(err)
	f.codes()
	f.Clock.Advance(user.SendInterval + time.Second)
	sent, err := f.Enroll.ResendConfirmation(t.Context(), f.Application, subject(eve))
	f.must(err)
	if sent.To != "+49 ••• ••67" || f.codes() != 1 {
		t.Errorf("sent %+v", sent)
	}
	_, err = f.confirm(f.mailed(confirmByPhone), "Phone")
	f.must(err)
}

func TestKeysThatAreAwayAddNoNumber(t *testing.T) {
	f := texting(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	broken := *f.Enroll
	broken.Contacts = downKeys{}
	f.untouched(func() {
		_, err := broken.Answer(t.Context(), f.Application, enroll.Answer{Login: token, Method: string(org.SMS), Phone: number})
		unavailable(t, "no key", err)
	})
}

// downKeys are keys that cannot be reached.
type downKeys struct{}

func (downKeys) Seal(_, _ []byte) ([]byte, error) { return nil, errors.New("down") }
func (downKeys) Open(_, _ []byte) ([]byte, error) { return nil, errors.New("down") }
