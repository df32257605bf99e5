package policy

import (
	"context"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Consequence is what becomes of users when one entitlement is withdrawn.
type Consequence struct {
	Entitlement string
	Users       int64 // how many it concerns, a moment old; -1: nothing here counts them
	Text        string
}

const uncounted = -1

// consequences says what becomes of those who rely on what an organisation loses. It costs a read only if there is something.
func (s *Service) consequences(ctx context.Context, before *org.Organization, after org.Entitlements) ([]Consequence, error) {
	if before == nil {
		return nil, nil
	}
	withdrawn := after.Withdraws(before.Entitlements)
	if len(withdrawn) == 0 {
		return nil, nil
	}
	counts, err := s.counts(ctx, before.ID)
	if err != nil {
		return nil, err
	}
	var all []Consequence
	for _, name := range withdrawn {
		all = append(all, consequence(name, *before, after, counts))
	}
	return all, nil
}

func consequence(name string, before org.Organization, after org.Entitlements, counts user.Counts) Consequence {
	switch name {
	case org.EntitledTwoFactor:
		return Consequence{name, counts.Enrolled(), "They are let in without their second factor. What they enrolled stays, and counts again when the entitlement returns."}
	case org.EntitledSMS:
		return Consequence{name, onlySMS(counts), "SMS is their only method, and none is sent any more: they sign in by a way back, and enrol another."}
	case org.EntitledAppPasswords:
		return Consequence{name, uncounted, "App passwords are no longer accepted: mail programs and the like of enrolled users are refused."}
	case org.EntitledSender:
		return Consequence{name, uncounted, "Mail comes from the vendor's sender again."}
	case org.EntitledSMSCountries:
		return Consequence{name, uncounted, "No SMS goes to numbers of these countries any more: those users sign in by another method or a way back."}
	case org.LimitUsers:
		return Consequence{name, max(0, counts.Enrolled()-int64(after.UserLimit)), "They are enrolled beyond the limit and stay so; nobody else can enrol."}
	}
	return Consequence{name, uncounted, "SMS beyond the limit are not sent."}
}

func onlySMS(counts user.Counts) int64 {
	var n int64
	for class, users := range counts.ByClass {
		if class.Methods == string(org.SMS) {
			n += users
		}
	}
	return n
}
