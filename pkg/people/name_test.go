package people_test

import (
	"errors"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
)

// Whatever reads requests, what somebody calls a thing is one line, and an id can be one.
func TestWhatThingsCannotBeCalled(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	long, lines, broken := strings.Repeat("ä", 81), "two\nlines", "\xff"
	f.untouched(func() {
		for _, name := range []string{long, lines, broken, " "} {
			for what, err := range map[string]error{
				"an administrator": second(f.People.ProposeAdministrator(ctx, f.Administrator, acme, people.Wanted{ID: "bob", Name: name, Email: "b@acme.example"})),
				"another name":     second(f.People.ChangeAdministrator(ctx, f.Administrator, acme, "ann", people.Lowered{Name: &name})),
				"an application":   second(f.People.PutApplication(ctx, f.Administrator, acme, people.WantedApplication{ID: "crm", Name: name})),
				"a vendor's":       second(f.People.ProposeApplication(ctx, f.System, people.WantedApplication{ID: "portal", Name: name, Everywhere: true})),
				"a key":            second(f.propose(f.Administrator, people.NewKey{Holder: forCRM, Name: name})),
				"oneself":          second(f.wish(f.Administrator, people.Own{Name: &name})),
			} {
				refused(t, what, err, people.ErrName)
			}
		}
		refused(t, "an application without a name", second(f.People.PutApplication(ctx, f.Administrator, acme, people.WantedApplication{ID: "crm"})), people.ErrName)
		for what, err := range map[string]error{
			"an administrator": second(f.People.ProposeAdministrator(ctx, f.Administrator, acme, people.Wanted{ID: "a/b", Email: "b@acme.example", Permissions: auditor})),
			"an application":   second(f.People.PutApplication(ctx, f.Administrator, acme, people.WantedApplication{ID: "a/b", Name: "A"})),
			"a reader":         second(f.propose(f.Administrator, people.NewKey{Holder: people.Holder{Reader: "a/b"}})),
		} {
			refused(t, what, err, people.ErrID)
		}
		f.store.FailNext(memstore.One, false, errors.New("asked"))
		refused(t, "a holder whom nobody can be", second(f.propose(f.Administrator, people.NewKey{Holder: people.Holder{Application: "a/b"}})), access.ErrNotFound)
		for _, id := range []string{broken, strings.Repeat("x", 129)} {
			f.store.FailNext(memstore.ReadOrganization, false, errors.New("asked"))
			refused(t, "a user whom nobody can be", second(f.wish(f.Administrator, people.Own{User: &id})), people.ErrUnknownUser)
		}
		unavailable(t, "what was asked for once more", second(f.People.Administrators(ctx, f.Administrator, acme)))
		unavailable(t, "what was asked for once more", second(f.People.Administrators(ctx, f.Administrator, acme)))
		unavailable(t, "what was asked for once more", second(f.People.Administrator(ctx, f.Administrator, acme, "ann")))
	})
}

func TestListsThatAreTooLong(t *testing.T) {
	f := newFixture(t)
	many := strings.Split(strings.Repeat("https://a.example/ ", 21), " ")[:21]
	refused(t, "addresses", second(f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "crm", Name: "C", ReturnAddresses: many})), people.ErrMany)
	organizations := strings.Split(strings.Repeat("a ", 101), " ")[:101]
	refused(t, "organisations", second(f.put(people.WantedApplication{ID: "portal", Name: "P", Organizations: organizations})), people.ErrMany)
}

// Whoever wants a new one does not change one that is there.
func TestWhatIsNewIsNotThereYet(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		_, err := f.People.ProposeAdministrator(t.Context(), f.Administrator, acme, people.Wanted{ID: "ann", Email: "b@acme.example", Permissions: auditor, New: true})
		refused(t, "an administrator", err, people.ErrTaken)
		_, err = f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "crm", Name: "B", New: true})
		refused(t, "an application", err, people.ErrTaken)
		_, err = f.People.ProposeAdministrator(t.Context(), f.System, acme, people.Wanted{ID: "bob", Email: "b@acme.example", Permissions: []access.Permission{"all"}})
		refused(t, "what is no permission", err, people.ErrPermissions)
	})
	_, err := f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "erp", Name: "E", New: true})
	f.must(err)
	p, err := f.People.ProposeAdministrator(t.Context(), f.Administrator, acme, people.Wanted{ID: "bob", Email: "b@acme.example", Permissions: auditor, New: true})
	f.must(err)
	f.AddAdministrator(t, "bob")
	_, err = f.People.ConfirmAdministrator(t.Context(), f.Administrator, acme, p.Change.ID, stepup.Word{Code: f.code(f.Administrator)})
	refused(t, "one who came meanwhile", err, people.ErrMoved)
}
