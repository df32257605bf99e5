package webhook

import (
	"net/netip"
	"sync"
)

// unicast is all of IPv6 that is given out to networks: https://www.iana.org/assignments/ipv6-unicast-address-assignments
// Outside of it lie loopback and the other IPv4 addresses in disguise (::/96, ::ffff:0:0/96), NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard and
// dummy (100::/64, 100:0:0:1::/64), segment routing (5f00::/16), unique local (fc00::/7, metadata of instances among them), link-local
// (fe80::/10), site-local (fec0::/10) and multicast (ff00::/8).
var unicast = netip.MustParsePrefix("2000::/3")

// special are the other blocks that are nobody's place on the internet: all of the IANA special-purpose address registries (as of 2025), those that are
// globally reachable among them, because what answers there (relays, sinks of DNS) is no receiver; and multicast.
// https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/multicast-addresses
// https://www.iana.org/assignments/iana-ipv6-special-registry
// They are read at the first use: by way of the stores every function links this package, and one dials.
var special = sync.OnceValue(func() []netip.Prefix {
	return prefixes(
		"0.0.0.0/8",         // this network (RFC 791), "0.0.0.0" being this host
		"10.0.0.0/8",        // private (RFC 1918)
		"100.64.0.0/10",     // shared by carriers (RFC 6598)
		"127.0.0.0/8",       // loopback (RFC 1122): Lambda's own runtime API
		"169.254.0.0/16",    // link-local (RFC 3927): metadata and credentials of instances and containers
		"172.16.0.0/12",     // private (RFC 1918)
		"192.0.0.0/24",      // protocol assignments (RFC 6890)
		"192.0.2.0/24",      // documentation (RFC 5737)
		"192.31.196.0/24",   // AS112 (RFC 7535)
		"192.52.193.0/24",   // AMT relays (RFC 7450)
		"192.88.99.0/24",    // 6to4 relays (RFC 7526)
		"192.168.0.0/16",    // private (RFC 1918)
		"192.175.48.0/24",   // AS112 (RFC 7534)
		"198.18.0.0/15",     // benchmarks (RFC 2544)
		"198.51.100.0/24",   // documentation (RFC 5737)
		"203.0.113.0/24",    // documentation (RFC 5737)
		"224.0.0.0/4",       // multicast (RFC 5771)
		"240.0.0.0/4",       // reserved (RFC 1112), broadcast at its end (RFC 919)
		"2001::/23",         // protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID, AS112, AMT
		"2001:db8::/32",     // documentation (RFC 3849)
		"2002::/16",         // 6to4 (RFC 3056): holds any IPv4 address
		"2620:4f:8000::/48", // AS112 (RFC 7534)
		"3fff::/20",         // documentation (RFC 9637)
	)
})

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// Public reports whether an address is somebody's place on the internet. Whatever is dialled for an organisation must be, at every attempt:
// the name may stand for another address by then. An address with a zone lies in no block, so it is not.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Is6() && !unicast.Contains(a) {
		return false
	}
	for _, p := range special() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
