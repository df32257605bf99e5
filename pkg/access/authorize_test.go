package access_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

var writePolicy = access.Rule{
	Roles:      []access.Role{access.SystemAdministrator, access.OrganizationAdministrator},
	Permission: access.PolicyWrite,
}

// Each line lacks something more than the one before it has, so the order of the
// refusals shows: who are you, then may you, then is it there.
func TestAuthorizeRefusesInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*access.Key)
		target string
		want   error
	}{
		"all is well":             {func(*access.Key) {}, "acme", nil},
		"no organisation named":   {func(k *access.Key) { k.Organizations = nil }, "", nil},
		"organisation of another": {func(*access.Key) {}, "globex", access.ErrNotFound},
		"permission missing":      {func(k *access.Key) { k.Permissions = []access.Permission{access.UsersWrite} }, "acme", access.ErrPermission},
		"permission missing, and another's organisation": {
			func(k *access.Key) { k.Permissions = nil }, "globex", access.ErrPermission},
		"revoked, lacking everything": {func(k *access.Key) {
			k.RevokedAt, k.Permissions, k.Organizations = noon, nil, nil
		}, "globex", access.ErrUnauthenticated},
		"expired": {func(k *access.Key) { k.ExpiresAt = noon.Add(-1) }, "acme", access.ErrUnauthenticated},
	} {
		key, text := access.NewKey(access.OrganizationAdministrator, noon.Add(-time.Hour))
		key.Organizations = []string{"acme"}
		key.Permissions = []access.Permission{access.PolicyWrite}
		c.change(&key)
		err := access.Authorize(&key, present(t, text), writePolicy, c.target, noon)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAuthorizeByRole(t *testing.T) {
	for role := range roles {
		key, text := access.NewKey(role, noon)
		key.Everywhere, key.Permissions = true, access.Permissions()
		err := access.Authorize(&key, present(t, text), writePolicy, "globex", noon)
		allowed := slices.Contains(writePolicy.Roles, role)
		if allowed && err != nil || !allowed && !errors.Is(err, access.ErrRole) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// A wrong role is told before the organisation is looked at, so a refusal never shows what exists.
func TestAWrongRoleLearnsNothingOfOrganizations(t *testing.T) {
	key, text := access.NewKey(access.Application, noon)
	key.Organizations = []string{"acme"}
	for _, organization := range []string{"acme", "globex"} {
		if err := access.Authorize(&key, present(t, text), writePolicy, organization, noon); !errors.Is(err, access.ErrRole) {
			t.Errorf("%s: %v, want the role's refusal", organization, err)
		}
	}
}

func TestARuleWithoutRolesLetsNobodyIn(t *testing.T) {
	for role := range roles {
		key, text := access.NewKey(role, noon)
		key.Everywhere, key.Permissions = true, access.Permissions()
		if err := access.Authorize(&key, present(t, text), access.Rule{}, "", noon); !errors.Is(err, access.ErrRole) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestAnUnknownKeyIsUnauthenticated(t *testing.T) {
	_, text := access.NewKey(access.SystemAdministrator, noon)
	if err := access.Authorize(nil, present(t, text), writePolicy, "acme", noon); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
}

// Permissions bind organisation administrators only; each one must be held itself.
func TestEveryPermissionIsAskedFor(t *testing.T) {
	for _, wanted := range access.Permissions() {
		rule := access.Rule{Roles: []access.Role{access.OrganizationAdministrator, access.SystemAdministrator}, Permission: wanted}
		admin, text := access.NewKey(access.OrganizationAdministrator, noon)
		admin.Everywhere = true
		admin.Permissions = slices.DeleteFunc(access.Permissions(), func(p access.Permission) bool { return p == wanted })
		if err := access.Authorize(&admin, present(t, text), rule, "acme", noon); !errors.Is(err, access.ErrPermission) {
			t.Errorf("%s: all the others suffice: %v", wanted, err)
		}
		admin.Permissions = []access.Permission{wanted}
		if err := access.Authorize(&admin, present(t, text), rule, "acme", noon); err != nil {
			t.Errorf("%s: held, and refused: %v", wanted, err)
		}
		system, text := access.NewKey(access.SystemAdministrator, noon)
		system.Everywhere = true
		if err := access.Authorize(&system, present(t, text), rule, "acme", noon); err != nil {
			t.Errorf("%s: asked of the system administrator: %v", wanted, err)
		}
	}
}

// Permissions hands out its own list, so nobody can change the next caller's.
func TestPermissionsIsACopy(t *testing.T) {
	access.Permissions()[0] = "everything"
	if got := access.Permissions(); len(got) != 7 || got[0] != access.PolicyWrite {
		t.Errorf("got %v", got)
	}
}

func TestReaches(t *testing.T) {
	for name, c := range map[string]struct {
		key  access.Key
		want bool
	}{
		"named":         {access.Key{Organizations: []string{"globex", "acme"}}, true},
		"everywhere":    {access.Key{Everywhere: true}, true},
		"another":       {access.Key{Organizations: []string{"globex"}}, false},
		"a longer name": {access.Key{Organizations: []string{"acme-2"}}, false},
		"capitals":      {access.Key{Organizations: []string{"ACME"}}, false},
		"none":          {access.Key{}, false},
	} {
		if got := c.key.Reaches("acme"); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestRefusalsAreOfTheirKind(t *testing.T) {
	for err, kind := range map[*fault.Error]fault.Kind{
		access.ErrUnauthenticated: fault.Unauthenticated, access.ErrRole: fault.Forbidden,
		access.ErrPermission: fault.Forbidden, access.ErrNotFound: fault.NotFound,
	} {
		if err.Kind != kind {
			t.Errorf("%s is of kind %v, want %v", err.Code, err.Kind, kind)
		}
	}
}
