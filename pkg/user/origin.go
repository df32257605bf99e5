package user

import (
	"net/netip"
	"slices"
	"strings"
)

// Origin is where a code was asked from, as the application claims: it is told to whoever gets the code, and nothing rests on it. What a browser
// calls itself is told by names of ours alone, or its text would stand in our mail.
type Origin struct {
	Address string // of the internet, in the one form in which it is written; empty: not said
	Browser Browser
	System  System
}

// Browser and System are known by what they call themselves; zero: another, or not said. Their numbers are stored.
type (
	Browser uint8
	System  uint8
)

// named is a name, and what a User-Agent has that is of it.
type named struct{ name, mark string }

// The first that fits decides: nearly every browser calls itself Safari too, most of those Chrome besides, and an Android Linux.
var (
	browsers = []named{
		{"Edge", "Edg"}, {"Opera", "OPR/"}, {"Samsung Internet", "SamsungBrowser/"}, {"Firefox", "Firefox/"}, {"Firefox", "FxiOS/"},
		{"Chrome", "CriOS/"}, {"Chrome", "Chrome/"}, {"Safari", "Safari/"},
	}
	systems = []named{
		{"iOS", "iPhone"}, {"iOS", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"macOS", "Mac OS X"}, {"ChromeOS", "CrOS"},
		{"Linux", "Linux"},
	}
)

// OriginOf reads what an application claims of a browser: its address, which may be empty, and its User-Agent.
func OriginOf(address, agent string) Origin {
	if parsed, err := netip.ParseAddr(address); err == nil {
		address = parsed.Unmap().WithZone("").String()
	} else {
		address = ""
	}
	return Origin{address, Browser(find(browsers, agent)), System(find(systems, agent))}
}

func find(in []named, agent string) uint8 {
	return uint8(slices.IndexFunc(in, func(n named) bool { return strings.Contains(agent, n.mark) }) + 1)
}

func (b Browser) String() string { return nameOf(browsers, uint8(b)) }

func (s System) String() string { return nameOf(systems, uint8(s)) }

func nameOf(in []named, at uint8) string {
	if at == 0 || int(at) > len(in) {
		return ""
	}
	return in[at-1].name
}
