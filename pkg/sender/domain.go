package sender

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"twofold/pkg/fault"
	"twofold/pkg/words"
)

// MaxName is how many characters the name beside an address may have.
const MaxName = 64

// defaultFrom is the local part where none is named.
const defaultFrom = "no-reply"

// The refusals of what was typed.
var (
	ErrDomain   = fault.New(fault.Unprocessable, "invalid_domain", "This is not a domain that mail can come from.").At("domain")
	ErrReserved = fault.New(fault.Unprocessable, "domain_reserved", "This domain belongs to the service itself.").At("domain")
	ErrFrom     = fault.New(fault.Unprocessable, "invalid_from",
		"This is not the part of an address before the @: letters a to z, digits, and . _ + - between them.").At("from")
	ErrName = fault.New(fault.Unprocessable, "invalid_name",
		"A name is one line of at most 64 characters, without < > \" @ and =?, and no address of the web.").At("name")
)

// Put is what an administrator says of the organisation's sender.
type Put struct {
	Domain string
	From   string // the local part; empty: no-reply
	Name   string // empty: the organisation's name
}

// labels hold a domain to what DNS can carry and hosts may be called (RFC 1035 §2.3.4, RFC 1123 §2.1, RFC 5891).
var labels = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// local is a conservative dot-atom (RFC 5322 §3.2.3): what every mail provider takes.
var local = regexp.MustCompile(`^[a-z0-9]+(?:[._+-][a-z0-9]+)*$`)

const (
	maxDomain = 253 // bytes, without the final dot (RFC 1035 §3.1)
	maxLocal  = 64  // bytes (RFC 5321 §4.5.3.1.1)
)

// checked puts what was typed into its one form, or names the field that has none.
func (s *Service) checked(in Put) (Put, error) {
	domain, ok := asciiDomain(in.Domain)
	if !ok {
		return in, ErrDomain
	}
	registrable, err := s.Registrable(domain)
	if err != nil {
		return in, ErrDomain
	}
	if s.reserved(registrable) {
		return in, ErrReserved
	}
	in.Domain = domain
	if in.From == "" {
		in.From = defaultFrom
	}
	if len(in.From) > maxLocal || !local.MatchString(in.From) {
		return in, ErrFrom
	}
	if !goodName(in.Name) {
		return in, ErrName
	}
	return in, nil
}

// reserved compares what is registered, so that no domain above, below or beside one of the vendor's can be claimed.
func (s *Service) reserved(registrable string) bool {
	for _, own := range s.Reserved {
		domain, ok := asciiDomain(own[strings.LastIndexByte(own, '@')+1:])
		if !ok {
			continue
		}
		if registered, err := s.Registrable(domain); err == nil && registered == registrable {
			return true
		}
	}
	return false
}

// asciiDomain is the ASCII form of a domain of at least two labels, in lower case. An address of the internet is none:
// a top-level domain is never a number (RFC 3696 §2).
func asciiDomain(typed string) (string, bool) {
	if len(typed) > 4*maxDomain || !utf8.ValidString(typed) {
		return "", false
	}
	domain, err := labels.ToASCII(typed)
	if err != nil || len(domain) > maxDomain || strings.HasSuffix(domain, ".") {
		return "", false
	}
	domain = strings.ToLower(domain)
	_, last, found := strings.Cut(domain, ".")
	for found && strings.Contains(last, ".") {
		_, last, _ = strings.Cut(last, ".")
	}
	return domain, found && strings.Trim(last, "0123456789") != ""
}

// goodName accepts one line that cannot pass for an address: the filter is that of the name that mail shows for an organisation.
func goodName(name string) bool {
	return utf8.RuneCountInString(name) <= MaxName && words.Name(name)
}
