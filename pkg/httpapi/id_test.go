package httpapi_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
)

func TestIDs(t *testing.T) {
	for id, want := range map[string]string{
		"ann":                    "ann",
		"ann.b_c@d.example+x-1":  "ann.b_c@d.example+x-1",
		"...":                    "...",
		".":                      "~Lg",
		"..":                     "~Li4",
		"a/b":                    "~YS9i",
		"~ann":                   "~fmFubg",
		"50% ?#":                 "~NTAlID8j",
		"zoë":                    "~em_Dqw",
		strings.Repeat("x", 128): strings.Repeat("x", 128),
	} {
		if got := httpapi.EncodeID(id); got != want {
			t.Errorf("EncodeID(%q) = %q, want %q", id, got, want)
		}
		if got, err := httpapi.DecodeID(want); err != nil || got != id {
			t.Errorf("DecodeID(%q) = %q, %v, want %q", want, got, err, id)
		}
	}
}

func TestSegmentsThatAreNoIDs(t *testing.T) {
	encode := func(id string) string { return "~" + base64.RawURLEncoding.EncodeToString([]byte(id)) }
	for name, segment := range map[string]string{
		"empty":                  "",
		"encoded empty":          "~",
		"bare slash":             "a/b",
		"bare space":             "a b",
		"bare percent":           "a%2Fb",
		"bare other letter":      "zoë",
		"dot":                    ".",
		"dots":                   "..",
		"could be plain":         encode("ann"),
		"no base64":              "~!",
		"padded":                 "~YS9iYw==",
		"standard alphabet":      "~Pz8/",
		"bits left over":         "~YS9j" + "Yx",
		"line break inside":      "~YS\n9i",
		"invalid UTF-8":          encode("a/\xff"),
		"NUL":                    encode("a\x00b"),
		"line break in the id":   encode("a\nb"),
		"C1 control":             encode("a\u0085b"),
		"DEL":                    encode("a\x7fb"),
		"too long":               strings.Repeat("x", 129),
		"too long, encoded":      encode(strings.Repeat("/", 129)),
		"too long in bytes only": encode(strings.Repeat("é", 65)),
	} {
		if id, err := httpapi.DecodeID(segment); !errors.Is(err, access.ErrNotFound) || id != "" {
			t.Errorf("%s: DecodeID(%q) = %q, %v", name, segment, id, err)
		}
	}
}

func FuzzID(f *testing.F) {
	for _, seed := range []string{"ann", "a/b", "~", "~YS9i", "~YW5u", "..", "zoë", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if httpapi.ValidID(text) {
			segment := httpapi.EncodeID(text)
			if back, err := httpapi.DecodeID(segment); err != nil || back != text {
				t.Fatalf("%q is written %q and read %q, %v", text, segment, back, err)
			}
			if strings.ContainsAny(segment, "/%?#\\ ") || segment == "." || segment == ".." {
				t.Fatalf("%q is written %q, which no path can hold", text, segment)
			}
		}
		if id, err := httpapi.DecodeID(text); err == nil && (httpapi.EncodeID(id) != text || !httpapi.ValidID(id)) {
			t.Fatalf("%q is read %q, which is written %q", text, id, httpapi.EncodeID(id))
		}
	})
}

// Bytes that were no UTF-8 arrive as U+FFFD where JSON was decoded on the way: two users must not become one.
func TestAnIDThatWasMangledIsNone(t *testing.T) {
	for _, id := range []string{"jos\ufffd", "\ufffd", "jos\xe9"} {
		if httpapi.ValidID(id) {
			t.Errorf("%q passes", id)
		}
	}
}
