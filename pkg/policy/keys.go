package policy

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Holder names whom a key is for: one of both.
type Holder struct {
	Administrator string
	Application   string
}

// ErrHolder refuses a key for nobody, or for both kinds of holder.
var ErrHolder = fault.New(fault.Unprocessable, "invalid_holder", "A key is for one administrator or one application.")

// IssueKey makes a further key for a holder: after a reply with a key was lost, or to rotate one.
func (s *Service) IssueKey(ctx context.Context, c access.Caller, organization string, h Holder) (Issued, error) {
	if (h.Administrator == "") == (h.Application == "") {
		return Issued{}, ErrHolder
	}
	now := s.Now()
	snap, err := s.existing(ctx, c, SystemRule, organization, now)
	if err != nil {
		return Issued{}, err
	}
	role, holder, permissions, err := s.holder(ctx, organization, h)
	if err != nil {
		return Issued{}, err
	}
	key, issued := newKey(role, organization, holder, permissions, now)
	e := event(audit.KeyIssued, organization, snap.Key, c, now)
	e.Details = map[string]string{"key": key.ID, "role": string(role), "holder": holder}
	return issued, s.write(ctx, organization, Change{Keys: []access.Key{key}, Events: []audit.Event{e}})
}

func (s *Service) holder(ctx context.Context, organization string, h Holder) (access.Role, string, []access.Permission, error) {
	if h.Application != "" {
		known, err := s.Store.Application(ctx, organization, h.Application)
		if err != nil {
			return "", "", nil, fault.Down(err)
		}
		if known == nil {
			return "", "", nil, access.ErrNotFound
		}
		return access.Application, known.ID, nil, nil
	}
	known, err := s.Store.Administrator(ctx, organization, h.Administrator)
	if err != nil {
		return "", "", nil, fault.Down(err)
	}
	if known == nil {
		return "", "", nil, access.ErrNotFound
	}
	permissions := make([]access.Permission, len(known.Permissions))
	for i, p := range known.Permissions {
		permissions[i] = access.Permission(p)
	}
	return access.OrganizationAdministrator, known.ID, permissions, nil
}

// RevokeKey ends a key of this organisation, with effect on the next request. Repeating it changes nothing.
func (s *Service) RevokeKey(ctx context.Context, c access.Caller, organization, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.existing(ctx, c, SystemRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		key, err := s.Store.Key(ctx, id)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		if key == nil || key.Everywhere || !key.Reaches(organization) {
			return struct{}{}, access.ErrNotFound
		}
		if !key.RevokedAt.IsZero() {
			return struct{}{}, nil
		}
		key.RevokedAt = now
		e := event(audit.KeyRevoked, organization, snap.Key, c, now)
		e.Details = map[string]string{"key": key.ID, "role": string(key.Role), "holder": key.Holder}
		return struct{}{}, s.write(ctx, organization, Change{Revoked: key, Events: []audit.Event{e}})
	})
	return err
}
