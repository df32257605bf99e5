package mail

import (
	"context"
	"strconv"

	"twofold/pkg/delivery"
	"twofold/pkg/fault"
)

// savedCodes sends a user's saved recovery codes to the recovery email, where the policy has them mailed instead of shown. Those
// of a generation that is over are not sent.
func (s *Service) savedCodes(ctx context.Context, o Order) error {
	now := s.Now()
	organization, profile, f, err := s.Store.Addressee(ctx, o.Organization, o.User)
	if err != nil {
		return fault.Down(err)
	}
	id := delivery.ID("saved-codes", o.Organization, strconv.FormatInt(f.RecoveryCodes.Generation, 10), o.User)
	if profile == nil || organization == nil || !f.Enrolled() || !organization.Policy.Recovery.MailCodes {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	address, err := s.open(*profile, profile.Recovery(now))
	if err != nil {
		return err
	}
	if address == "" {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	if stopped, err := s.unreachable(*profile, address); err != nil || stopped {
		return s.endIf(ctx, id, delivery.Suppressed, now, err)
	}
	codes, err := f.SavedCodes(s.Codes)
	if err != nil {
		return fault.Down(err)
	}
	l := savedCodesLetter(organization.voice(profile.Language), address, o.User, codes)
	return s.sendOne(ctx, organization.ID, organization.Entitlements.Sender, id, l, now)
}

func savedCodesLetter(v voice, to, id string, codes []string) letter {
	return letter{voice: v, to: to, subject: v.Say("saved_codes.subject", "organization", v.name), tag: "saved-codes", of: Of{User: id}, content: content{
		Heading: v.Say("saved_codes.heading"), Lead: v.lead("saved_codes.lead"), Codes: codes, NotYou: v.Say("saved_codes.not_you"),
	}}
}
