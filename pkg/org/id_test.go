package org_test

import (
	"regexp"
	"strings"
	"testing"

	"twofold/pkg/org"
)

// pattern is that of the API.
var pattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$`)

func TestIDs(t *testing.T) {
	for _, s := range []string{"", "a", "Z9", "a.b_c-d", ".a", "-a", "_", "a b", "a#b", "a/b", "ä", "aä", "a\n", "..", strings.Repeat("x", 48), strings.Repeat("x", 49), "é" + strings.Repeat("x", 46), "a\x00"} {
		if got, want := org.ID(s), pattern.MatchString(s) && !strings.HasSuffix(s, "\n"); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func FuzzIDs(f *testing.F) {
	f.Add("acme-1.eu")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if org.ID(s) != pattern.MatchString(s) {
			t.Errorf("%q", s)
		}
	})
}

func TestWhatAnIDMayBe(t *testing.T) {
	for _, good := range []string{"a", "A", "0", "ann", "a.b_c-d", "7-", strings.Repeat("x", 48), "0123456789abcdef0123"} {
		if !org.ID(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", ".a", "-a", "_a", " a", "a ", "a b", "a/b", "ä", "a\x00", "a:b", "a#b", "<a>", "\xff", strings.Repeat("x", 49)} {
		if org.ID(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}
