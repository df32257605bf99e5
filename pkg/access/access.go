// Package access says who may do what: roles, permissions and API keys (design
// §1). It is pure: it judges a key that somebody else has read, at a time that
// somebody else has taken.
package access

import (
	"slices"
	"time"

	"twofold/pkg/fault"
)

// Role is what a key's holder is.
type Role string

// The roles of design §1.
const (
	SystemAdministrator       Role = "system_admin"
	OrganizationAdministrator Role = "org_admin"
	Application               Role = "application"
	Reader                    Role = "reader"
)

// words are how roles are written inside a key, where an underscore separates.
var words = map[Role]string{
	SystemAdministrator: "system", OrganizationAdministrator: "admin", Application: "app", Reader: "reader",
}

func (r Role) word() string { return words[r] }

func roleOf(word string) (Role, bool) {
	for role, w := range words {
		if w == word {
			return role, true
		}
	}
	return "", false
}

// Permission is what an organisation administrator may do.
type Permission string

// The permissions of design §1.
const (
	PolicyWrite        Permission = "policy:write"
	UsersWrite         Permission = "users:write"
	UsersReset         Permission = "users:reset"
	ReportsRead        Permission = "reports:read"
	AuditRead          Permission = "audit:read"
	AnnouncementsWrite Permission = "announcements:write"
	KeysWrite          Permission = "keys:write"
)

// Permissions are all there are, in the order of the design.
func Permissions() []Permission {
	return []Permission{PolicyWrite, UsersWrite, UsersReset, ReportsRead, AuditRead, AnnouncementsWrite, KeysWrite}
}

// The refusals. A key that does not reach an organisation gets ErrNotFound,
// the answer for an id that does not exist, so that nobody can probe for tenants.
var (
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "unauthenticated", "A valid key is needed: Authorization: Bearer tfk_…")
	ErrRole            = fault.New(fault.Forbidden, "role_forbidden", "This key's role may not do this.")
	ErrPermission      = fault.New(fault.Forbidden, "permission_missing", "This key's holder lacks the permission for this.")
	ErrNotFound        = fault.New(fault.NotFound, "not_found", "There is no such thing.")
)

// Rule is what an operation demands of a key. Permission binds organisation
// administrators and is not asked of other roles.
type Rule struct {
	Roles      []Role
	Permission Permission
	InPerson   bool // nobody does it in somebody else's place
}

// Authorize judges a presented key against a rule and the organisation that the
// request names ("" where it names none). Role and permission come before the
// organisation, so a refusal never depends on what exists.
func Authorize(key *Key, presented Credential, rule Rule, organization string, now time.Time) error {
	switch {
	case key.Valid(presented, now):
	case key.is(presented) && key.Impersonates():
		return ErrSessionEnded
	default:
		return ErrUnauthenticated
	}
	if presented.found != nil {
		presented.found.Key = key
	}
	if err := key.within(rule); err != nil {
		return err
	}
	if organization != "" && !key.Reaches(organization) {
		if key.Impersonates() {
			return ErrElsewhere
		}
		return ErrNotFound
	}
	return nil
}

// within judges a key by a rule alone.
func (k *Key) within(rule Rule) error {
	switch {
	case !slices.Contains(rule.Roles, k.Role):
		return ErrRole
	case rule.InPerson && k.Impersonates():
		return ErrImpersonated
	case k.Role == OrganizationAdministrator && rule.Permission != "" && !slices.Contains(k.Permissions, rule.Permission):
		return ErrPermission
	}
	return nil
}

// ErrLack refuses to give somebody else a permission that the giver lacks.
var ErrLack = fault.New(fault.Forbidden, "permission_lacking", "Nobody grants a permission that they lack.")

// Grant reports whether a key's holder may give permissions to another: a system administrator any, an organisation
// administrator only what the key itself has.
func (k *Key) Grant(permissions []Permission) error {
	if k.Role == SystemAdministrator {
		return nil
	}
	for _, p := range permissions {
		if k.Role != OrganizationAdministrator || !slices.Contains(k.Permissions, p) {
			return ErrLack
		}
	}
	return nil
}

// Caller is who sent a request, and from where. Seen is the address that the API
// Gateway saw; Claimed is the browser's, as the application reports it.
type Caller struct {
	Credential Credential
	RequestID  string
	Seen       string
	Claimed    string
	Agent      string // the browser's, as the application reports it
}
