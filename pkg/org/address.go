package org

import (
	"net/url"
	"strconv"
	"strings"
)

// How many return addresses an application may have, and how long an address or an audience may be, in bytes.
const (
	MaxReturnAddresses = 20
	MaxReturnAddress   = 512
	MaxAudience        = 200
)

// uriCharacters are those of RFC 3986 §2 but for the fragment's '#' and for '*', which some take for a wildcard.
const uriCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&'()+,;=%"

// ReturnAddress reports whether a browser may be sent back there: an absolute https address with a host, without user or fragment, in
// the one form in which it is compared; http only for the machine of whoever develops.
func ReturnAddress(s string) bool {
	u, ok := uri(s, MaxReturnAddress)
	if !ok {
		return false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || strings.HasPrefix(u.Host, "[::1]")
	return located(u) && (u.Scheme == "https" || u.Scheme == "http" && local)
}

// Audience reports whether the assertions of a vendor's application can be for it: an absolute https address as above, or an URN
// (RFC 8141 §2). Either holds a ':', which no id can, so no organisation's application has the same audience.
func Audience(s string) bool {
	u, ok := uri(s, MaxAudience)
	if !ok {
		return false
	}
	if u.Scheme == "urn" {
		namespace, name, _ := strings.Cut(u.Opaque, ":")
		return namespace != "" && strings.Trim(namespace, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && name != ""
	}
	return located(u) && u.Scheme == "https"
}

// UsualAudience is that of a vendor's application for which none was chosen.
func UsualAudience(application string) string { return "urn:twofold:application:" + application }

// uri reads an address that is written in the one form in which it would be written again.
func uri(s string, most int) (*url.URL, bool) {
	if s == "" || len(s) > most || strings.Trim(s, uriCharacters) != "" {
		return nil, false
	}
	u, err := url.Parse(s)
	return u, err == nil && u.String() == s
}

// located reports whether an address names a host, in lower case as browsers write it, and perhaps a port, and nobody's name.
func located(u *url.URL) bool {
	host := u.Hostname()
	if u.Opaque != "" || u.User != nil || host == "" || strings.HasSuffix(u.Host, ":") || !ported(u.Port()) {
		return false
	}
	if strings.HasPrefix(u.Host, "[") {
		return strings.Trim(host, "0123456789abcdef:.") == ""
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}

// ported reports whether a port is none or one that there is, written as browsers write it.
func ported(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0 && strconv.FormatUint(n, 10) == port
}
