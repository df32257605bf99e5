package user_test

import (
	"net/mail"
	"strings"
	"testing"

	"twofold/pkg/user"
)

func TestAddressesAccepted(t *testing.T) {
	for typed, want := range map[string]string{
		"ann@example.com":                        "ann@example.com",
		"  ann@example.com\n":                    "ann@example.com", // as pasted
		"Ann.Lee+2fa@Example.COM":                "Ann.Lee+2fa@example.com",
		"o'brien@example.ie":                     "o'brien@example.ie",
		"a_b-c=d{e}@sub.example.co.uk":           "a_b-c=d{e}@sub.example.co.uk",
		"ann@bücher.example":                     "ann@xn--bcher-kva.example",
		"ann@BÜCHER.example":                     "ann@xn--bcher-kva.example",
		"ann@xn--bcher-kva.example":              "ann@xn--bcher-kva.example",
		"a@b.co":                                 "a@b.co",
		strings.Repeat("a", 64) + "@example.com": strings.Repeat("a", 64) + "@example.com",
	} {
		if got, ok := user.Address(typed); !ok || got != want {
			t.Errorf("%q became %q, %v", typed, got, ok)
		}
	}
}

// Whatever could add a recipient, a header or a doubt about who is meant.
func TestAddressesRefused(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":                 "",
		"no at":                   "ann.example.com",
		"no local part":           "@example.com",
		"no domain":               "ann@",
		"no dot":                  "ann@localhost",
		"a list":                  "ann@example.com,eve@evil.example",
		"a list with blanks":      "ann@example.com, eve@evil.example",
		"a list of semicolons":    "ann@example.com;eve@evil.example",
		"two by a blank":          "ann@example.com eve@evil.example",
		"an array":                `["ann@example.com","eve@evil.example"]`,
		"display name":            "Ann <ann@example.com>",
		"angle brackets":          "<ann@example.com>",
		"quoted local part":       `"ann lee"@example.com`,
		"quoted plain":            `"ann"@example.com`,
		"escaped":                 `ann\@evil.example@example.com`,
		"two ats":                 "ann@evil.example@example.com",
		"a comment":               "ann(eve)@example.com",
		"a comment behind":        "ann@example.com (Ann)",
		"a group":                 "all:ann@example.com;",
		"a header":                "ann@example.com\r\nBcc: eve@evil.example",
		"a line break inside":     "ann\n@example.com",
		"carriage return":         "ann@exam\rple.com",
		"null":                    "ann\x00@example.com",
		"null in the domain":      "ann@example.com\x00.evil.example",
		"a tab inside":            "ann\t@example.com",
		"invalid UTF-8":           "ann\xff@example.com",
		"invalid UTF-8 behind":    "ann@example\xff.com",
		"a Cyrillic a":            "аnn@example.com",
		"a wide at":               "ann＠example.com",
		"an invisible blank":      "ann\u200b@example.com",
		"right to left":           "ann\u202e@example.com",
		"two dots":                "ann..lee@example.com",
		"a dot in front":          ".ann@example.com",
		"a dot behind":            "ann.@example.com",
		"an empty label":          "ann@example..com",
		"the root's dot":          "ann@example.com.",
		"a dot before the domain": "ann@.example.com",
		"an address literal":      "ann@[192.0.2.1]",
		"an underscore":           "ann@exa_mple.com",
		"a hyphen in front":       "ann@-example.com",
		"a long local part":       strings.Repeat("a", 65) + "@example.com",
		"a long label":            "ann@" + strings.Repeat("a", 64) + ".com",
		"too long as a whole":     strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + "com",
	} {
		if got, ok := user.Address(typed); ok || got != "" {
			t.Errorf("%s: %q became %q, %v", name, typed, got, ok)
		}
	}
}

