package people

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Applications are all of an organisation, by id.
func (s *Service) Applications(ctx context.Context, c access.Caller, organization string) ([]org.Application, error) {
	if _, err := s.read(ctx, c, ReadRule, organization, s.Now()); err != nil {
		return nil, err
	}
	all, err := s.Store.Applications(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	return all, nil
}

// PutApplication makes an application, or names one anew. It needs no second word, because it may do nothing before somebody proposes
// a key for it, which does.
func (s *Service) PutApplication(ctx context.Context, c access.Caller, organization, id, name string) (org.Application, error) {
	now := s.Now()
	return user.Race(func() (org.Application, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return org.Application{}, err
		}
		before, err := s.Store.Application(ctx, organization, id)
		if err != nil {
			return org.Application{}, fault.Down(err)
		}
		kind, next := audit.ApplicationAdded, org.Application{ID: id, Organization: organization, CreatedAt: now}
		if before != nil {
			kind, next = audit.ApplicationChanged, *before
			if next.Name == name {
				return next, nil
			}
		}
		next.Name, next.Rev = name, next.Rev+1
		e := v.event(kind, map[string]string{"application": id, "name": name})
		return next, s.write(ctx, Change{Applications: []org.Application{next}, Events: []audit.Event{e}})
	})
}

// RemoveApplication removes one and revokes all keys in the same transaction. Repeating it is access.ErrNotFound.
func (s *Service) RemoveApplication(ctx context.Context, c access.Caller, organization, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		a, err := s.Store.Application(ctx, organization, id)
		if err != nil || a == nil {
			return struct{}{}, absent(err)
		}
		change := Change{RemovedApplication: a}
		if err := s.revokeAll(ctx, a.Keys, now, &change); err != nil {
			return struct{}{}, err
		}
		e := v.event(audit.ApplicationRemoved, map[string]string{"application": id})
		e.Notify = true
		change.Events = []audit.Event{e}
		return struct{}{}, s.write(ctx, change)
	})
	return err
}
