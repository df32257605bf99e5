package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"twofold/pkg/fault"
)

// ErrURL refuses an address to post to.
var ErrURL = fault.New(fault.Unprocessable, "invalid_webhook_url",
	"Events go to an https URL of at most 2048 ASCII characters, with the public name of a host, or a public address, and without user, password and fragment.").At("url")

const maxURL = 2048 // bytes

// here are the domains that mean this machine or this network (RFC 6761, RFC 6762, RFC 8375, ICANN's resolution 2024.07.29.06), and one that
// no DNS knows (RFC 7686).
var here = []string{"localhost", "local", "internal", "home.arpa", "onion"}

// Allowed says whether an organisation may have its events posted to a URL, when it names one and again before each post. It asks no DNS, so
// a host that is allowed may still stand for an address that is not Public.
func Allowed(address string) error {
	if len(address) > maxURL || !printable(address) || strings.ContainsAny(address, `#\`) {
		return ErrURL
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !plainly(address, u) || !goodPort(u) || !goodHost(u) {
		return ErrURL
	}
	return nil
}

// plainly reports whether the host stands where everybody looks for it, as it is: behind no user, and without escapes.
func plainly(address string, u *url.URL) bool {
	return u.User == nil && strings.HasPrefix(address[len("https:"):], "//"+u.Host)
}

// printable accepts the visible characters of ASCII.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func goodPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// goodHost takes a literal as what it is. Other spellings of an address than package netip knows (127.1, 0x7f.1, 2130706433) end in a number,
// as no name does (RFC 3696 §2).
func goodHost(u *url.URL) bool {
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		return Public(a)
	}
	return goodName(strings.ToLower(host))
}

// goodName holds a name to what DNS can carry and hosts may be called (RFC 1035 §2.3.4, RFC 1123 §2.1, RFC 5891).
func goodName(host string) bool {
	_, err := idna.Registration.ToASCII(host)
	last := host[strings.LastIndexByte(host, '.')+1:]
	if err != nil || last == host || last == "" || last[0] >= '0' && last[0] <= '9' {
		return false
	}
	return !slices.ContainsFunc(here, func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) })
}