// Names that look alike must not become one address: whoever registers the one is not the other.
func TestLookAlikesStayDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, typed := range []string{
		"ann@example.com", "Ann@example.com", "ann@examp1e.com", "ann@exаmple.com" /* Cyrillic a */, "ann@exаmрlе.com",
		"ann@ехample.com", "ann@exämple.com", "ann+@example.com", "a.nn@example.com", "ann@exampłe.com", "ann@eхample.com",
	} {
		got, ok := user.Address(typed)
		if !ok {
			continue // refused altogether: distinct enough
		}
		if before, taken := seen[got]; taken {
			t.Errorf("%q and %q are both %q", before, typed, got)
		}
		seen[got] = typed
	}
	if len(seen) < 5 {
		t.Errorf("only %d of the look-alikes are addresses: the test is idle", len(seen))
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{
		"ann@example.com", " Ann@Bücher.example ", "a@b.c", "ann@ẞ.de", "ann@example.com\r\nBcc: x@y.z", `"a b"@c.de`,
		"ann@１.example", "ann@a\u00adb.example", "ann@xn--a.example", "ann@x。y",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := user.Address(typed)
		if !ok {
			if got != "" {
				t.Error("a refused text gives an address")
			}
			return
		}
		if again, ok := user.Address(got); !ok || again != got {
			t.Errorf("%q became %q, and that %q, %v", typed, got, again, ok)
		}
		for _, r := range got {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) {
				t.Errorf("%q became %q, which holds %q", typed, got, r)
			}
		}
		if list, err := mail.ParseAddressList(got); err != nil || len(list) != 1 || list[0].Address != got || strings.Count(got, "@") != 1 {
			t.Errorf("%q became %q, which is not one address: %v", typed, got, err)
		}
		if local, _, _ := strings.Cut(got, "@"); !strings.HasPrefix(strings.TrimSpace(typed), local+"@") {
			t.Errorf("%q became %q: another local part", typed, got)
		}
	})
}

// Whatever of two spellings a browser shows as the same domain is one address, in whatever order it is normalised; the local part is never
// touched.
func TestDomainsOfOneName(t *testing.T) {
	for _, forms := range [][]string{
		{"a@bücher.example", "a@BÜCHER.example", "a@bu\u0308cher.example", "a@xn--bcher-kva.example", "a@XN--BCHER-KVA.EXAMPLE", "a@bücher。example"},
		{"a@straße.example", "a@xn--strae-oqa.example"},
		{"a@日本語.example", "a@xn--wgv71a119e.example"},
		{"A.B+c@Example.COM", "A.B+c@example.com"},
	} {
		want, ok := user.Address(forms[0])
		for _, form := range forms {
			if got, fine := user.Address(form); !ok || !fine || got != want {
				t.Errorf("%q became %q, and %q %q", forms[0], want, form, got)
			}
		}
	}
}

// No two characters that only look alike give one address: neither in the domain, where each has a name of its own, nor before it, where
// only ASCII is taken at all. What is folded is case, width and composition of one and the same character (UTS 46).
func TestLookAlikesAreNeverFolded(t *testing.T) {
	alike := map[rune][]rune{
		'a': {'а', 'ɑ', 'α', 'á', 'ạ'}, 'c': {'с', 'ϲ', 'ç'}, 'e': {'е', 'ҽ', 'é'}, 'i': {'і', 'ı', 'ì', 'l', '1'}, 'o': {'о', 'ο', '0', 'ö', 'ọ'},
		'p': {'р', 'ρ'}, 's': {'ѕ', '5', 'ş'}, 'x': {'х', 'χ'}, 'y': {'у', 'ý', 'γ'}, 'l': {'1', 'ӏ', 'ł'}, 'g': {'ɡ', 'ğ'}, 'd': {'ԁ', 'đ'},
	}
	compared := 0
	for plain, others := range alike {
		domain := func(r rune) string { return "eve@pay" + string(r) + "bank.example" }
		want, ok := user.Address(domain(plain))
		if !ok {
			t.Fatalf("%q is refused", domain(plain))
		}
		for _, other := range others {
			got, ok := user.Address(domain(other))
			if ok {
				compared++
			}
			if ok && strings.EqualFold(got, want) {
				t.Errorf("%q and %q are one domain", plain, other)
			}
			local := func(r rune) string { return "e" + string(r) + "ve@bank.example" }
			one, _ := user.Address(local(plain))
			if two, ok := user.Address(local(other)); ok && one == two {
				t.Errorf("%q and %q are one local part", plain, other)
			}
		}
	}
	if compared < 25 {
		t.Errorf("only %d were compared: the test is idle", compared)
	}
}
