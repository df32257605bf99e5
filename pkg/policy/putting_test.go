package policy_test

import (
	"errors"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

func TestWhatIsSaidOfAnOrganisationIsJudged(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		code, field string
		change      func(*policy.Put)
	}{
		{"id_malformed", "id", func(p *policy.Put) { p.ID = "" }},
		{"id_malformed", "id", func(p *policy.Put) { p.ID = "a#b" }},
		{"id_malformed", "id", func(p *policy.Put) { p.ID = strings.Repeat("x", 49) }},
		{"name_malformed", "name", func(p *policy.Put) { p.Name = " " }},
		{"name_malformed", "name", func(p *policy.Put) { p.Name = "a\nb" }},
		{"name_malformed", "name", func(p *policy.Put) { p.Name = strings.Repeat("ä", 81) }},
		{"id_malformed", "administrator.id", func(p *policy.Put) { p.Administrator.ID = "gil@globex" }},
		{"name_malformed", "administrator.name", func(p *policy.Put) { p.Administrator.Name = "a\u2028b" }},
		{"invalid_email", "administrator.email", func(p *policy.Put) { p.Administrator.Email = "gil" }},
		{"id_malformed", "application.id", func(p *policy.Put) { p.Application.ID = "a b" }},
		{"name_malformed", "application.name", func(p *policy.Put) { p.Application.Name = strings.Repeat("x", 81) }},
	} {
		in := globex()
		c.change(&in)
		_, err := f.put(in)
		faulty(t, c.field, err, c.code, c.field)
	}
	if f.organization("globex") != nil {
		t.Error("it was made")
	}
	longest := globex()
	longest.Name = strings.Repeat("ä", 80)
	_, err := f.put(longest)
	f.must(err)
}

// Whoever makes an organisation does not change another that has its id, and repeats it with impunity.
func TestANewOrganisationChangesNone(t *testing.T) {
	f := newFixture(t)
	in := globex()
	in.New = true
	for _, created := range []bool{true, false} {
		got, err := f.put(in)
		f.must(err)
		if got.Created != created || (len(got.Keys) > 0) != created {
			t.Errorf("created %v, %d keys", got.Created, len(got.Keys))
		}
	}
	other, more := in, in
	other.Name, more.Entitlements.UserLimit = "Another", 5
	for what, p := range map[string]policy.Put{"another name": other, "other entitlements": more} {
		_, err := f.put(p)
		faulty(t, what, err, "organization_exists", "id")
	}
	if o := f.organization("globex"); o.Rev != 1 || o.Name != "Globex" {
		t.Errorf("changed: %+v", o)
	}
}

// What somebody says of an organisation that they saw is not said of one that has changed since.
func TestWhatWasSaidOfAnotherRevision(t *testing.T) {
	f := newFixture(t)
	base := f.organization(acme).Rev
	change := func(name string) error {
		_, err := f.put(policy.Put{ID: acme, Name: name, Entitlements: f.organization(acme).Entitlements, Base: base})
		return err
	}
	f.must(change("First"))
	f.must(change("First")) // the reply was lost
	refused(t, "a name of before", change("Second"), policy.ErrOrganizationMoved)
	base++
	f.must(change("Second"))
}

func TestConsequencesAreForeseen(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: everything})
	f.must(err)
	f.untouched(func() {
		all, forced, err := f.Policy.Foreseen(t.Context(), f.System, acme, org.Entitlements{TwoFactor: true})
		f.must(err)
		if len(all) == 0 || forced {
			t.Errorf("%+v, forced %v", all, forced)
		}
		more, _, err := f.Policy.Foreseen(t.Context(), f.System, acme, everything)
		f.must(err)
		if len(more) != 0 {
			t.Errorf("of nothing: %+v", more)
		}
		_, _, err = f.Policy.Foreseen(t.Context(), f.Administrator, acme, everything)
		refused(t, "an administrator", err, access.ErrRole)
		_, _, err = f.Policy.Foreseen(t.Context(), f.System, "nowhere", everything)
		refused(t, "nowhere", err, access.ErrNotFound)
		_, _, err = f.Policy.Foreseen(t.Context(), f.System, acme, org.Entitlements{SMS: true})
		refused(t, "SMS to nowhere", err, org.ErrNoCountries)
		f.store.FailNext("Counts", false, errors.New("down"))
		_, _, err = f.Policy.Foreseen(t.Context(), f.System, acme, org.Entitlements{})
		unavailable(t, "without counts", err)
	})
	f.forceAcme()
	_, forced, err := f.Policy.Foreseen(t.Context(), f.System, acme, org.Entitlements{})
	f.must(err)
	if !forced {
		t.Error("it is not forced")
	}
}
