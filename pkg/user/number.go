package user

import (
	"slices"
	"time"

	"twofold/pkg/org"
)

// NumberMark is the mark of an authenticator's telephone number, by its digest.
func (p Profile) NumberMark(digest []byte) Mark {
	if len(digest) == 0 {
		return Mark{}
	}
	return p.mark(Mark{Digest: digest, Number: true})
}

// Unmark takes the mark away that the address or number of m has.
func (p *Profile) Unmark(m Mark) {
	p.Marks = slices.DeleteFunc(slices.Clone(p.Marks), m.sameAddress)
}

// unmarkNumbers forgets what is known of numbers that no authenticator has any more.
func (p *Profile) unmarkNumbers(f Factors) {
	p.Marks = slices.DeleteFunc(slices.Clone(p.Marks), func(m Mark) bool {
		return m.Number && !slices.ContainsFunc(f.Authenticators, func(a Authenticator) bool { return slices.Equal(a.Digest, m.Digest) })
	})
	if len(p.Marks) == 0 {
		p.Marks = nil
	}
}

// Silent reports whether codes of an authenticator do not arrive, as far as is known: its address or number is one that nothing is sent
// to, or wants nothing.
func (p Profile) Silent(a Authenticator, now time.Time) bool {
	switch a.Method {
	case org.Email:
		return p.RecoveryMark(now).Stops()
	case org.SMS:
		return p.NumberMark(a.Digest).Why == OptedOut
	}
	return false
}

// Unreachable are the methods of a user none of whose codes arrive.
func (p Profile) Unreachable(f Factors, now time.Time) []org.Method {
	var silent []org.Method
	for _, m := range f.Methods() {
		if !slices.ContainsFunc(f.Authenticators, func(a Authenticator) bool { return a.Method == m && !p.Silent(a, now) }) {
			silent = append(silent, m)
		}
	}
	return silent
}
