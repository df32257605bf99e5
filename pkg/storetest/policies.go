package storetest

import (
	"errors"
	"fmt"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func subject(id string) enroll.Subject { return enroll.Subject{Organization: Organization, User: id} }

// proposal proposes a policy and gives its id and the code that is mailed for it.
func (w *World) proposal(t *testing.T, c access.Caller, holder string, p org.Policy) (id, code string) {
	t.Helper()
	proposed, err := w.Policy.Propose(t.Context(), c, Organization, policy.Wanted{Policy: p}, 1)
	must(t, err)
	docket, err := w.Store.Docket(t.Context(), Organization, holder)
	must(t, err)
	code, err = factor.MailedCode(w.Keys, proposed.Change.KeyID, docket.Mailed(proposed.Change))
	must(t, err)
	return proposed.Change.ID, code
}

func (w *World) forced(days int) org.Policy {
	p := org.DefaultOrganizationPolicy(w.Clock.Now())
	p.Status, p.GraceDays = org.Forced, days
	return p
}

func confirmedTwice(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	id, code := w.proposal(t, w.Administrator, "ann", w.forced(7))
	errs := collect(10, func(int) error {
		p, err := w.Policy.Confirm(t.Context(), w.Administrator, Organization, id, policy.Confirmation{Word: stepup.Word{Code: code}})
		if err == nil && (p.Version != 2 || p.GraceDays != 7) {
			t.Errorf("confirmed as version %d with %d days", p.Version, p.GraceDays)
		}
		return err
	})
	if n := wins(t, errs, user.ErrConflict); n == 0 {
		t.Error("nobody confirmed")
	}
	w.version(t, 2, 1)
}

// version demands how often the policy has changed.
func (w *World) version(t *testing.T, version int64, events int) {
	t.Helper()
	_, o, err := w.Store.ReadOrganization(t.Context(), w.Administrator.Credential, Organization)
	must(t, err)
	if o.Policy.Version != version {
		t.Errorf("version %d, want %d", o.Policy.Version, version)
	}
	if n := w.events(t, audit.PolicyChanged); n != events {
		t.Errorf("%d events of a changed policy, want %d", n, events)
	}
}

func twoAdministrators(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	callers := []access.Caller{w.Administrator, w.AddAdministrator(t, "bob")}
	holders := []string{"ann", "bob"}
	ids, codes := make([]string, 2), make([]string, 2)
	for i := range callers {
		ids[i], codes[i] = w.proposal(t, callers[i], holders[i], w.forced(i+1))
	}
	if _, err := w.Policy.Confirm(t.Context(), callers[1], Organization, ids[0], policy.Confirmation{Word: stepup.Word{Code: codes[0]}}); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("confirming another's proposal: %v", err)
	}
	errs := collect(2, func(i int) error {
		_, err := w.Policy.Confirm(t.Context(), callers[i], Organization, ids[i], policy.Confirmation{Word: stepup.Word{Code: codes[i]}})
		return err
	})
	if n := wins(t, errs, policy.ErrMoved, user.ErrConflict); n != 1 {
		t.Errorf("%d confirmed, want 1", n)
	}
	w.version(t, 2, 1)
}

func putOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	put := policy.Put{
		ID: "new", Name: "New", Entitlements: org.Entitlements{TwoFactor: true},
		Administrator: &policy.NewAdministrator{ID: "eve", Name: "Eve", Email: "eve@new.example"},
		Application:   &policy.NewApplication{ID: "shop", Name: "Shop"},
	}
	results := collect(8, func(int) policy.PutResult {
		for {
			mine := put
			administrator := *put.Administrator
			mine.Administrator = &administrator
			result, err := w.Policy.PutOrganization(t.Context(), w.System, mine)
			if errors.Is(err, user.ErrConflict) {
				continue
			}
			if err != nil {
				t.Error(err)
			}
			return result
		}
	})
	created := 0
	for _, result := range results {
		if result.Created {
			created++
		}
		if (len(result.Keys) == 2) != result.Created {
			t.Errorf("created: %v, with %d keys", result.Created, len(result.Keys))
		}
		for _, issued := range result.Keys {
			key := keyOf(t, s, issued.ID)
			if key == nil || key.Holder != issued.Holder || !key.Reaches("new") {
				t.Errorf("a key that was shown is %+v", key)
			}
		}
	}
	if created != 1 {
		t.Errorf("created %d times", created)
	}
	_, o, err := s.ReadOrganization(t.Context(), w.System.Credential, "new")
	must(t, err)
	if o == nil || o.Rev != 1 || o.Policy.Version != 1 {
		t.Errorf("organisation: %+v", o)
	}
}

func policyHistory(t *testing.T, s Contract) {
	ctx := t.Context()
	for version := int64(1); version <= 12; version++ {
		p := fullPolicy()
		p.Version = version
		must(t, s.WriteOrganization(ctx, Organization, policy.Change{History: &p}))
		p.GraceDays = 99
		must(t, s.WriteOrganization(ctx, Organization+"2", policy.Change{History: &p}))
	}
	for _, c := range []struct {
		before int64
		limit  int
		want   []int64
	}{{13, 3, []int64{12, 11, 10}}, {10, 2, []int64{9, 8}}, {3, 9, []int64{2, 1}}, {1, 9, nil}, {100, 1, []int64{12}}} {
		got, err := s.Policies(ctx, Organization, c.before, c.limit)
		must(t, err)
		var want []org.Policy
		for _, version := range c.want {
			p := fullPolicy()
			p.Version = version
			want = append(want, p)
		}
		same(t, "history", got, want)
	}
}

// allowedOnce: an allowance that is confirmed by many at once is one, and what many take of it at once is counted.
func allowedOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	p, err := w.Policy.ProposeAllowance(t.Context(), w.Administrator, Organization, policy.Allowance{Users: 3, Reason: "stolen"})
	must(t, err)
	d, err := s.Docket(t.Context(), Organization, "ann")
	must(t, err)
	code, err := factor.MailedCode(w.Keys, p.Change.KeyID, d.Mailed(p.Change))
	must(t, err)
	confirmed := collect(8, func(int) error {
		_, err := w.Policy.ConfirmAllowance(t.Context(), w.Administrator, Organization, p.Change.ID, stepup.Word{Code: code})
		return err
	})
	if wins(t, confirmed, user.ErrConflict) == 0 {
		t.Error("nobody confirmed")
	}
	if n := w.events(t, audit.AllowanceGranted); n != 1 {
		t.Errorf("%d allowances were granted", n)
	}
	users := 20
	for n := range users {
		w.Enrolled(t, fmt.Sprintf("user-%d", n))
	}
	collect(users, func(n int) error {
		for {
			_, err := w.Enroll.Reset(t.Context(), w.Administrator, subject(fmt.Sprintf("user-%d", n)), "stolen", false)
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	if n := w.events(t, audit.UserReset); n != stepup.FreeUsers+3 {
		t.Errorf("%d users were reset, want %d", n, stepup.FreeUsers+3)
	}
}
