package org_test

import (
	"testing"

	"twofold/pkg/org"
)

func TestColor(t *testing.T) {
	for s, want := range map[string]bool{
		"#000000": true, "#ffffff": true, "#0a9f3c": true,
		"": false, "#": false, "000000": false, "0000000": false, "a000000": false, "#fff": false, "#FFFFFF": false, "#00000": false, "#0000000": false, "#00000g": false, "#0000/0": false, "#00000:": false,
		"#00000\x60": false, "red": false, "#\u0663\u0663\u0663": false, " #00000": false, "#00000\n": false, "rgb(0)": false,
	} {
		if got := org.Color(s); got != want {
			t.Errorf("%q: %t", s, got)
		}
	}
}
