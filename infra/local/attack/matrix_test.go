package attack_test

import (
	"slices"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// public marks what asks for no key.
const public = "public"

// vendorReader is a reader of the vendor's own, who may besides whatever a reader may.
const vendorReader = "vendor_reader"

// inPerson marks what is refused in an impersonation.
const inPerson = "in_person"

// matrix says who may call what: roles, the permission that an organisation's administrator needs, and what an impersonator may not. It
// stands here a second time, so that whoever opens a route to somebody says so twice.
var matrix = map[string]string{
	"accept-invitation":               public,
	"accept-system-invitation":        public,
	"add-authenticator":               "application",
	"alter-authenticator":             "application",
	"answer-enrollment":               "application",
	"answer-login":                    "application",
	"begin-enrollment":                "application",
	"begin-impersonation":             "system_admin in_person",
	"begin-login":                     "application",
	"change-administrator":            "system_admin org_admin keys:write in_person",
	"change-announcement":             "org_admin announcements:write",
	"change-recovery-email":           "application",
	"change-system-administrator":     "system_admin in_person",
	"check-app-password":              "application",
	"exchange-return-code":            "application",
	"confirm-administrator":           "system_admin org_admin keys:write in_person",
	"confirm-allowance-change":        "org_admin",
	"confirm-authenticator":           "application",
	"confirm-entitlements-change":     "system_admin",
	"confirm-key":                     "system_admin org_admin keys:write in_person",
	"confirm-policy-change":           "org_admin policy:write",
	"confirm-recovery-email":          "application",
	"confirm-self":                    "org_admin in_person",
	"confirm-system-administrator":    "system_admin in_person",
	"confirm-vendor-application":      "system_admin in_person",
	"confirm-vendor-key":              "system_admin in_person",
	"create-announcement":             "org_admin announcements:write",
	"create-app-password":             "application",
	"delete-grace":                    "org_admin users:write",
	"delete-user":                     "application org_admin users:write",
	"delete-sender":                   "system_admin org_admin policy:write",
	"disable-user":                    "application",
	"end-impersonation":               "system_admin org_admin keys:write in_person",
	"get-administrator":               "system_admin org_admin",
	"get-administrator-change":        "system_admin org_admin keys:write in_person",
	"get-allowance-change":            "org_admin",
	"get-announcement":                "system_admin org_admin",
	"list-sign-ins":                   "system_admin org_admin reader audit:read",
	"get-audit":                       "system_admin org_admin reader audit:read",
	"export-audit":                    "system_admin org_admin reader audit:read",
	"export-sign-ins":                 "system_admin org_admin reader audit:read",
	"export-system-audit":             "system_admin vendor_reader",
	"export-report":                   "system_admin org_admin reader reports:read",
	"export-system-report":            "system_admin vendor_reader",
	"get-export-keys":                 public,
	"get-audit-checkpoint":            "system_admin org_admin reader audit:read",
	"get-system-audit-checkpoint":     "system_admin vendor_reader",
	"get-audit-consistency":           "system_admin org_admin reader audit:read",
	"get-system-audit-consistency":    "system_admin vendor_reader",
	"get-audit-entries":               "system_admin org_admin reader audit:read",
	"get-system-audit-entries":        "system_admin vendor_reader",
	"get-audit-inclusion":             "system_admin org_admin reader audit:read",
	"get-system-audit-inclusion":      "system_admin vendor_reader",
	"put-webhook":                     "org_admin keys:write audit:read in_person",
	"get-webhook":                     "system_admin org_admin audit:read",
	"delete-webhook":                  "system_admin org_admin keys:write in_person",
	"renew-webhook-secret":            "org_admin keys:write audit:read in_person",
	"replay-webhook":                  "org_admin keys:write audit:read in_person",
	"get-dry-run":                     "system_admin org_admin",
	"get-dry-run-users":               "system_admin org_admin reports:read",
	"get-enforcement":                 "org_admin users:write",
	"get-entitlements-change":         "system_admin",
	"get-key-change":                  "system_admin org_admin keys:write in_person",
	"get-keys":                        public,
	"get-openapi":                     public,
	"get-opt-out":                     public,
	"get-order":                       "application org_admin users:write",
	"get-organization":                "system_admin org_admin",
	"get-policy":                      "system_admin org_admin",
	"get-policy-change":               "org_admin policy:write",
	"get-policy-history":              "system_admin org_admin",
	"get-report":                      "system_admin org_admin reader reports:read",
	"get-security":                    "application org_admin users:write",
	"get-self":                        "org_admin in_person",
	"get-self-change":                 "org_admin in_person",
	"get-branding":                    "system_admin org_admin",
	"get-sender":                      "system_admin org_admin",
	"get-system-administrator":        "system_admin in_person",
	"get-system-administrator-change": "system_admin in_person",
	"get-summary":                     "system_admin org_admin reader reports:read",
	"get-system-audit":                "system_admin vendor_reader",
	"get-system-report":               "system_admin vendor_reader",
	"get-system-summary":              "system_admin vendor_reader",
	"get-user":                        "application org_admin users:write",
	"get-user-status":                 "system_admin org_admin application reports:read",
	"get-vendor-application":          "system_admin in_person",
	"clear-undeliverable":             "org_admin users:write",
	"get-vendor-application-change":   "system_admin in_person",
	"get-vendor-key-change":           "system_admin in_person",
	"import-users":                    "application org_admin users:write",
	"list-administrators":             "system_admin org_admin",
	"list-announcements":              "system_admin org_admin",
	"list-app-passwords":              "application org_admin users:write",
	"list-applications":               "system_admin org_admin",
	"list-authenticators":             "application org_admin users:write",
	"list-devices":                    "application org_admin users:write",
	"list-impersonations":             "system_admin org_admin audit:read",
	"list-keys":                       "system_admin org_admin keys:write in_person",
	"list-system-administrators":      "system_admin in_person",
	"list-vendor-applications":        "system_admin in_person",
	"list-vendor-keys":                "system_admin in_person",
	"make-bypass-code":                "org_admin users:reset",
	"make-ticket":                     "org_admin users:reset",
	"order-login-code":                "application",
	"open-account-page":               "application",
	"order-proof":                     "application",
	"password-changed":                "application",
	"post-dry-run":                    "system_admin org_admin",
	"post-opt-out":                    public,
	"propose-administrator":           "system_admin org_admin keys:write in_person",
	"propose-allowance":               "org_admin",
	"propose-entitlements":            "system_admin",
	"propose-key":                     "system_admin org_admin keys:write in_person",
	"propose-policy":                  "org_admin policy:write",
	"propose-self":                    "org_admin in_person",
	"propose-system-administrator":    "system_admin in_person",
	"propose-vendor-application":      "system_admin in_person",
	"propose-vendor-key":              "system_admin in_person",
	"put-announcements":               "application",
	"put-application":                 "system_admin org_admin keys:write in_person",
	"put-enforcement":                 "org_admin users:write",
	"put-enforcements":                "org_admin users:write",
	"put-grace":                       "org_admin users:write",
	"put-organization":                "system_admin",
	"put-branding":                    "org_admin policy:write",
	"put-sender":                      "org_admin policy:write",
	"put-user":                        "application org_admin users:write",
	"put-vendor-application":          "system_admin in_person",
	"remove-administrator":            "system_admin org_admin keys:write in_person",
	"remove-application":              "system_admin org_admin keys:write in_person",
	"remove-authenticator":            "application",
	"remove-system-administrator":     "system_admin in_person",
	"remove-vendor-application":       "system_admin in_person",
	"rename-device":                   "application org_admin users:write",
	"renew-recovery-codes":            "application",
	"resend-confirmation":             "application",
	"reset-user":                      "org_admin users:reset",
	"revoke-app-password":             "application",
	"revoke-device":                   "application org_admin users:write",
	"revoke-devices":                  "application org_admin users:write",
	"revoke-key":                      "system_admin org_admin keys:write in_person",
	"revoke-vendor-key":               "system_admin in_person",
	"view-app-password":               "application",
	"withdraw-app-password":           "org_admin users:write",
}

// permitted is somebody with a role and, an organisation's administrator, some permissions.
type permitted struct {
	name, role, key string
	permissions     []access.Permission
	impersonates    bool
}

// everybody is all roles, and administrators with each permission alone and with all but each.
func (t *tenant) everybody() []permitted {
	// Somebody whom no sample is about, or the session would end with the sample.
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Administrators: []org.Administrator{{
		ID: "cyd", Organization: t.id, Email: t.addressOf("cyd"), Permissions: everything(), CreatedAt: t.clock.Now(), Rev: 1,
	}}}))
	all := []permitted{
		{name: "a system administrator", role: "system_admin", key: t.system}, {name: "an application", role: "application", key: t.app},
		{name: "a reader", role: "reader", key: t.reader},
		{"an impersonator", "org_admin", t.impersonating("cyd"), access.Permissions(), true},
	}
	var c policy.Change
	for _, p := range access.Permissions() {
		others := slices.DeleteFunc(access.Permissions(), func(other access.Permission) bool { return other == p })
		all = append(all,
			permitted{"an administrator with " + string(p) + " alone", "org_admin", t.key(&c, access.OrganizationAdministrator, "ann", p), []access.Permission{p}, false},
			permitted{"an administrator with all but " + string(p), "org_admin", t.key(&c, access.OrganizationAdministrator, "ann", others...), others, false})
	}
	all = append(all, permitted{name: "a reader of the vendor's", role: vendorReader, key: t.vendorReader(&c)})
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, c))
	return all
}

