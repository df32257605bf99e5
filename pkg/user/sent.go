package user

import (
	"slices"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Keys open and derive what codes are judged by.
type Keys struct {
	Secrets Opener     // authenticators' secrets
	Codes   factor.PRF // codes that are sent
}

// AcceptSent tries a code that was sent for a purpose to an address, named by its digest. A code that was sent to another one is
// void. The right one is used up in f, which must be stored before anyone hears of it; of a wrong one f is not to be kept.
func (f *Factors) AcceptSent(codes factor.PRF, p Purpose, login string, digest []byte, code string, now time.Time) (bool, error) {
	c, open := f.Open(p, login, now)
	if !open || !slices.Equal(c.Address, digest) {
		return false, nil
	}
	want, err := factor.MailedCode(codes, c.KeyID, f.Mailed(c))
	if err != nil {
		return false, fault.Down(err)
	}
	f.Drop(p)
	return factor.Equal(want, code), nil
}

// Reach is where codes of a method go at now, as the digest of the address, and by which authenticator: the one with the id or,
// where that is empty, the first of the method whose codes arrive, as far as is known, or the first. False where the user has no such.
func Reach(p Profile, f Factors, m org.Method, id string, now time.Time) (Authenticator, []byte, bool) {
	a, found := f.Of(m)
	if at := slices.IndexFunc(f.Authenticators, func(a Authenticator) bool { return a.Method == m && !p.Silent(a) }); at >= 0 {
		a = f.Authenticators[at]
	}
	if id != "" {
		a, found = f.Authenticator(id)
	}
	if !found || a.Method != m || !Mails(m) {
		return Authenticator{}, nil, false
	}
	if m == org.Email {
		address := p.Recovery(now)
		return a, address.Digest, address.Known()
	}
	return a, a.Digest, true
}

// Accept tries a code of a method that was given for an act, by a login or, where that is empty, as a fresh proof. The
// right one is used up in f, with AcceptSent's duty to store it.
func (f *Factors) Accept(k Keys, p Profile, a Act, m org.Method, login, code string, now time.Time) (bool, error) {
	if !Mails(m) {
		step, err := f.AcceptTOTP(k.Secrets, code, now)
		return step != 0, err
	}
	sent, open := f.Open(By(a, m), login, now)
	if !open {
		return false, nil
	}
	for _, each := range f.Authenticators {
		_, digest, reached := Reach(p, *f, m, each.ID, now)
		if !reached || !slices.Equal(digest, sent.Address) {
			continue
		}
		right, err := f.AcceptSent(k.Codes, By(a, m), login, digest, code, now)
		if right {
			f.Use(each.ID, now)
		}
		return right, err
	}
	return false, nil
}

// CodeOf reads a code of a method as people type it; false where it cannot be one.
func CodeOf(m org.Method, typed string) (string, bool) {
	if Mails(m) {
		return factor.Digits(typed, factor.MailedDigits)
	}
	return factor.Digits(typed, factor.TOTPDigits)
}
