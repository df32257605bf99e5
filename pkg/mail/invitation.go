package mail

import (
	"context"
	"slices"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
)

// beside are addresses that an event concerns and no list names: of who was removed, and of who is reached elsewhere, old and new.
func beside(e audit.Event) []string {
	if e.Kind != audit.AdministratorRemoved && e.Kind != audit.AdministratorMoved {
		return nil
	}
	var to []string
	for _, name := range []string{"address", "old_address"} {
		if address := e.Details[name]; address != "" {
			to = append(to, address)
		}
	}
	return to
}

// invitation sends an administrator who was invited the code that gives the first key.
func (s *Service) invitation(ctx context.Context, o Order) error {
	now := s.Now()
	found, err := s.inviting(ctx, o.Organization)
	if err != nil {
		return err
	}
	administrators, err := s.Store.Administrators(ctx, o.Organization)
	if err != nil {
		return fault.Down(err)
	}
	at := slices.IndexFunc(administrators, func(a org.Administrator) bool {
		return a.ID == o.Administrator && a.Invitation != nil && a.Invitation.ID == o.Reference
	})
	id := delivery.ID("invitation", o.Organization, o.Reference, o.Administrator)
	if found == nil || at < 0 || administrators[at].Active() || !now.Before(administrators[at].Invitation.ExpiresAt) {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	a := administrators[at]
	same, err := factor.SameAddress(s.Codes, a.Invitation.Address, a.Email)
	if err != nil {
		return fault.Down(err)
	}
	if !same {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	code, err := factor.InvitationCode(s.Codes, a.Invitation.KeyID, stepup.Invited(a))
	if err != nil {
		return fault.Down(err)
	}
	return s.sendOne(ctx, o.Organization, found.Entitlements.Sender, id, invitationLetter(a, *found, code), now)
}

func invitationLetter(a org.Administrator, o Organization, code string) letter {
	v := o.voice("")
	heading := v.Say("invitation.heading")
	c := content{Heading: heading, Code: factor.ShowRecovery(code), NotYou: v.Say("invitation.not_you")}
	administrator := v.fact(v.Say("fact.administrator"), a.ID)
	if o.ID == access.VendorHome {
		c.Lead = v.Say("invitation.system.lead")
		c.Facts = []fact{administrator, v.fact(v.Say("fact.may"), v.Say("invitation.system.may"))}
	} else {
		c.Lead = v.Say("invitation.lead", "organization", v.name)
		c.Facts = []fact{v.fact(v.Say("fact.organization"), o.ID), administrator, v.fact(v.Say("fact.may"), strings.Join(a.Permissions, ", "))}
	}
	return letter{voice: v, to: a.Email, subject: v.subject(heading), tag: "invitation", content: c}
}
