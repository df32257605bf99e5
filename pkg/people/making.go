package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// making is a key that is wanted, with all that it depends on.
type making struct {
	wanted  NewKey
	holder  held
	live    []access.Key // the holder's
	rotated *access.Key  // with the end that it will have
}

// making finds out whether a key may be made: for whom, with what, and by this caller.
func (s *Service) making(ctx context.Context, v visit, wanted NewKey) (making, error) {
	p := making{wanted: wanted}
	if err := checkName(wanted.Name); err != nil {
		return p, err
	}
	if wanted.Rotates != "" {
		old, err := s.own(ctx, v.organization, wanted.Rotates)
		if err != nil {
			return p, err
		}
		if old.Console {
			return p, access.ErrNotFound // a session is no key that anybody has
		}
		p.rotate(old, v.now)
	}
	if err := p.wanted.Holder.check(); err != nil {
		return p, err
	}
	var err error
	if p.holder, err = s.holder(ctx, v.organization, p.wanted.Holder); err != nil {
		return p, err
	}
	if p.live, err = s.live(ctx, p.holder, v); err != nil {
		return p, err
	}
	return p, p.check(v)
}

// own reads a key that can be one of this organisation's, and is no impersonation: whether its holder says so is for the caller to ask. A session
// of the console is one of them.
func (s *Service) own(ctx context.Context, organization, id string) (access.Key, error) {
	found, err := s.Store.Keys(ctx, id)
	if err != nil {
		return access.Key{}, fault.Down(err)
	}
	if len(found) == 0 || found[0].Impersonates() || !found[0].At(organization) {
		return access.Key{}, access.ErrNotFound
	}
	return found[0], nil
}

// rotate wants what the old key is. A new end is as far away as the old one was when that key was made.
func (p *making) rotate(old access.Key, now time.Time) {
	p.wanted.Holder, p.wanted.Scope = holderOf(old), old.Scope
	if p.wanted.Name == "" {
		p.wanted.Name = old.Name
	}
	if p.wanted.ExpiresAt.IsZero() && !old.ExpiresAt.IsZero() {
		p.wanted.ExpiresAt = now.Add(old.ExpiresAt.Sub(old.CreatedAt))
	}
	if end := now.Add(p.wanted.Overlap); old.ExpiresAt.IsZero() || end.Before(old.ExpiresAt) {
		old.ExpiresAt = end
	}
	p.rotated = &old
}

func (p *making) check(v visit) error {
	at := slices.IndexFunc(p.live, func(k access.Key) bool { return p.rotated != nil && k.ID == p.rotated.ID })
	switch {
	case p.rotated != nil && at < 0:
		return access.ErrNotFound // it has ended, or is another organisation's
	case p.wanted.Overlap < 0 || p.wanted.Overlap > MaxOverlap:
		return ErrOverlap
	case !p.wanted.ExpiresAt.IsZero() && !v.now.Before(p.wanted.ExpiresAt):
		return ErrExpiry
	case p.held() >= org.MaxKeys:
		return ErrTooMany
	}
	key, _ := p.key(v.now)
	if len(key.Permissions) < len(p.wanted.Scope) && p.rotated == nil {
		return ErrScope
	}
	return v.key.Grant(p.holder.grants(key))
}

// held is how many keys the holder has. Sessions, of the holder or in the holder's place, are none of them: whoever signs in often can be given a key.
func (p *making) held() int {
	n := 0
	for _, k := range p.live {
		if !k.Impersonates() && !k.Console {
			n++
		}
	}
	return n
}

// key makes it: new each time, and nothing until it is written.
func (p *making) key(now time.Time) (access.Key, Issued) {
	key, text := access.NewKey(p.holder.role, now)
	key = p.holder.give(key)
	key.Name, key.Scope, key.ExpiresAt = p.wanted.Name, p.wanted.Scope, p.wanted.ExpiresAt
	key = key.Under(p.holder.permissions)
	return key, Issued{ID: key.ID, Role: key.Role, Holder: key.Holder, Text: text}
}

// What is told of a key that its holder's removal and return could change, with a revision that looks the same.
const (
	toldReach    = "organizations"
	toldAudience = "audience"
)

// as reports whether the key that would be made reaches what was told of it when it was proposed.
func (p *making) as(told map[string]string) bool {
	now := p.told()
	return now[toldReach] == told[toldReach] && now[toldAudience] == told[toldAudience]
}

// told is the key in words: for the mail and for the audit.
func (p *making) told() map[string]string {
	key, _ := p.key(time.Time{})
	told := map[string]string{"role": string(key.Role), "holder": key.Holder}
	if p.wanted.Name != "" {
		told["name"] = p.wanted.Name
	}
	if key.Vendor && key.Role != access.SystemAdministrator {
		told[toldReach] = reachOf(key)
	}
	if key.Audience != "" {
		told[toldAudience] = key.Audience
	}
	var may []string
	for _, permission := range key.Permissions {
		may = append(may, string(permission))
	}
	if may != nil {
		told["permissions"] = strings.Join(may, ", ")
	}
	if !p.wanted.ExpiresAt.IsZero() {
		told["expires_at"] = p.wanted.ExpiresAt.UTC().Format(time.RFC3339)
	}
	if p.rotated != nil {
		told["rotates"] = p.rotated.ID
		told["old_key_ends"] = p.rotated.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return told
}