func (t *tenant) vendorReader(c *policy.Change) string {
	key, text := access.NewKey(access.Reader, t.clock.Now())
	key.Holder, key.Vendor, key.Everywhere = "siem", true, true
	c.Keys = append(c.Keys, key)
	return text
}

// refusal is what an entry of the matrix has for somebody; empty: they may.
func (p permitted) refusal(entry []string) string {
	lacks := func(word string) bool {
		return strings.Contains(word, ":") && !slices.Contains(p.permissions, access.Permission(word))
	}
	switch {
	case p.role == vendorReader && slices.Contains(entry, "reader"):
		return ""
	case !slices.Contains(entry, p.role):
		return "role_forbidden"
	case p.impersonates && slices.Contains(entry, inPerson):
		return "impersonating"
	case p.role == "org_admin" && slices.ContainsFunc(entry, lacks):
		return "permission_missing"
	}
	return ""
}

// Every route of the document, every role, every permission: who may, may, and nobody else.
func TestThePermissionMatrix(t *testing.T) {
	alone(t)
	documented := newProduct(t).documented()
	for id := range matrix {
		if _, ok := documented[id]; !ok {
			t.Errorf("the matrix has %s, which no route is", id)
		}
	}
	of := map[string]sample{}
	for _, s := range samples() {
		of[s.operation] = s
	}
	for id, o := range documented {
		entry := strings.Fields(matrix[id])
		if len(entry) == 0 {
			t.Errorf("%s is not in the matrix: whoever adds a route says there who may call it", id)
			continue
		}
		if (entry[0] == public) != (len(o.roles) == 0) {
			t.Errorf("%s: the document names the roles %v, the matrix %v", id, o.roles, entry)
		}
		if o.inPerson != slices.Contains(entry, inPerson) {
			t.Errorf("%s: in person, says the document: %t; the matrix says otherwise", id, o.inPerson)
		}
		if entry[0] == public || of[id].make == nil {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			r := of[id].make(ten)
			for _, p := range ten.everybody() {
				r.key = p.key
				got := ten.send(r)
				code := got.code()
				if !slices.Contains([]string{"role_forbidden", "permission_missing", "impersonating", "impersonation_ended"}, code) {
					code = ""
				}
				if want := p.refusal(entry); code != want || got.status == 401 {
					t.Errorf("%s is answered %d %q, want the refusal %q", p.name, got.status, got.code(), want)
				}
			}
			ten.says(t)
		})
	}
}
