package factor

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// unframe reads back what frame wrote: whatever can be read back is told apart.
func unframe(b []byte) ([]string, bool) {
	var parts []string
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, false
		}
		n := binary.BigEndian.Uint32(b)
		if b = b[4:]; uint64(len(b)) < uint64(n) {
			return nil, false
		}
		parts, b = append(parts, string(b[:n])), b[n:]
	}
	return parts, true
}

func TestFramesOfDifferentPartsDiffer(t *testing.T) {
	lists := [][]string{
		{}, {""}, {"", ""}, {"a"}, {"", "a"}, {"a", ""}, {"a", "b"}, {"ab"}, {"ab", ""}, {"", "ab"},
		{"a", "b", ""}, {"\x00\x00\x00\x01a"}, {"", "\x00\x00\x00\x01a"}, {"mailed-code", "x"}, {"mailed", "-codex"},
	}
	for i, a := range lists {
		for j, b := range lists {
			if (i == j) != bytes.Equal(frame(a...), frame(b...)) {
				t.Errorf("%q and %q", a, b)
			}
		}
	}
}

func FuzzFrame(f *testing.F) {
	f.Add("", "", "")
	f.Add("acme", "ann", "c1")
	f.Add("\x00\x00\x00\x04acme", "", "\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		parts := []string{a, b, c}
		if got, ok := unframe(frame(parts...)); !ok || !slices.Equal(got, parts) {
			t.Errorf("%q became %q", parts, got)
		}
	})
}
