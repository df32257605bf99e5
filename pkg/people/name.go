package people

import (
	"unicode/utf8"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

const (
	maxName   = 80  // characters
	maxUserID = 128 // bytes
)

// The refusals of what somebody calls an administrator, an application, a reader or a key. Whoever reads requests says where it was.
var (
	ErrID    = fault.New(fault.Unprocessable, "invalid_id", "An id is 1 to 48 letters, digits, dots, underscores and hyphens of ASCII, and begins with a letter or a digit.").At("id")
	ErrName  = fault.New(fault.Unprocessable, "invalid_name", "A name is one line of at most 80 characters.").At("name")
	ErrTaken = fault.New(fault.Conflict, "id_taken", "There is one with this id already.").At("id")
)

// checkName refuses a name that is none; empty is no name.
func checkName(name string) error {
	if name != "" && (!user.OneLine(name) || utf8.RuneCountInString(name) > maxName) {
		return ErrName
	}
	return nil
}
