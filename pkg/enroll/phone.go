package enroll

import (
	"bytes"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/phone"
	"twofold/pkg/user"
)

// The refusals of a number that SMS are to go to.
var (
	ErrPhone    = fault.New(fault.Unprocessable, "invalid_phone", "This is not one telephone number in its international form, such as +49 170 1234567.").At("phone")
	ErrHasPhone = fault.New(fault.Conflict, "phone_enrolled", "SMS go to this number already.").At("phone")
	ErrPhones   = fault.New(fault.Conflict, "too_many_phones", "SMS go to two of this user's numbers already. Remove one first.").At("method")
)

// choice is the method that a user chooses, with the number as it was typed where that is SMS.
type choice struct {
	method org.Method
	phone  string
}

// number reads the number that SMS are to go to. One of a country that they do not go to is refused before anything is sent.
func (c choice) number(o org.Organization) (phone.Number, error) {
	n, ok := phone.Read(c.phone)
	if !ok {
		return "", ErrPhone
	}
	if err := o.CheckSMS(n.Country()); err != nil {
		return "", fault.As(err).At("phone")
	}
	return n, nil
}

// dial lets the pending authenticator send to a number: sealed for it alone, and named by a digest.
func (s *Service) dial(e *user.Enrollment, n phone.Number, f user.Factors) error {
	sealed, err := s.Contacts.Seal([]byte(n), user.PhoneUse(f.Organization, f.User, e.AuthenticatorID))
	if err != nil {
		return fault.Down(err)
	}
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), string(n))
	if err != nil {
		return fault.Down(err)
	}
	e.Secret, e.Digest, e.Country = sealed, digest, n.Country()
	return nil
}

// redial voids the code that went to another number than the one that waits now.
func (t *step) redial() {
	purpose := user.By(user.Confirm, org.SMS)
	if sent, live := t.f.Open(purpose, t.l.ID, t.now); live && !bytes.Equal(sent.Address, t.f.Enrollment.Digest) {
		t.f.Drop(purpose)
	}
}

// newPhone judges whether a user may have a number besides those that there are.
func (t proven) newPhone(c choice) error {
	n, err := c.number(*t.snap.Organization)
	if err != nil {
		return err
	}
	for _, a := range t.f.Authenticators {
		same, err := factor.SameAddress(t.Codes, a.Digest, string(n))
		if err != nil {
			return fault.Down(err)
		}
		if same {
			return ErrHasPhone
		}
	}
	if t.f.Phones() >= user.MaxPhones {
		return ErrPhones
	}
	return nil
}

// textable judges whether an SMS may go to an authenticator's number now. Other methods may always send.
func textable(o org.Organization, m org.Method, country string) error {
	if m != org.SMS {
		return nil
	}
	if err := o.CheckSMS(country); err != nil {
		return fault.As(err).At("method")
	}
	return nil
}

// maskedPhone opens an authenticator's number and shows enough of it to recognise it.
func (s *Service) maskedPhone(sealed []byte, organization, id, authenticator string) (string, error) {
	n, err := s.Contacts.Open(sealed, user.PhoneUse(organization, id, authenticator))
	if err != nil {
		return "", fault.Down(err)
	}
	return phone.Number(n).Mask(), nil
}
