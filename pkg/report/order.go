package report

import (
	"strings"
	"unicode/utf8"

	"twofold/pkg/user"
)

// Sort is what the enrolment report is ordered by.
type Sort string

// The orders that an index holds.
const (
	ByUser      Sort = "user"
	ByEmail     Sort = "email"
	ByTwoFactor Sort = "has_two_factor" // those without one first; it is the order ByEnrolled
	ByMethod    Sort = "method"         // by the default method; those who have none first
	ByEnrolled  Sort = "enrolled_at"    // those without a second factor first, then by date
	ByVerified  Sort = "last_verified"  // those who never verified first, then by day
)

// Sorts are all orders of an organisation's users.
func Sorts() []Sort { return []Sort{ByUser, ByEmail, ByTwoFactor, ByMethod, ByEnrolled, ByVerified} }

// SystemSorts are the orders of the users of all organisations.
func SystemSorts() []Sort { return []Sort{ByUser, ByTwoFactor, ByEnrolled, ByVerified} }

// Everyone stands for all organisations, where a store is asked for users.
const Everyone = ""

// What the value of an order begins with, of those who have not what it orders by and of those who have.
const (
	Without = "0#"
	With    = "1#"
)

// Value is what an order sorts a user by. It ends with the user's id, so that no two users of an organisation have the
// same.
func (s Sort) Value(p user.Profile) string {
	switch s {
	case ByEmail:
		return strings.ToLower(p.Email) + "#" + p.User
	case ByMethod:
		return method(p) + "#" + p.User
	case ByTwoFactor, ByEnrolled:
		if !p.EnrolledAt.IsZero() {
			return With + p.EnrolledAt.UTC().Format(PlaceLayout) + "#" + p.User
		}
		return Without + p.User
	case ByVerified:
		if p.Facts.VerifiedOn != "" {
			return With + string(p.Facts.VerifiedOn) + "#" + p.User
		}
		return Without + p.User
	}
	return p.User
}

// SystemValue is what an order of the users of all organisations sorts one by. No two are the same, because the id of an
// organisation holds no '#'.
func (s Sort) SystemValue(p user.Profile) string { return s.Value(p) + "#" + p.Organization }

// method is the default method; empty where there is none.
func method(p user.Profile) string {
	if len(p.Methods) == 0 {
		return ""
	}
	return string(p.Methods[0])
}

// Span is a part of an order: values from one on, up to another and without it. An empty end is open.
type Span struct {
	From string
	To   string
}

// Holds reports whether a value is in the span.
func (s Span) Holds(value string) bool {
	return value >= s.From && (s.To == "" || value < s.To)
}

// beginning is the span of all values that begin with a prefix. Text is ordered by its UTF-8, which is the order of its code points.
func beginning(prefix string) Span {
	for rest := prefix; rest != ""; {
		last, size := utf8.DecodeLastRuneInString(rest)
		rest = rest[:len(rest)-size]
		switch {
		case last == utf8.MaxRune: // nothing comes behind it: the text before it decides
			continue
		case last == 0xD7FF: // what follows is no text of its own
			last = 0xDFFF
		}
		return Span{From: prefix, To: rest + string(last+1)}
	}
	return Span{From: prefix}
}
