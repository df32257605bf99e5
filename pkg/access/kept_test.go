package access_test

import (
	"slices"
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
		c := present(t, text)
		if got := c.Keep(); (got != nil) != (role != access.Reader) || got != nil && !access.Kept(got).Same(c) {
			t.Errorf("of %s %d bytes are kept", role, len(got))
		}
	}
	s, acting := session(t)
	if again := access.Kept(acting.Keep()); !again.Same(acting) || !s.Valid(again, noon) {
		t.Error("what was kept of an impersonation is not that")
	}
	for at := range kept {
		other := slices.Clone(kept)
		if other[at] ^= 1; key.Valid(access.Kept(other), noon) {
			t.Errorf("with another byte %d it is the key's", at)
		}
	}
	if key.Valid(access.Kept(append([]byte{3}, kept[1:]...)), noon) {
		t.Error("of a role that there is not, it is the key's")
	}
}

// The administrators are nobody's users: an application for all organisations is not for theirs, unless it is named.
func TestTheAdministratorsAreOfNoApplication(t *testing.T) {
	for role := range roles {
		k := access.Key{Role: role, Everywhere: true}
		if got := k.Reaches(access.Administrators); got != (role != access.Application) {
			t.Errorf("%s: %t", role, got)
		}
	}
	k := access.Key{Role: access.Application, Organizations: []string{access.Administrators}}
	if !k.Reaches(access.Administrators) {
		t.Error("the console's own application does not reach it")
	}
}

// What is offered is what would be allowed.
func TestAllowsSaysWhatAuthorizeDoes(t *testing.T) {
	rules := []access.Rule{{}, writePolicy, {Roles: []access.Role{access.OrganizationAdministrator}, InPerson: true}, {Roles: []access.Role{access.SystemAdministrator}, Permission: access.KeysWrite}}
	ann, annText := access.NewKey(access.OrganizationAdministrator, noon)
	ann.Organizations = []string{"acme"}
	ben, benText := access.NewKey(access.OrganizationAdministrator, noon)
	ben.Organizations, ben.Permissions = ann.Organizations, access.Permissions()
	root, rootText := access.NewKey(access.SystemAdministrator, noon)
	root.Everywhere = true
	acting, credential := session(t)
	for name, k := range map[string]struct {
		key access.Key
		c   access.Credential
	}{"ann": {ann, present(t, annText)}, "ben": {ben, present(t, benText)}, "root": {root, present(t, rootText)}, "acting": {acting, credential}} {
		for _, r := range rules {
			err := access.Authorize(&k.key, k.c, r, "acme", noon)
			if k.key.Allows(r) != (err == nil) {
				t.Errorf("%s, %+v: offered %t, %v", name, r, k.key.Allows(r), err)
			}
		}
	}
}
