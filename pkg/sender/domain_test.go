package sender_test

import (
	"strings"
	"testing"

	"twofold/pkg/fault"
	"twofold/pkg/sender"
)

func TestWhatIsNotADomain(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("a", 63)
	for _, c := range []struct {
		put  sender.Put
		code string
		at   string
	}{
		{sender.Put{Domain: ""}, "invalid_domain", "domain"}, {sender.Put{Domain: "example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "co.example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "192.0.2.1"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "[192.0.2.1]"}, "invalid_domain", "domain"}, {sender.Put{Domain: "2001:db8::1"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "acme.example."}, "invalid_domain", "domain"}, {sender.Put{Domain: ".acme.example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "a..example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "a_b.example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "-a.example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "a.example\r\nx"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "ann@acme.example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "a b.example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "*.acme.example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "acme.example/x"}, "invalid_domain", "domain"},
		{sender.Put{Domain: long + "a.example"}, "invalid_domain", "domain"}, {sender.Put{Domain: "\xff.example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: strings.Repeat(long+".", 4) + "example"}, "invalid_domain", "domain"},
		{sender.Put{Domain: "vendor.example"}, "domain_reserved", "domain"}, {sender.Put{Domain: "mail.vendor.example"}, "domain_reserved", "domain"},
		{sender.Put{Domain: "a.b.VENDOR.example"}, "domain_reserved", "domain"}, {sender.Put{Domain: "beside.vendor.example"}, "domain_reserved", "domain"},
		{sender.Put{Domain: domain, From: "a@b"}, "invalid_from", "from"}, {sender.Put{Domain: domain, From: ".a"}, "invalid_from", "from"},
		{sender.Put{Domain: domain, From: "a..b"}, "invalid_from", "from"}, {sender.Put{Domain: domain, From: "A"}, "invalid_from", "from"},
		{sender.Put{Domain: domain, From: "a\r\nb"}, "invalid_from", "from"}, {sender.Put{Domain: domain, From: strings.Repeat("a", 65)}, "invalid_from", "from"},
		{sender.Put{Domain: domain, From: "\"a\""}, "invalid_from", "from"}, {sender.Put{Domain: domain, From: "ä"}, "invalid_from", "from"},
		{sender.Put{Domain: domain, Name: "a\r\nBcc: x"}, "invalid_name", "name"}, {sender.Put{Domain: domain, Name: " a"}, "invalid_name", "name"},
		{sender.Put{Domain: domain, Name: "bank@bank.example"}, "invalid_name", "name"}, {sender.Put{Domain: domain, Name: "<a>"}, "invalid_name", "name"},
		{sender.Put{Domain: domain, Name: strings.Repeat("a", 65)}, "invalid_name", "name"}, {sender.Put{Domain: domain, Name: "a\u202eb"}, "invalid_name", "name"},
		{sender.Put{Domain: domain, Name: "=?utf-8?q?a?="}, "invalid_name", "name"}, {sender.Put{Domain: domain, Name: "evil.example"}, "invalid_name", "name"},
		{sender.Put{Domain: domain, Name: "a\u034fb"}, "invalid_name", "name"}, {sender.Put{Domain: domain, Name: "tel:+491234"}, "invalid_name", "name"},
	} {
		_, err := f.Put(t.Context(), f.Administrator, acme, c.put)
		if got := fault.As(err); err == nil || got.Code != c.code || got.Field != c.at || got.Kind != fault.Unprocessable {
			t.Errorf("%+v: got %v at %q", c.put, err, got.Field)
		}
	}
	if len(f.events()) != 0 || len(f.provider.Domains()) != 0 {
		t.Error("something was done")
	}
	for typed, want := range map[string]string{
		"BÜCHER.example": "xn--bcher-kva.example", "xn--bcher-kva.example": "xn--bcher-kva.example", "a.b.co.example": "a.b.co.example",
		"not-vendor.example": "not-vendor.example", "1st.example": "1st.example",
	} {
		v, err := f.put(typed)
		if err != nil || v.Sender.Domain != want || v.Sender.From != "no-reply" {
			t.Errorf("%s: %+v, %v", typed, v.Sender, err)
		}
	}
}
