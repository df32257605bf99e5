package access

import "time"

// Administrators is the organisation whose users are the administrators of all organisations, and of the vendor: their second factors are
// what everybody's are. The console makes it when somebody first signs in, and nobody else does.
const Administrators = "twofold"

// How long somebody stays signed in to the console: for a working day, and for an hour without doing anything (NIST SP 800-63B-4 §2.2.3 has
// a day and an hour).
const (
	ConsoleLife = 8 * time.Hour
	ConsoleIdle = time.Hour
)

// ConsoleKey is the key of these bytes (DerivedKey) that an administrator's session in the console is. It is like any key of the holder's, but that it
// ends soon, and nobody is shown its text.
func ConsoleKey(role Role, raw []byte, now time.Time) (Key, Credential, error) {
	k, c, err := DerivedKey(role, raw, now)
	k.Console, k.ExpiresAt = true, now.Add(ConsoleLife)
	return k, c, err
}

// Of makes the key an administrator's of a home, with what that administrator may.
func (k Key) Of(home, administrator string, permissions []string) Key {
	k.Holder = administrator
	if home == VendorHome {
		k.Vendor, k.Everywhere = true, true
		return k
	}
	k.Organizations = []string{home}
	var may []Permission
	for _, p := range permissions {
		may = append(may, Permission(p))
	}
	return k.Under(may)
}

// Allows reports whether a rule would let the key's holder do something, in an organisation that the key reaches: for whoever asks what to
// offer. Authorize decides.
func (k *Key) Allows(r Rule) bool { return k.within(r) == nil }
