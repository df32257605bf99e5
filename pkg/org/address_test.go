package org_test

import (
	"net/url"
	"strings"
	"testing"

	"twofold/pkg/org"
)

func TestReturnAddresses(t *testing.T) {
	for s, want := range map[string]bool{
		"https://app.acme.example":                          true,
		"https://app.acme.example/":                         true,
		"https://app.acme.example:8443/back?from=2fa&x=%2F": true,
		"https://192.0.2.1/back":                            true,
		"https://[2001:db8::1]:8443/back":                   true,
		"http://localhost:3000/back":                        true,
		"http://127.0.0.1/back":                             true,
		"http://[::1]:3000/back":                            true,
		"http://app.acme.example/back":                      false,
		"http://localhost.evil.example/back":                false,
		"http://127.0.0.1.evil.example/back":                false,
		"http://127.0.0.1@evil.example/back":                false,
		"":                                                  false,
		"app.acme.example/back":                             false,
		"//app.acme.example/back":                           false,
		"/back":                                             false,
		"https:app.acme.example":                            false,
		"https:///back":                                     false,
		"https://:443/back":                                 false,
		"https://app.acme.example:/back":                    false,
		"https://user@app.acme.example/":                    false,
		"https://user:secret@app.acme.example/":             false,
		"https://@app.acme.example/":                        false,
		"https://app.acme.example/#part":                    false,
		"https://app.acme.example/#":                        false,
		"https://*.acme.example/":                           false,
		"https://app.acme.example/*":                        false,
		"HTTPS://app.acme.example/":                         false,
		"https://App.acme.example/":                         false,
		"https://äpp.acme.example/":                         false,
		"https://app.acme.example/ä":                        false,
		"https://app.acme.example/a b":                      false,
		"https://app.acme.example/?q=<script>":              false,
		"https://app.acme.example\\@evil.example/":          false,
		"https://app.acme.example/\r\nX: y":                 false,
		"https://app%2eacme.example/":                       false,
		"https://a:b:443/":                                  false,
		"https://app.acme.example:8443/":                    true,
		"https://app.acme.example:99999/":                   false,
		"https://app.acme.example:0443/":                    false,
		"https://app.acme.example:0/":                       false,
		"https://[fe80::1%25eth0]/":                         false,
		"javascript:alert(1)":                               false,
		"myapp://back":                                      false,
		"urn:acme:back":                                     false,
		"https://a.example/" + strings.Repeat("x", 512-18):  true,
		"https://a.example/" + strings.Repeat("x", 512-17):  false,
	} {
		if got := org.ReturnAddress(s); got != want {
			t.Errorf("%.60q: %v, want %v", s, got, want)
		}
	}
}

func TestAudiences(t *testing.T) {
	for s, want := range map[string]bool{
		"urn:twofold:application:crm":   true,
		"urn:vendor:x":                  true,
		"https://api.vendor.example":    true,
		"https://api.vendor.example/v2": true,
		"":                              false,
		"crm":                           false,
		"urn:":                          false,
		"urn:vendor":                    false,
		"urn:vendor:":                   false,
		"URN:vendor:x":                  false,
		"urn:ven dor:x":                 false,
		"http://localhost":              false,
		"http://api.vendor.example":     false,
		"https://api.vendor.example/#x": false,
		"https://me@api.vendor.example": false,
		"mailto:me@vendor.example":      false,
		"urn:vendor:" + strings.Repeat("x", 200-len("urn:vendor:")): true,
		"urn:vendor:" + strings.Repeat("x", 201-len("urn:vendor:")): false,
	} {
		if got := org.Audience(s); got != want {
			t.Errorf("%.60q: %v, want %v", s, got, want)
		}
	}
	if !org.Audience(org.UsualAudience("crm")) {
		t.Error("the usual audience is none")
	}
}

// An address that is taken has one form and one reading, and an audience is never the id of an organisation's application.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"https://a.example/b?c=d", "http://[::1]:1/", "urn:a:b", "https://a@b", "https://a\\b", "https://a.example/%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if org.Audience(s) && !strings.Contains(s, ":") {
			t.Errorf("%q could be an id", s)
		}
		if !org.ReturnAddress(s) {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.String() != s || u.User != nil || u.Hostname() == "" || u.Fragment != "" || strings.ContainsAny(s, "\\*# \t\r\n\"<>") {
			t.Errorf("%q is taken", s)
		}
	})
}
