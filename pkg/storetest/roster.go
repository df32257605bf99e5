package storetest

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func removedHolders(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WritePeople(ctx, fullPeople()))
	c := fullPeople()
	gone := people.Change{RemovedAdministrator: &c.Administrators[0], RemovedApplication: &c.Applications[0], Events: []audit.Event{
		{ID: "gone", At: second(1), Kind: audit.AdministratorRemoved, Organization: Organization},
	}}
	for range 2 { // the second is a repetition
		must(t, s.WritePeople(ctx, gone))
	}
	ann, err := s.Administrator(ctx, Organization, "ann")
	must(t, err)
	crm, err := s.Application(ctx, Organization, "crm")
	must(t, err)
	if ann != nil || crm != nil {
		t.Errorf("left: %+v, %+v", ann, crm)
	}
}

// oneDecides: administrators who can all change the policy remove and demote each other at once, from every side, and one remains.
func oneDecides(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	ids, callers := []string{"ann"}, []access.Caller{w.Administrator}
	for _, id := range []string{"bob", "cyd", "dan"} {
		ids, callers = append(ids, id), append(callers, w.AddAdministrator(t, id))
	}
	none := []access.Permission{}
	errs := collect(4*len(ids), func(i int) error {
		victim, by := ids[i%len(ids)], callers[(i+1)%len(ids)]
		for {
			var err error
			if i%2 == 0 {
				err = w.People.RemoveAdministrator(t.Context(), by, Organization, victim)
			} else {
				_, err = w.People.ChangeAdministrator(t.Context(), by, Organization, victim, people.Lowered{Permissions: &none})
			}
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, people.ErrLast, access.ErrNotFound, access.ErrUnauthenticated, access.ErrPermission)
	// Whoever is left may have lost the means to remove others; the system administrator has them all.
	for _, id := range ids {
		if err := w.People.RemoveAdministrator(t.Context(), w.System, Organization, id); err != nil && !errors.Is(err, people.ErrLast) && !errors.Is(err, access.ErrNotFound) {
			t.Error(err)
		}
	}
	left, err := s.Administrators(t.Context(), Organization)
	must(t, err)
	roster, err := s.Roster(t.Context(), Organization)
	must(t, err)
	if len(left) != 1 || len(roster.Writers) != 1 || roster.Writers[0] != left[0].ID || len(left[0].Permissions) != len(access.Permissions()) {
		t.Errorf("left: %+v, who decides: %v", left, roster.Writers)
	}
}

func invitationOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	p, err := w.People.ProposeAdministrator(t.Context(), w.Administrator, Organization, people.Wanted{
		ID: "bea", Email: "bea@acme.example", Permissions: []access.Permission{access.PolicyWrite},
	})
	must(t, err)
	a, err := w.People.ConfirmAdministrator(t.Context(), w.Administrator, Organization, p.Change.ID, stepup.Word{Code: w.mailed(t, Organization, "ann")})
	must(t, err)
	code, err := factor.InvitationCode(w.Keys, a.Invitation.KeyID, stepup.Invited(a))
	must(t, err)
	errs := collect(20, func(i int) error {
		_, err := w.People.AcceptInvitation(t.Context(), access.Caller{}, Organization, "bea", code)
		return err
	})
	if n := wins(t, errs, people.ErrShown, user.ErrConflict); n != 1 {
		t.Errorf("%d keys were shown", n)
	}
	if n := w.events(t, audit.AdministratorAccepted); n != 1 {
		t.Errorf("%d events of an acceptance", n)
	}
}

func invitationGuesses(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	p, err := w.People.ProposeAdministrator(t.Context(), w.Administrator, Organization, people.Wanted{
		ID: "bea", Email: "bea@acme.example", Permissions: []access.Permission{access.PolicyWrite},
	})
	must(t, err)
	_, err = w.People.ConfirmAdministrator(t.Context(), w.Administrator, Organization, p.Change.ID, stepup.Word{Code: w.mailed(t, Organization, "ann")})
	must(t, err)
	errs := collect(20, func(i int) error {
		for {
			_, err := w.People.AcceptInvitation(t.Context(), access.Caller{}, Organization, "bea", "22222222222222222222222222222222")
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, people.ErrInvitation)
	bea, err := s.Administrator(t.Context(), Organization, "bea")
	must(t, err)
	if n := bea.Invitation.Throttle.Consecutive; n != throttle.FreeTries {
		t.Errorf("%d of 20 guesses were evaluated", n)
	}
}
