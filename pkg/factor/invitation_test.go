package factor

import (
	"strings"
	"testing"
)

func TestInvitationsAreBoundToAllThatTheyAreFor(t *testing.T) {
	m := Mailed{Purpose: "invitation", Organization: "o", User: "u", Challenge: "c", Address: []byte("a")}
	first := invitation(t, m)
	seen := map[string]bool{first: true}
	for what, change := range map[string]func(*Mailed){
		"purpose":      func(m *Mailed) { m.Purpose = "step-up" },
		"organisation": func(m *Mailed) { m.Organization = "p" },
		"user":         func(m *Mailed) { m.User = "v" },
		"invitation":   func(m *Mailed) { m.Challenge = "d" },
		"address":      func(m *Mailed) { m.Address = []byte("b") },
		"epoch":        func(m *Mailed) { m.Epoch = 1 },
	} {
		other := m
		change(&other)
		if code := invitation(t, other); seen[code] || len(code) != 32 {
			t.Errorf("another %s has the code %q", what, code)
		} else {
			seen[code] = true
		}
	}
	for typed, ok := range map[string]bool{
		first: true, ShowRecovery(first): true, strings.ToLower(first): true, " " + first + " ": true,
		first[1:]: false, first + "2": false, "": false, strings.Repeat("1", 32): false, strings.Repeat("0", 32): false,
	} {
		got, read := Invitation(typed)
		if read != ok || ok && got != first {
			t.Errorf("%q is read as %q, %v", typed, got, read)
		}
	}
}

func invitation(t *testing.T, m Mailed) string {
	t.Helper()
	code, err := InvitationCode(fakePRF{1}, 1, m)
	if err != nil {
		t.Fatal(err)
	}
	return code
}
