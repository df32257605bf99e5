package user

import "twofold/pkg/org"

// MaxPhones are a user's numbers that SMS go to, at most.
const MaxPhones = 2

// PhoneUse is the associated data that a telephone number is sealed with: it opens for this authenticator of this user only. Numbers
// are sealed as recovery emails are, by the keys of addresses, since the mailer must open them and may open no other secret.
func PhoneUse(organization, user, authenticator string) []byte {
	return sealedFor("phone", organization, user, authenticator)
}

// Phones counts the numbers that SMS go to.
func (f Factors) Phones() int {
	n := 0
	for _, a := range f.Authenticators {
		if a.Method == org.SMS {
			n++
		}
	}
	return n
}
