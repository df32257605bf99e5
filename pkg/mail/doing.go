package mail

import (
	"twofold/pkg/access"
	"twofold/pkg/audit"
)

// doing says in a notice that goes to administrators alone who did what it tells of, and what to do for whom it surprises. Empty: nobody
// decided it, or it goes to a user.
func doing(e audit.Event) (who, surprised string) {
	vendor := e.Role == string(access.SystemAdministrator)
	switch {
	case e.User != "" && !forThemOnly[e.Kind] || e.Role == audit.System || e.Actor == "":
		return "", ""
	case e.Subject != "":
		return "System administrator of the vendor: " + e.Actor + ", in the place of " + e.Subject + " (impersonation " + e.Session + ")",
			"If this surprises you, ask the vendor. An administrator who may change keys can end it at once: it is the impersonation " + e.Session + "."
	case vendor && e.Organization != access.VendorHome:
		return "System administrator of the vendor: " + e.Actor, "If this surprises you, ask the vendor."
	}
	return "Administrator: " + e.Actor,
		"If this surprises you, ask that administrator; if it was somebody else, have the key revoked that was used: " + e.Key + "."
}
