package stepup

import (
	"twofold/pkg/factor"
	"twofold/pkg/org"
)

// Invited says what an invitation's code is for: this administrator of this organisation at this address, and this one invitation.
func Invited(a org.Administrator) factor.Mailed {
	return factor.Mailed{
		Purpose: "invitation", Organization: a.Organization, User: a.ID, Challenge: a.Invitation.ID, Address: a.Invitation.Address,
	}
}
