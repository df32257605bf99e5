package access_test

import (
	"testing"

	"twofold/pkg/access"
)

func TestAnApplicationsCredentialIsKept(t *testing.T) {
	key, text := access.NewKey(access.Application, noon)
	c := present(t, text)
	kept := c.Keep()
	if again := access.Kept(kept); !again.Same(c) || !key.Valid(again, noon) {
		t.Error("what was kept is not the key's")
	}
	for name, b := range map[string][]byte{"nothing": nil, "less": kept[1:], "more": append(append([]byte{}, kept...), 0)} {
		if access.Kept(b) != (access.Credential{}) {
			t.Errorf("%s is somebody's", name)
		}
	}
	for role := range roles {
		_, text := access.NewKey(role, noon)
		if got := present(t, text).Keep(); (got != nil) != (role == access.Application) {
			t.Errorf("of %s %d bytes are kept", role, len(got))
		}
	}
	_, session := session(t)
	if session.Keep() != nil {
		t.Error("an impersonation is kept")
	}
}
