package webhook_test

import (
	"net/netip"
	"testing"

	"twofold/pkg/webhook"
)

// Of every block the first and the last address are refused. The neighbours are public, but where another block, or no network of IPv6, begins.
func TestNoSpecialBlockIsPublic(t *testing.T) {
	for _, c := range []struct {
		block               string
		before, after       string
		beforePub, afterPub bool
	}{
		{"0.0.0.0/8", "", "1.0.0.0", false, true},
		{"10.0.0.0/8", "9.255.255.255", "11.0.0.0", true, true},
		{"100.64.0.0/10", "100.63.255.255", "100.128.0.0", true, true},
		{"127.0.0.0/8", "126.255.255.255", "128.0.0.0", true, true},
		{"169.254.0.0/16", "169.253.255.255", "169.255.0.0", true, true},
		{"172.16.0.0/12", "172.15.255.255", "172.32.0.0", true, true},
		{"192.0.0.0/24", "191.255.255.255", "192.0.1.0", true, true},
		{"192.0.2.0/24", "192.0.1.255", "192.0.3.0", true, true},
		{"192.31.196.0/24", "192.31.195.255", "192.31.197.0", true, true},
		{"192.52.193.0/24", "192.52.192.255", "192.52.194.0", true, true},
		{"192.88.99.0/24", "192.88.98.255", "192.88.100.0", true, true},
		{"192.168.0.0/16", "192.167.255.255", "192.169.0.0", true, true},
		{"192.175.48.0/24", "192.175.47.255", "192.175.49.0", true, true},
		{"198.18.0.0/15", "198.17.255.255", "198.20.0.0", true, true},
		{"198.51.100.0/24", "198.51.99.255", "198.51.101.0", true, true},
		{"203.0.113.0/24", "203.0.112.255", "203.0.114.0", true, true},
		{"224.0.0.0/4", "223.255.255.255", "240.0.0.0", true, false},
		{"240.0.0.0/4", "239.255.255.255", "", false, false},
		{"::/96", "", "::1:0:0", false, false},
		{"::ffff:0.0.0.0/96", "::fffe:ffff:ffff", "::1:0:0:0", false, false},
		{"64:ff9b::/96", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "64:ff9b::1:0:0", false, false},
		{"64:ff9b:1::/48", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::", false, false},
		{"100::/64", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::", false, false},
		{"100:0:0:1::/64", "100::ffff:ffff:ffff:ffff", "100:0:0:2::", false, false},
		{"1000::/4", "fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", false, true}, // what is not given out, before what is
		{"2001::/32", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", true, false},
		{"2001::/23", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", true, true},
		{"2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", true, true},
		{"2002::/16", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", true, true},
		{"2620:4f:8000::/48", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::", true, true},
		{"3fff::/20", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", true, true},
		{"4000::/3", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6000::", true, false}, // what is not given out, behind what is
		{"5f00::/16", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::", false, false},
		{"fc00::/7", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::", false, false},
		{"fe80::/10", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::", false, false},
		{"fec0::/10", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", false, false},
		{"ff00::/8", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", false, false},
	} {
		block := netip.MustParsePrefix(c.block)
		first, last := block.Addr(), last(block)
		for _, inside := range []netip.Addr{first, last} {
			if webhook.Public(inside) {
				t.Errorf("%s of %s is public", inside, c.block)
			}
		}
		neighbour(t, c.block, first.Prev(), c.before, c.beforePub)
		neighbour(t, c.block, last.Next(), c.after, c.afterPub)
	}
}

// neighbour holds the table to what it says, and the rule to the table. There is nothing before the first address, and nothing behind the last.
func neighbour(t *testing.T, block string, got netip.Addr, want string, public bool) {
	t.Helper()
	if want == "" {
		if got.IsValid() {
			t.Errorf("%s: %s stands beside it", block, got)
		}
		return
	}
	if got != netip.MustParseAddr(want) || webhook.Public(got) != public {
		t.Errorf("%s: beside it stands %s, public %t", block, got, webhook.Public(got))
	}
}

func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

func TestWhoIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true, "1.1.1.1": true,
		"::ffff:93.184.215.14": false, "::93.184.215.14": false, "64:ff9b::5db8:d70e": false, "2002:5db8:d70e::1": false, // public ones, in disguise
		"2606:2800::1%eth0": false, "169.254.169.254": false, "fd00:ec2::254": false, "255.255.255.255": false, "::1": false, "::": false,
	} {
		if got := webhook.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %t", text, got)
		}
	}
	if webhook.Public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}
