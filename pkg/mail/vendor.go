package mail

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// vendor stands for an organisation in mails about those of the vendor's own: it has a name to be shown, and neither branding nor a sender of
// its own, so all is in English and comes from the system's.
var vendor = Organization{Organization: org.Organization{ID: access.VendorHome, Name: "Twofold"}}

// inviting is who invites; nil: an organisation that is gone.
func (s *Service) inviting(ctx context.Context, organization string) (*Organization, error) {
	if organization == access.VendorHome {
		return &vendor, nil
	}
	found, _, _, err := s.Store.Addressee(ctx, organization, "")
	if err != nil {
		return nil, fault.Down(err)
	}
	return found, nil
}

// administrators are the addresses of all who act for an organisation or are system administrators, and of those beside the list whom an event concerns.
func (s *Service) administrators(ctx context.Context, o Order) ([]string, error) {
	all, err := s.Store.Administrators(ctx, o.Organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	var to []string
	for _, a := range all {
		if a.Active() {
			to = append(to, a.Address(s.Now()))
		}
	}
	return append(to, beside(o.Event)...), nil
}
