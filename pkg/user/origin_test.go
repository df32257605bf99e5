package user_test

import (
	"testing"

	"twofold/pkg/user"
)

// What browsers call themselves is told by names of ours, whatever else stands there.
func TestOrigins(t *testing.T) {
	const mozilla = "Mozilla/5.0 "
	for agent, want := range map[string][2]string{
		mozilla + "(Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                           {"Firefox", "Windows"},
		mozilla + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                            {"Chrome", "Windows"},
		mozilla + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0":              {"Edge", "Windows"},
		mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                      {"Safari", "macOS"},
		mozilla + "(iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":    {"Safari", "iOS"},
		mozilla + "(iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1":          {"Chrome", "iOS"},
		mozilla + "(Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": {"Samsung Internet", "Android"},
		mozilla + "(X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                             {"Chrome", "ChromeOS"},
		mozilla + "(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/125.0.0.0":                        {"Opera", "Linux"},
		"curl/8.5": {"", ""}, "": {"", ""}, "call 0800 4711": {"", ""},
	} {
		o := user.OriginOf("192.0.2.7", agent)
		if got := [2]string{o.Browser.String(), o.System.String()}; got != want || o.Address != "192.0.2.7" {
			t.Errorf("%s: %+v, %v, want %v", agent, o, got, want)
		}
	}
	for address, want := range map[string]string{
		"": "", "192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:DB8:0::7": "2001:db8::7", "fe80::1%eth0": "fe80::1", "evil.example": "", "1": "",
	} {
		if got := user.OriginOf(address, "").Address; got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
