package people

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// ReadRule is for who acts for an organisation.
var ReadRule = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}}

// Administrators are all of an organisation, by id; those who have not accepted yet too.
func (s *Service) Administrators(ctx context.Context, c access.Caller, organization string) ([]org.Administrator, error) {
	if _, err := s.read(ctx, c, ReadRule, organization, s.Now()); err != nil {
		return nil, err
	}
	all, err := s.Store.Administrators(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	return all, nil
}

// Administrator is one of an organisation.
func (s *Service) Administrator(ctx context.Context, c access.Caller, organization, id string) (org.Administrator, error) {
	if _, err := s.read(ctx, c, ReadRule, organization, s.Now()); err != nil {
		return org.Administrator{}, err
	}
	a, err := s.Store.Administrator(ctx, organization, id)
	if err != nil || a == nil {
		return org.Administrator{}, absent(err)
	}
	return *a, nil
}

// ErrStepUp refuses to raise somebody without a second word.
var ErrStepUp = fault.New(fault.Conflict, "step_up_required", "This gives more than there was: propose it as a change and confirm with the mailed code.").At("permissions")

// Lowered is what may be done to an administrator directly: another name, fewer permissions. Nil leaves things as they are.
type Lowered struct {
	Name        *string
	Permissions *[]access.Permission
}

// ChangeAdministrator names an administrator anew and takes permissions away, with effect on the next request of every key.
func (s *Service) ChangeAdministrator(ctx context.Context, c access.Caller, organization, id string, l Lowered) (org.Administrator, error) {
	if l.Name != nil {
		if err := checkName(*l.Name); err != nil {
			return org.Administrator{}, err
		}
	}
	now := s.Now()
	return user.Race(func() (org.Administrator, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return org.Administrator{}, err
		}
		before, err := s.Store.Administrator(ctx, organization, id)
		if err != nil || before == nil {
			return org.Administrator{}, absent(err)
		}
		next, err := l.apply(*before)
		if err != nil || same(next, *before) {
			return next, err
		}
		next.Deliver = ""
		e := v.event(audit.AdministratorChanged, differences(next, *before))
		return s.rewrite(ctx, v, *before, next, Change{Events: []audit.Event{e}})
	})
}

func (l Lowered) apply(a org.Administrator) (org.Administrator, error) {
	if l.Name != nil {
		a.Name = *l.Name
	}
	if l.Permissions != nil {
		if len(added(*l.Permissions, a)) > 0 {
			return a, ErrStepUp
		}
		a.Permissions = words(*l.Permissions)
	}
	return a, nil
}

// rewrite writes an administrator's next state with all that follows from it: the keys' permissions, and the roster.
func (s *Service) rewrite(ctx context.Context, v visit, before, next org.Administrator, change Change) (org.Administrator, error) {
	keys, err := s.live(ctx, heldByAdministrator(before), v)
	if err != nil {
		return org.Administrator{}, err
	}
	next.Rev, next.Keys = before.Rev+1, idsOf(keys)
	if !slices.Equal(next.Permissions, before.Permissions) {
		for _, k := range keys {
			change.Altered = append(change.Altered, k.Under(permissionsOf(next)))
		}
	}
	change.Administrators = []org.Administrator{next}
	if err := s.seat(ctx, next, decides(next), &change); err != nil {
		return org.Administrator{}, err
	}
	return next, s.write(ctx, change)
}

// RemoveAdministrator removes one and revokes all keys in the same transaction. Repeating it is access.ErrNotFound.
func (s *Service) RemoveAdministrator(ctx context.Context, c access.Caller, organization, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		a, err := s.Store.Administrator(ctx, organization, id)
		if err != nil || a == nil {
			return struct{}{}, absent(err)
		}
		change := Change{RemovedAdministrator: a}
		if err := s.revokeAll(ctx, a.Keys, now, &change); err != nil {
			return struct{}{}, err
		}
		if err := s.seat(ctx, *a, false, &change); err != nil {
			return struct{}{}, err
		}
		e := v.event(audit.AdministratorRemoved, map[string]string{"administrator": id, "address": a.Address(now)})
		e.Notify = true
		change.Events = []audit.Event{e}
		return struct{}{}, s.write(ctx, change)
	})
	return err
}

// revokeAll puts the end of keys into a change: those of somebody who is removed.
func (s *Service) revokeAll(ctx context.Context, ids []string, now time.Time, c *Change) error {
	keys, err := s.Store.Keys(ctx, ids...)
	if err != nil {
		return fault.Down(err)
	}
	for _, k := range keys {
		k.RevokedAt = now
		c.Altered = append(c.Altered, k)
	}
	return nil
}

// added are the permissions that somebody would have and has not.
func added(wanted []access.Permission, a org.Administrator) []access.Permission {
	return slices.DeleteFunc(slices.Clone(wanted), func(p access.Permission) bool { return slices.Contains(a.Permissions, string(p)) })
}

func words(permissions []access.Permission) []string {
	out := make([]string, len(permissions))
	for i, p := range permissions {
		out[i] = string(p)
	}
	slices.Sort(out)
	return out
}

func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// same reports whether two states of an administrator differ in nothing that is said of them.
func same(a, b org.Administrator) bool {
	return a.Name == b.Name && a.Email == b.Email && a.NextEmail == b.NextEmail && a.User == b.User && sameWords(a.Permissions, b.Permissions)
}

// differences are what changes about an administrator, in words for the mail and the audit.
func differences(next, before org.Administrator) map[string]string {
	told := map[string]string{"administrator": next.ID}
	if next.Name != before.Name {
		told["name"] = next.Name
	}
	if !sameWords(next.Permissions, before.Permissions) {
		told["permissions"] = strings.Join(next.Permissions, ", ")
		if len(before.Permissions) > 0 {
			told["permissions"] = strings.Join(before.Permissions, ", ") + " → " + told["permissions"]
		}
	}
	if next.User != before.User {
		told["user"] = cmp.Or(before.User, "nobody") + " → " + cmp.Or(next.User, "nobody")
	}
	return told
}
