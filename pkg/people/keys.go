package people

import (
	"context"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Keys are all live keys of an organisation: administrators', applications', readers', each kind by holder. Those that say Console are sessions, in
// which their holders are signed in. None holds a secret.
func (s *Service) Keys(ctx context.Context, c access.Caller, organization string) ([]access.Key, error) {
	v, err := s.read(ctx, c, KeysRule, organization, s.Now())
	if err != nil {
		return nil, err
	}
	ids, err := s.ids(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	keys, err := s.Store.Keys(ctx, ids...)
	if err != nil {
		return nil, fault.Down(err)
	}
	return slices.DeleteFunc(keys, func(k access.Key) bool { return k.Impersonates() || !k.Live(v.now) }), nil
}

// ids are those of all keys of an organisation.
func (s *Service) ids(ctx context.Context, organization string) ([]string, error) {
	var ids []string
	administrators, err := s.Store.Administrators(ctx, organization)
	if err != nil {
		return nil, err
	}
	for _, a := range administrators {
		ids = append(ids, a.Keys...)
	}
	applications, err := s.Store.Applications(ctx, organization)
	if err != nil {
		return nil, err
	}
	for _, a := range applications {
		ids = append(ids, a.Keys...)
	}
	readers, err := s.Store.Readers(ctx, organization)
	for _, r := range readers {
		ids = append(ids, r.Keys...)
	}
	return ids, err
}

// RevokeKey ends a key of this organisation, or a session of the console, with effect on the next request. Repeating it changes nothing. It is never refused
// because it would be somebody's last: a key in the wrong hands must be stoppable at once, and its holder gets another.
func (s *Service) RevokeKey(ctx context.Context, c access.Caller, organization, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		key, err := s.own(ctx, organization, id)
		if err != nil || !key.RevokedAt.IsZero() {
			return struct{}{}, err
		}
		holder, err := s.holder(ctx, organization, holderOf(key))
		if err != nil {
			return struct{}{}, err
		}
		if !slices.Contains(holder.keys, id) {
			return struct{}{}, access.ErrNotFound
		}
		key.RevokedAt = now
		change := Change{Altered: []access.Key{key}}
		left := slices.DeleteFunc(slices.Clone(holder.keys), func(other string) bool { return other == id })
		holder.with(left, v, &change)
		change.Events = []audit.Event{v.event(audit.KeyRevoked, map[string]string{"key": id, "role": string(key.Role), "holder": key.Holder})}
		return struct{}{}, s.write(ctx, change)
	})
	return err
}
