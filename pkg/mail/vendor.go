package mail

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
)

// vendor stands for an organisation in mails about those of the vendor's own: it has a name to be shown, and no sender of its own, so all
// comes from the system's.
var vendor = org.Organization{ID: access.VendorHome, Name: "Twofold"}

// vendorNotices are headings and leads of events in the system's own log, where they are others than an organisation's.
var vendorNotices = map[audit.Kind][2]string{
	audit.KeyIssued:            {"A key of the system was issued", "A new key was issued to a system administrator, an application or a reader of the vendor's own. Whoever has it acts as its holder."},
	audit.ApplicationRemoved:   {"An application of the vendor's was removed", "An application of the vendor's own was removed, with all keys: it can ask nothing any more."},
	audit.ApplicationWidened:   {"An application of the vendor's may do more", "An application of the vendor's own reaches more than before, or is addressed otherwise."},
	audit.AdministratorInvited: {"A system administrator was invited", "Somebody was invited to be a system administrator, who may everything in every organisation."},
	audit.AdministratorMoved:   {"A system administrator's address changes", "Codes and notices of a system administrator will go to another address. Where the old address did not confirm it, that begins in 24 hours."},
	audit.AdministratorRemoved: {"A system administrator was removed", "A system administrator was removed, with all keys."},
}

// noticeWords are the heading and the lead of an event's notice.
func noticeWords(e audit.Event) [2]string {
	if words, ours := vendorNotices[e.Kind]; ours && e.Organization == access.VendorHome {
		return words
	}
	if e.Kind == audit.UserEnrolled && e.Details["imported"] != "" {
		return takenOver
	}
	if e.Kind == audit.RecoveryUsed && e.Details["way"] == string(login.Bypass) {
		return bypassed
	}
	return notices[e.Kind]
}

// inviting is who invites; nil: an organisation that is gone.
func (s *Service) inviting(ctx context.Context, organization string) (*org.Organization, error) {
	if organization == access.VendorHome {
		return &vendor, nil
	}
	found, _, _, err := s.Store.Recipient(ctx, organization, "")
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

func colleagueLetter(a org.Administrator, code string) letter {
	c := content{
		Organization: vendor.Name, Heading: "You are invited", Code: factor.ShowRecovery(code),
		Lead:   "You are to be a system administrator. Enter this invitation once, within seven days, and you get your key.",
		Facts:  []string{"Administrator: " + a.ID, "You may: everything, in every organisation"},
		NotYou: "If you expected no invitation, do nothing: without this code there is no key. Never pass it on.",
	}
	return letter{to: a.Email, subject: "You are invited: " + vendor.Name, tag: "invitation", content: c}
}
