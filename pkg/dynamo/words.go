package dynamo

// shorts stand in packed elements for words that would make the factors item cost a second write unit. A word that is not
// among them stands as it is, so earlier versions' are read too. None may be removed or given another meaning.
var shorts = map[string]string{
	"totp": "t", "email": "e", "sms": "s",
	"recovery_email": "r", "recovery_code": "c", "bypass_code": "b",
	"sign_in/email": "ie", "sign_in/sms": "is",
	"confirm/email": "ce", "confirm/sms": "cs",
	"add_authenticator/email": "ae", "add_authenticator/sms": "as",
	"remove_authenticator/email": "me", "remove_authenticator/sms": "ms",
	"renew_recovery_codes/email": "re", "renew_recovery_codes/sms": "rs",
	"change_recovery_email/email": "ve", "change_recovery_email/sms": "vs",
	"app_passwords/email": "pe", "app_passwords/sms": "ps",
	"disable/email": "oe", "disable/sms": "os",
}

var longs = func() map[string]string {
	words := make(map[string]string, len(shorts))
	for word, short := range shorts {
		words[short] = word
	}
	return words
}()

func shortened(word string) string {
	if short, known := shorts[word]; known {
		return short
	}
	return word
}

func lengthened(stored string) string {
	if word, known := longs[stored]; known {
		return word
	}
	return stored
}
