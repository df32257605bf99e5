package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// told gives what a user's factors were, write by write, each with what it was before.
func told(id string) (all []report.FactsSeen, last user.Facts) {
	f := user.Factors{Organization: Organization, User: id}
	for n := range 60 {
		before := f.Facts()
		switch rand.IntN(6) {
		case 0:
			f.RecoveryCodes = f.RecoveryCodes.Renew(1)
		case 1:
			f.RecoveryCodes = f.RecoveryCodes.Spend(rand.IntN(factor.RecoveryCodes))
		case 2:
			f = f.Wipe()
		default:
			f.Remember(user.Success{At: second(n).AddDate(0, 0, n/9)})
		}
		last = last.With(f.Facts())
		all = append(all, report.FactsSeen{Organization: Organization, User: id, Before: before, After: f.Facts()})
	}
	return all, last
}

func factsStanding(t *testing.T, s Contract, id string) user.Facts {
	t.Helper()
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, id)
	must(t, err)
	if snap.Profile == nil {
		t.Fatalf("%s is not there", id)
	}
	return snap.Profile.Facts
}

func registered(t *testing.T, s Contract, id string) user.Profile {
	t.Helper()
	p := user.Profile{Organization: Organization, User: id, Rev: 1, Email: id + "@acme.example", RegisteredAt: second(0)}
	must(t, s.Write(t.Context(), user.Change{Profile: &p}))
	return p
}

func factsReordered(t *testing.T, s Contract) {
	for round := range 12 {
		id := fmt.Sprint("user ", round)
		registered(t, s, id)
		all, last := told(id)
		w := report.Witness{Store: s}
		for _, at := range append(rand.Perm(len(all)), rand.Perm(len(all))...) {
			must(t, w.Observe(t.Context(), all[at]))
		}
		same(t, id, factsStanding(t, s, id), last)
	}
}

func factsOfNobody(t *testing.T, s Contract) {
	told := user.Facts{VerifiedOn: user.On(second(0)), CodesGeneration: 1, CodesLeft: 3}
	must(t, s.AddFacts(t.Context(), Organization, somebody, told))
	snap, err := s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	if snap.Profile != nil || snap.Tombstone != nil {
		t.Errorf("facts made a user: %+v", snap)
	}
	p := registered(t, s, somebody)
	must(t, s.AddFacts(t.Context(), Organization, somebody, told))
	same(t, "facts", factsStanding(t, s, somebody), told)
	grave := p.Bury(second(9))
	must(t, s.Write(t.Context(), user.Change{Profile: &grave}))
	must(t, s.AddFacts(t.Context(), Organization, somebody, user.Facts{VerifiedOn: "2027-01-01", CodesGeneration: 9}))
	snap, err = s.Read(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "the tombstone", snap.Tombstone, &grave)
	next := grave.Exhume("b@acme.example", second(10).AddDate(0, 0, 1))
	must(t, s.Write(t.Context(), user.Change{Profile: &next}))
	same(t, "facts of who has the id now", factsStanding(t, s, somebody), user.Facts{})
	must(t, s.AddFacts(t.Context(), Organization, somebody, told))
	same(t, "facts of somebody before", factsStanding(t, s, somebody), user.Facts{})
	told.VerifiedOn = user.On(next.RegisteredAt)
	must(t, s.AddFacts(t.Context(), Organization, somebody, told))
	same(t, "facts of the day of the registration", factsStanding(t, s, somebody), told)
}

func factsParallel(t *testing.T, s Contract) {
	registered(t, s, somebody)
	all, last := told(somebody)
	together(6, func(i int) {
		w := report.Witness{Store: s}
		for at := i; at < len(all)+i; at++ {
			for {
				err := w.Observe(t.Context(), all[at%len(all)])
				if err == nil {
					break
				}
				if !errors.Is(err, user.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}
	})
	same(t, "facts", factsStanding(t, s, somebody), last)
}

// factsStay: a change of the profile leaves them alone, they leave its revision alone, and each is written by who has read the profile only.
func factsStay(t *testing.T, s Contract) {
	p := registered(t, s, somebody)
	want := user.Facts{VerifiedOn: user.On(second(0)), CodesGeneration: 2, CodesLeft: 7}
	must(t, s.AddFacts(t.Context(), Organization, somebody, want))
	p = p.Next()
	p.Email = "other@acme.example"
	must(t, s.Write(t.Context(), user.Change{Profile: &p}))
	same(t, "facts after a change of the profile", factsStanding(t, s, somebody), want)
	p = p.Next()
	p.Facts = user.Facts{VerifiedOn: "2027-01-01", CodesGeneration: 1}
	must(t, s.Write(t.Context(), user.Change{Profile: &p}))
	must(t, s.Write(t.Context(), user.Change{Profile: &p})) // again: its acknowledgement was lost
	same(t, "facts that a change of the profile says", factsStanding(t, s, somebody), want)
	must(t, s.AddFacts(t.Context(), Organization, somebody, user.Facts{VerifiedOn: "2027-02-02", CodesGeneration: 1, CodesLeft: 1}))
	want.VerifiedOn = "2027-02-02"
	same(t, "a later day with codes of before", factsStanding(t, s, somebody), want)
}
