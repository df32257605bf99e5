package people

import (
	"context"
	"fmt"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// WantedApplication is an application as somebody wants it, all of it: what is left out is none.
type WantedApplication struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	ReturnAddresses []string `json:"return_addresses,omitempty"`
	// Of the vendor's own alone: for which organisations it asks, and who its assertions are for.
	Organizations []string `json:"organizations,omitempty"`
	Everywhere    bool     `json:"everywhere,omitempty"`
	Audience      string   `json:"audience,omitempty"` // empty: the usual one
	// New is to make one and not to change one that is there: ErrTaken.
	New bool `json:"-"`
}

// ErrReturnAddress refuses what no browser may be sent back to.
var ErrReturnAddress = fault.New(fault.Unprocessable, "invalid_return_address",
	"A return address is an absolute https address in its plain form: ASCII, a host in lower case, and no user, fragment or '*'. Only this machine may be reached by http.")

// ErrMany refuses a list that is too long.
var ErrMany = fault.New(fault.Unprocessable, "too_many", "An application has at most 20 return addresses and asks for at most 100 organisations by name.")

const maxOrganizations = 100 // that an application names

// Applications are all of an organisation or of access.VendorHome, by id.
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

// VendorApplication is one of the vendor's own.
func (s *Service) VendorApplication(ctx context.Context, c access.Caller, id string) (org.Application, error) {
	if _, err := s.read(ctx, c, VendorRule, access.VendorHome, s.Now()); err != nil {
		return org.Application{}, err
	}
	a, err := s.Store.Application(ctx, access.VendorHome, id)
	if err != nil || a == nil {
		return org.Application{}, absent(err)
	}
	return *a, nil
}

// PutApplication makes an application, or changes one. To make one needs no second word, because it may do nothing before somebody
// proposes a key for it, which does. One of the vendor's own that is there gets nothing more by this: ErrWider.
func (s *Service) PutApplication(ctx context.Context, c access.Caller, organization string, w WantedApplication) (org.Application, error) {
	if err := w.check(organization); err != nil {
		return org.Application{}, err
	}
	now := s.Now()
	return user.Race(func() (org.Application, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return org.Application{}, err
		}
		before, err := s.Store.Application(ctx, organization, w.ID)
		if err != nil {
			return org.Application{}, fault.Down(err)
		}
		if before == nil {
			return s.found(ctx, v, w)
		}
		if w.New {
			return org.Application{}, ErrTaken
		}
		next := w.over(*before)
		if wider := widened(next, *before); wider != "" {
			return org.Application{}, ErrWider.At(wider)
		}
		told := applicationDifferences(next, *before)
		if len(told) == 1 { // its id
			return next, nil
		}
		if err := s.reaching(ctx, w, *before); err != nil { // named in place of all
			return org.Application{}, err
		}
		e := v.event(audit.ApplicationChanged, told)
		if len(beyond(next.ReturnAddresses, before.ReturnAddresses)) > 0 { // an organisation's own: the vendor's were refused above
			e.Kind, e.Notify = audit.ApplicationWidened, true
		}
		return s.reshape(ctx, v, *before, next, Change{Events: []audit.Event{e}})
	})
}

// found makes an application that there is not yet.
func (s *Service) found(ctx context.Context, v visit, w WantedApplication) (org.Application, error) {
	none := org.Application{ID: w.ID, Organization: v.organization, CreatedAt: v.now}
	if err := s.reaching(ctx, w, none); err != nil {
		return org.Application{}, err
	}
	next := w.over(none)
	next.Rev = 1
	e := v.event(audit.ApplicationAdded, applicationDifferences(next, none))
	return next, s.write(ctx, Change{Applications: []org.Application{next}, Events: []audit.Event{e}})
}

func (w *WantedApplication) check(home string) error {
	switch {
	case !org.ID(w.ID):
		return ErrID
	case w.Name == "":
		return ErrName
	case len(w.ReturnAddresses) > org.MaxReturnAddresses:
		return ErrMany.At("return_addresses")
	case len(w.Organizations) > maxOrganizations:
		return ErrMany.At("organizations")
	}
	if err := checkName(w.Name); err != nil {
		return err
	}
	for at, address := range w.ReturnAddresses {
		if !org.ReturnAddress(address) {
			return ErrReturnAddress.At(fmt.Sprintf("return_addresses[%d]", at))
		}
	}
	if home == access.VendorHome {
		return w.checkReach()
	}
	return nil
}

// over is an application as it is wanted, in place of what it is.
func (w WantedApplication) over(a org.Application) org.Application {
	a.Name, a.ReturnAddresses = w.Name, sorted(w.ReturnAddresses)
	if a.Organization == access.VendorHome {
		a.Organizations, a.Everywhere, a.Audience = sorted(w.Organizations), w.Everywhere, w.Audience
	}
	return a
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
