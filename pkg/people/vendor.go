package people

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// VendorRule is for everything about those of the vendor's own: colleagues, applications, readers, and their keys.
var VendorRule = access.Rule{Roles: []access.Role{access.SystemAdministrator}, InPerson: true}

// ErrLastColleague refuses to leave the deployment without anybody who can grant, invite and issue.
var ErrLastColleague = fault.New(fault.Conflict, ErrLast.Code, "This is the last system administrator. Invite another first.")

// ruled is what an operation demands in a home: the vendor's is open to nobody but its own administrators.
func ruled(r access.Rule, home string) access.Rule {
	if home == access.VendorHome {
		return VendorRule
	}
	return r
}

// roleAt is the role of the administrators of a home.
func roleAt(home string) access.Role {
	if home == access.VendorHome {
		return access.SystemAdministrator
	}
	return access.OrganizationAdministrator
}

// give makes a key the holder's: whose it is, what it reaches and, of an application, who its assertions are for and where browsers may be sent back to. It is asked anew whenever
// the holder changes, so that a key never reaches further than its holder.
func (h held) give(k access.Key) access.Key {
	k.Holder = h.id
	if h.application != nil {
		k.ReturnAddresses = h.application.ReturnAddresses
	}
	switch {
	case h.organization != access.VendorHome:
		k.Organizations = []string{h.organization}
	case h.application != nil:
		a := h.application
		k.Vendor, k.Organizations, k.Everywhere, k.Audience = true, a.Organizations, a.Everywhere, a.Audience
	default:
		k.Vendor, k.Everywhere = true, true
	}
	return k
}

// roster reads who decides in a home. The first system administrator was there before there was a roster, so where the vendor's has none it is
// made of the administrators that there are. That is safe: whoever joins or leaves writes the first revision, which only one can.
func (s *Service) roster(ctx context.Context, home string) (org.Roster, error) {
	stored, err := s.Store.Roster(ctx, home)
	switch {
	case err != nil:
		return org.Roster{}, fault.Down(err)
	case stored != nil:
		return *stored, nil
	}
	none := org.Roster{Organization: home}
	if home != access.VendorHome {
		return none, nil
	}
	all, err := s.Store.Administrators(ctx, home)
	if err != nil {
		return none, fault.Down(err)
	}
	for _, a := range all {
		if decides(a) {
			none.Writers = append(none.Writers, a.ID)
		}
	}
	return none, nil
}
