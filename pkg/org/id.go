package org

import "strings"

// MaxID is how long an id is at most, in bytes.
const MaxID = 48

// ID reports whether a text can be the id of an organisation, or of somebody who acts for one: up to MaxID letters, digits, '.', '_' and '-' of ASCII,
// of which the first is a letter or a digit.
func ID(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return s != "" && len(s) <= MaxID && strings.ContainsRune(letters, rune(s[0])) && strings.Trim(s, letters+"._-") == ""
}
