package dynamo

import (
	"testing"

	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// What is packed often is packed short, and comes back as it was, whichever version wrote it.
func TestEveryWordComesBack(t *testing.T) {
	words := []string{"", "recover", "recovery", "enroll", "bypass", "a word of another version"}
	var frequent []string
	for _, m := range []org.Method{org.TOTP, org.Email, org.SMS} {
		frequent = append(frequent, string(m))
	}
	for _, w := range []login.WayBack{login.MailedRecovery, login.SavedRecovery, login.Bypass} {
		frequent = append(frequent, string(w))
	}
	for _, a := range append(user.Changes(), user.SignIn, user.Confirm) {
		frequent = append(frequent, string(user.By(a, org.Email)), string(user.By(a, org.SMS)))
	}
	seen := map[string]string{}
	for _, word := range frequent {
		short := shortened(word)
		if len(short) > 2 {
			t.Errorf("%q is packed as %q", word, short)
		}
		if other, twice := seen[short]; twice {
			t.Errorf("%q and %q are both packed as %q", word, other, short)
		}
		seen[short] = word
	}
	for _, word := range append(words, frequent...) {
		if got := lengthened(shortened(word)); got != word {
			t.Errorf("%q comes back as %q", word, got)
		}
	}
}
