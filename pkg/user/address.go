package user

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddress is the longest address that can be delivered to (RFC 5321 §4.5.3.1.3, without the brackets).
const maxAddress = 254

// domains reads a domain as idna.Lookup does, and holds its labels to what DNS can carry (RFC 1035 §2.3.4).
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))

// Address reads one bare email address: no display name, no list, no quoting, no comment, no control
// character. The domain is written in its ASCII form and lower case (IDNA); the local part stays as it is,
// because only its own server may judge it. Reading what it gives back changes nothing.
func Address(typed string) (string, bool) {
	s := strings.TrimSpace(typed)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxAddress || !utf8.ValidString(s) || !plainLocal(s[:at]) {
		return "", false
	}
	domain, err := domains.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") {
		return "", false
	}
	address := s[:at] + "@" + strings.ToLower(domain)
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || len(address) > maxAddress {
		return "", false
	}
	return address, true
}

// plainLocal accepts the unquoted form (RFC 5322 §3.2.3), which is all that mail providers deliver to.
func plainLocal(local string) bool {
	for _, r := range local {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>@[\]`, r) {
			return false
		}
	}
	return len(local) <= 64
}
