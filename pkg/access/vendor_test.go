package access_test

import (
	"testing"

	"twofold/pkg/access"
)

func TestWhereAHolderIsAtHome(t *testing.T) {
	own := access.Key{Role: access.Application, Holder: "crm", Organizations: []string{"acme"}}
	vendors, limited := own, own
	vendors.Vendor, vendors.Everywhere, vendors.Organizations = true, true, nil
	limited.Vendor = true
	parent := access.Key{ID: "k1", Role: access.SystemAdministrator, Holder: "root", Everywhere: true}
	session, _ := access.NewSession(&parent, "acme", "ann", nil, "a ticket", noon)
	system := access.Key{Role: access.SystemAdministrator, Holder: "root", Everywhere: true}
	for name, c := range map[string]struct {
		key                    access.Key
		acme, globex, vendor   bool
		qualified, addressedAt string
	}{
		"an organisation's application": {own, true, false, false, "acme/crm", "crm"},
		"the vendor's":                  {vendors, false, false, true, "crm", "crm"},
		"the vendor's, for one":         {limited, false, false, true, "crm", "crm"},
		"a session":                     {session, false, false, false, "acme/ann", "ann"},
		"a system administrator of old": {system, false, false, true, "/root", "root"},
	} {
		k := c.key
		if k.At("acme") != c.acme || k.At("globex") != c.globex || k.At(access.VendorHome) != c.vendor {
			t.Errorf("%s: at home in acme %v, in globex %v, at the vendor's %v", name, k.At("acme"), k.At("globex"), k.At(access.VendorHome))
		}
		if k.Qualified() != c.qualified || k.Addressee() != c.addressedAt {
			t.Errorf("%s: %s, addressed as %s", name, k.Qualified(), k.Addressee())
		}
	}
	own.Audience = "urn:twofold:application:crm"
	if own.Addressee() != own.Audience || own.Qualified() != "acme/crm" {
		t.Errorf("with an audience: %s, addressed as %s", own.Qualified(), own.Addressee())
	}
}

// An organisation may have an application of the same id: its audit tells the two apart.
func TestTheVendorsApplicationIsNamedAsSuch(t *testing.T) {
	k := access.Key{Role: access.Application, Holder: "crm", Vendor: true}
	if e := (access.Caller{}).Event("login", "acme", &k, noon); e.Actor != "vendor/crm" {
		t.Errorf("the actor is %s", e.Actor)
	}
	k.Vendor = false
	if e := (access.Caller{}).Event("login", "acme", &k, noon); e.Actor != "crm" {
		t.Errorf("the actor is %s", e.Actor)
	}
	k.Vendor, k.Role = true, access.SystemAdministrator
	if e := (access.Caller{}).Event("login", "acme", &k, noon); e.Actor != "crm" {
		t.Errorf("a system administrator is named %s", e.Actor)
	}
}
