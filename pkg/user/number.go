package user

import (
	"slices"

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

// Silent reports whether the owner of an authenticator's number wants no SMS, as far as is known.
func (p Profile) Silent(a Authenticator) bool {
	return a.Method == org.SMS && p.NumberMark(a.Digest).Why == OptedOut
}

// TextsStop reports whether the user has numbers, and the owners of all of them want no SMS.
func (p Profile) TextsStop(f Factors) bool {
	stop := false
	for _, a := range f.Authenticators {
		if a.Method == org.SMS {
			if !p.Silent(a) {
				return false
			}
			stop = true
		}
	}
	return stop
}
