package dynamo

import (
	"encoding/base64"
	"strings"

	"twofold/pkg/user"
)

// The first word of a mark says whose it is: the login address, which follows in clear as it stands on the profile, or a recovery email or
// an authenticator's number, of which the digest does.
const (
	ofLogin    = "login"
	ofRecovery = "recovery"
	ofNumber   = "number"
)

// markWords writes marks as "<whose>#<why>#<time>#<address or digest>".
func markWords(marks []user.Mark) []string {
	var all []string
	for _, m := range marks {
		whose, address := ofLogin, m.Email
		if m.Email == "" {
			whose, address = ofRecovery, base64.RawURLEncoding.EncodeToString(m.Digest)
		}
		if m.Number {
			whose = ofNumber
		}
		all = append(all, strings.Join([]string{whose, string(m.Why), momentText(m.Since), address}, "#"))
	}
	return all
}

func marksOf(words []string, f fields) []user.Mark {
	var all []user.Mark
	for _, word := range words {
		parts := strings.SplitN(word, "#", 4)
		if len(parts) != 4 {
			f.fail("marks", "is no mark")
			return nil
		}
		m := user.Mark{Why: user.Why(parts[1]), Since: f.parsed("marks", parts[2]), Email: parts[3]}
		if parts[0] == ofRecovery || parts[0] == ofNumber {
			var err error
			m.Email, m.Number = "", parts[0] == ofNumber
			if m.Digest, err = base64.RawURLEncoding.DecodeString(parts[3]); err != nil {
				f.fail("marks", "is no mark")
				return nil
			}
		}
		all = append(all, m)
	}
	return all
}
