package people

import (
	"context"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// SelfRule is for what administrators say of themselves, whatever they may do otherwise. Whoever could say it for another could give
// that one a user with an authenticator of their own, and confirm in the other's place (docs/decisions/0014).
var SelfRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, InPerson: true}

// Self is an administrator, with the key that asked.
type Self struct {
	Administrator org.Administrator
	Key           access.Key
}

// Own is what administrators want said of themselves. Nil leaves things as they are; an empty user forgets who one is as a user.
type Own struct {
	Name  *string `json:"name,omitempty"`
	Email *string `json:"email,omitempty"`
	User  *string `json:"user,omitempty"`
}

// ErrUnknownUser refuses to be a user whom the organisation does not have.
var ErrUnknownUser = fault.New(fault.Unprocessable, "unknown_user", "The organisation has no such user.").At("user")

// Self gives the administrator whose key this is.
func (s *Service) Self(ctx context.Context, c access.Caller, organization string) (Self, error) {
	v, err := s.read(ctx, c, SelfRule, organization, s.Now())
	if err != nil {
		return Self{}, err
	}
	return s.self(ctx, v)
}

func (s *Service) self(ctx context.Context, v visit) (Self, error) {
	a, err := s.Store.Administrator(ctx, v.organization, v.key.Holder)
	if err != nil || a == nil {
		return Self{}, absent(err)
	}
	return Self{Administrator: *a, Key: *v.key}, nil
}

// ProposeSelf stores what administrators want said of themselves, and mails a code to their own address.
func (s *Service) ProposeSelf(ctx context.Context, c access.Caller, organization string, o Own) (Proposed, error) {
	if err := o.check(); err != nil {
		return Proposed{}, err
	}
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		v, err := s.read(ctx, c, SelfRule, organization, now)
		if err != nil {
			return Proposed{}, err
		}
		if v.key.Scope != nil { // it would spend the codes that all of the administrator's changes share
			return Proposed{}, access.ErrNarrowed
		}
		me, next, err := s.becoming(ctx, v, o)
		if err != nil {
			return Proposed{}, err
		}
		before := me.Administrator
		told := differences(next, before)
		if o.Email != nil && *o.Email != before.Address(now) {
			told["address"] = *o.Email
		}
		return s.propose(ctx, v, intent{stepup.Self, audit.AdministratorProposed, o, before.Rev, told})
	})
}

func (o *Own) check() error {
	if o.Email != nil {
		address, ok := user.Address(*o.Email)
		if !ok {
			return ErrEmail
		}
		o.Email = &address
	}
	if o.User != nil && (len(*o.User) > maxUserID || !utf8.ValidString(*o.User)) {
		return ErrUnknownUser // and no store is asked for what is no id
	}
	if o.Name != nil {
		return checkName(*o.Name)
	}
	return nil
}

// SelfProposal gives the caller's own proposal again.
func (s *Service) SelfProposal(ctx context.Context, c access.Caller, organization, id string) (Proposed, error) {
	return s.proposed(ctx, c, SelfRule, organization, stepup.Self, id)
}

// ConfirmSelf changes the administrator, once, with the second word. Confirming again gives how the administrator is.
func (s *Service) ConfirmSelf(ctx context.Context, c access.Caller, organization, id string, typed stepup.Word) (Self, error) {
	return confirm(ctx, s, c, SelfRule, organization, stepup.Self, id, typed, s.become)
}
