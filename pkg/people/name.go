package people

import (
	"strings"
	"unicode/utf8"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

const (
	maxID     = 48  // bytes
	maxName   = 80  // characters
	maxUserID = 128 // bytes
)

// The refusals of what somebody calls an administrator, an application, a reader or a key. Whoever reads requests says where it was.
var (
	ErrID    = fault.New(fault.Unprocessable, "invalid_id", "An id is 1 to 48 letters, digits, dots, underscores and hyphens of ASCII, and begins with a letter or a digit.").At("id")
	ErrName  = fault.New(fault.Unprocessable, "invalid_name", "A name is one line of at most 80 characters.").At("name")
	ErrTaken = fault.New(fault.Conflict, "id_taken", "There is one with this id already.").At("id")
)

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	marks   = "._-"
)

// ID reports whether an administrator, an application, a reader or a key can have an id. Nobody has any other, so whoever is asked for one need
// not look.
func ID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsAny(s[:1], marks) && strings.Trim(s, letters+marks) == ""
}

// checkName refuses a name that is none; empty is no name.
func checkName(name string) error {
	if name != "" && (!user.OneLine(name) || utf8.RuneCountInString(name) > maxName) {
		return ErrName
	}
	return nil
}
