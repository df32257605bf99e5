package webhook_test

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"twofold/pkg/webhook"
)

func TestAllowed(t *testing.T) {
	const root = "https://hooks.example.com/"
	for address, want := range map[string]bool{
		"https://hooks.example.com": true, root + "in?a=b&c=%20": true, "https://hooks.example.com:1/": true, "https://hooks.example.com:65535/x": true,
		"HTTPS://Hooks.Example.COM/X": true, "https://xn--bcher-kva.example/": true, "https://1a.example.com/": true,
		"https://93.184.215.14/": true, "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/": true,
		root + strings.Repeat("a", 2048-len(root)): true,

		"": false, "http://hooks.example.com/": false, "ftp://hooks.example.com/": false, "httpx://hooks.example.com/": false, "a:": false, "//hooks.example.com/": false, "hooks.example.com": false,
		"https:hooks.example.com": false, "https:///in": false, "https://": false, "https://:443/": false,
		"https://user@hooks.example.com/": false, "https://user:word@hooks.example.com/": false, "https://@hooks.example.com/": false,
		"https://hooks.example.com@hooks.example.com/": false, "https://hooks.example.com:443@hooks.example.com:443/": false,
		root + "#": false, root + "#part": false, root + strings.Repeat("a", 2049-len(root)): false,
		"https://hooks.example.com:/": false, "https://hooks.example.com:0/": false, "https://hooks.example.com:65536/": false, "https://hooks.example.com:x/": false,
		"https://hooks.example.com\\@10.0.0.1/": false, root + " ": false, root + "\n": false, root + "\x00": false, root + "\x7f": false, root + "ü": false,
		root + "%zz": false,

		"https://hooks/": false, "https://hooks.example.com./": false, "https://.example.com/": false, "https://hooks..example.com/": false,
		"https://-a.example.com/": false, "https://a_b.example.com/": false, "https://bücher.example/": false, "https://xn--zzzzzz.example/": false,
		"https://" + strings.Repeat("a", 64) + ".example.com/": false, "https://" + strings.Repeat("a.", 124) + "example.com/": false, "https://%68ooks.example.com/": false, "https://b%C3%BCcher.example/": false,
		"https://localhost/": false, "https://a.localhost/": false, "https://LOCALHOST/": false, "https://printer.local/": false,
		"https://metadata.google.internal/": false, "https://ip-10-0-0-1.eu-west-1.compute.internal/": false, "https://a.home.arpa/": false, "https://a.onion/": false,

		"https://127.0.0.1/": false, "https://10.0.0.1/": false, "https://169.254.169.254/latest/meta-data/": false, "https://0.0.0.0/": false,
		"https://[::1]/": false, "https://[::]/": false, "https://[fd00:ec2::254]/": false, "https://[::ffff:93.184.215.14]/": false,
		"https://[64:ff9b::a9fe:a9fe]/": false, "https://[2002:a9fe:a9fe::]/": false, "https://[2606:2800::1%25eth0]/": false, "https://[93.184.215.14]/": false,
		"https://[hooks.example.com]/": false, "https://2606:2800::1/": false,
		"https://127.1/": false, "https://2130706433/": false, "https://0x7f.0x1/": false, "https://0177.0.0.1/": false, "https://a.0x7f/": false, "https://127.0.0.1./": false,
	} {
		err := webhook.Allowed(address)
		if (err == nil) != want || err != nil && !errors.Is(err, webhook.ErrURL) {
			t.Errorf("%.80q: %v", address, err)
		}
		if err != nil && len(address) > 8 && strings.Contains(err.Error(), address) {
			t.Errorf("%.80q: the refusal repeats it", address)
		}
	}
}

// What is allowed is what package net/url, and so the client, takes it for.
func FuzzAllowed(f *testing.F) {
	for _, seed := range []string{"https://hooks.example.com:8443/in?a=b", "https://[2606:2800::1]/", "https://93.184.215.14/", "https://a@b/", "https://a.b\\@c.d/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if webhook.Allowed(address) != nil {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Hostname() == "" || len(address) > 2048 {
			t.Fatalf("%q", address)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && !webhook.Public(a) {
			t.Fatalf("%q is not public", address)
		}
	})
}
