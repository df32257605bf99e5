package main

import "testing"

func TestSecretsAreKnownHoweverTheyAreWritten(t *testing.T) {
	var s secrets
	s.add("ABCD-EFGH-JKMN-PQRS", "12345678")
	for text, want := range map[string]bool{"ABCDEFGHJKMNPQRS": true, "12345678": true, "12345679": false, "": false} {
		if s.has(text) != want {
			t.Errorf("%q is a secret: %v", text, !want)
		}
	}
}
