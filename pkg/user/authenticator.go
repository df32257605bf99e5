package user

import (
	"slices"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/org"
)

// MaxAuthenticators are active for one user at once.
const MaxAuthenticators = 6

// Mails reports whether codes of a method are sent to the user: they are ordered before they can be answered.
func Mails(m org.Method) bool { return m == org.Email || m == org.SMS }

// Authenticator finds one by its id.
func (f Factors) Authenticator(id string) (Authenticator, bool) {
	at := slices.IndexFunc(f.Authenticators, func(a Authenticator) bool { return a.ID == id })
	if at < 0 {
		return Authenticator{}, false
	}
	return f.Authenticators[at], true
}

// Of finds the authenticator of a method that codes are sent to: the first, which is the default one of that method.
func (f Factors) Of(m org.Method) (Authenticator, bool) {
	at := slices.IndexFunc(f.Authenticators, func(a Authenticator) bool { return a.Method == m })
	if at < 0 {
		return Authenticator{}, false
	}
	return f.Authenticators[at], true
}

// Only reports whether all authenticators are of one method: without it the user has none.
func (f Factors) Only(m org.Method) bool { return slices.Equal(f.Methods(), []org.Method{m}) }

// Remove takes an authenticator away, and what is under way by its method: a code that was sent for it proves nothing any more.
func (f *Factors) Remove(id string) {
	gone, _ := f.Authenticator(id)
	f.Authenticators = slices.DeleteFunc(f.Authenticators, func(a Authenticator) bool { return a.ID == id })
	f.Challenges = slices.DeleteFunc(f.Challenges, func(c Challenge) bool { return c.Purpose.Method() == gone.Method })
}

// Prefer makes an authenticator the default: the first.
func (f *Factors) Prefer(id string) {
	a, found := f.Authenticator(id)
	if !found {
		return
	}
	others := slices.DeleteFunc(f.Authenticators, func(o Authenticator) bool { return o.ID == id })
	f.Authenticators = append([]Authenticator{a}, others...)
}

// Use notes that an authenticator proved something at now.
func (f *Factors) Use(id string, now time.Time) {
	for i, a := range f.Authenticators {
		if a.ID == id {
			f.Authenticators[i].LastStep = factor.TOTPStep(now)
		}
	}
}

// LastUsed is when the authenticator proved something last, to the 30 seconds; zero: never.
func (a Authenticator) LastUsed() time.Time {
	if a.LastStep == 0 {
		return time.Time{}
	}
	return time.Unix(a.LastStep*int64(factor.TOTPPeriod/time.Second), 0).UTC()
}
