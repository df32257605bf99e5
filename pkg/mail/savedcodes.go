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
	organization, profile, f, err := s.Store.Recipient(ctx, o.Organization, o.User)
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
	l := letter{to: address, subject: "Your recovery codes for " + organization.Name, tag: "saved-codes", of: Of{User: o.User}, content: content{
		Organization: organization.Name, Heading: "Your recovery codes",
		Lead:   "Keep these codes where nobody else finds them. Each signs you in once without your authenticator. Codes that you had before are void.",
		Facts:  codes,
		NotYou: "If you did not set up two-factor authentication just now, tell your administrator.",
	}}
	return s.sendOne(ctx, organization.ID, organization.Entitlements.Sender, id, l, now)
}
