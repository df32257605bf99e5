package httpapi

import "twofold/pkg/user"

// oneLine reports whether a text that people will read, in mails and in the audit, is one plain line.
func oneLine(s string) bool { return user.OneLine(s) }
