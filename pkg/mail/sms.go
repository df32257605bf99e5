package mail

import (
	"bytes"
	"context"
	"errors"

	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/phone"
	"twofold/pkg/user"
)

// Text is one SMS to one person.
type Text struct {
	From string // an origination identity of the organisation's own; empty: the deployment's
	To   string // E.164
	Body string // one line
	Tag  string // what kind it is, for the provider's statistics: no personal data
	Of   string // the delivery.ID, so that what the provider tells of it later finds its way back
}

// ErrOptedOut says that the owner of the number wants no SMS from where this one was to come from: it was not taken, and will not be
// until the number has opted in again.
var ErrOptedOut = errors.New("the number has opted out")

// Texter hands an SMS to the provider. An error that is ErrRejected or ErrOptedOut is final; any other is transient.
type Texter interface {
	Text(ctx context.Context, t Text) error
}

// text sends a code to the number that it was ordered for, if that is still one of the user's and SMS still go there, within the
// budgets. Beyond them it is not sent, and not tried again: whoever pays would pay for a swindler, and mail and apps go on.
func (s *Service) text(ctx context.Context, o Organization, v voice, p user.Profile, f user.Factors, c user.Challenge, id string) error {
	now := s.Now()
	to, err := s.number(c, f)
	if err != nil {
		return err
	}
	if to == "" || o.CheckSMS(to.Country()) != nil {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	code, err := factor.MailedCode(s.Codes, c.KeyID, f.Mailed(c))
	if err != nil {
		return fault.Down(err)
	}
	spending, err := s.spending(o.Organization, to, now)
	if err != nil {
		return err
	}
	if claim, err := s.claim(ctx, o.ID, id, spending, now); err != nil || claim != Granted {
		return err
	}
	patient, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	err = s.Texts.Text(patient, Text{
		From: o.Entitlements.SMSOrigination, To: string(to), Body: codeText(v, c.Purpose, code), Tag: tagOf(c.Purpose), Of: id,
	})
	if errors.Is(err, ErrOptedOut) {
		if unwritten := s.optedOut(ctx, p, c); unwritten != nil {
			err = unwritten // nothing was sent, and the service is asked again
		}
	}
	if marked := s.handed(ctx, o.ID, id, err, s.Now()); marked != nil || err != nil {
		return marked
	}
	return s.optedIn(ctx, p, c)
}

// number finds where a challenge's SMS goes: only ever to the number of an authenticator, or of the one that waits to be confirmed.
// Empty: there is no such number any more.
func (s *Service) number(c user.Challenge, f user.Factors) (phone.Number, error) {
	sealed, authenticator := numbered(c, f)
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.Contacts.Open(sealed, user.PhoneUse(f.Organization, f.User, authenticator))
	if err != nil {
		return "", fault.Down(err)
	}
	same, err := factor.SameAddress(s.Codes, c.Address, string(plain))
	if err != nil {
		return "", fault.Down(err)
	}
	if !same {
		return "", nil
	}
	return phone.Number(plain), nil
}

// numbered finds the sealed number that a challenge may have gone to, and whose it is.
func numbered(c user.Challenge, f user.Factors) (sealed []byte, authenticator string) {
	if c.Purpose.Act() == user.Confirm {
		if e := f.Enrollment; e != nil && e.Of() == org.SMS {
			return e.Secret, e.AuthenticatorID
		}
		return nil, ""
	}
	for _, a := range f.Authenticators {
		if a.Method == org.SMS && bytes.Equal(a.Digest, c.Address) {
			return a.Secret, a.ID
		}
	}
	return nil, ""
}
