package people_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
)

func (f *fixture) want(c access.Caller, w people.Wanted) (people.Proposed, error) {
	return f.People.ProposeAdministrator(f.t.Context(), c, acme, w)
}

// confirmed goes both steps.
func (f *fixture) confirmed(c access.Caller, w people.Wanted) org.Administrator {
	f.t.Helper()
	p, err := f.want(c, w)
	f.must(err)
	a, err := f.People.ConfirmAdministrator(f.t.Context(), c, acme, p.Change.ID, stepup.Word{Code: f.code(c)})
	f.must(err)
	return a
}

func (f *fixture) administrator(id string) org.Administrator {
	f.t.Helper()
	a, err := f.store.Administrator(f.t.Context(), acme, id)
	f.must(err)
	if a == nil {
		f.t.Fatalf("there is no %s", id)
	}
	return *a
}

// writers are those who can change the policy.
func (f *fixture) writers() []string {
	f.t.Helper()
	r, err := f.store.Roster(f.t.Context(), acme)
	f.must(err)
	return r.Writers
}

func (f *fixture) invitation(id string) string {
	f.t.Helper()
	a := f.administrator(id)
	code, err := factor.InvitationCode(f.Keys, a.Invitation.KeyID, stepup.Invited(a))
	f.must(err)
	return factor.ShowRecovery(code)
}

func (f *fixture) accept(id, code string) (people.Issued, error) {
	return f.People.AcceptInvitation(f.t.Context(), access.Caller{RequestID: "r"}, acme, id, code)
}

var (
	writer  = []access.Permission{access.PolicyWrite, access.KeysWrite}
	auditor = []access.Permission{access.AuditRead}
	forBea  = people.Wanted{ID: "bea", Name: "Bea", Email: "bea@acme.example", Permissions: writer}
)

// welcomed invites somebody who accepts.
func (f *fixture) welcomed(w people.Wanted) access.Caller {
	f.t.Helper()
	f.Clock.Advance(time.Hour)
	f.confirmed(f.System, w)
	made, err := f.accept(w.ID, f.invitation(w.ID))
	f.must(err)
	return as(f.t, made.Text)
}

func TestAnInvitationGivesTheFirstKeyOnce(t *testing.T) {
	f := newFixture(t)
	a := f.confirmed(f.Administrator, forBea)
	orders := f.store.Deliveries()
	if a.Active() || len(a.Keys) != 0 || !slices.ContainsFunc(orders, func(o mail.Order) bool {
		return o.Kind == mail.InvitationOrder && o.Administrator == "bea" && o.Reference == a.Invitation.ID
	}) {
		t.Errorf("invited: %+v, ordered %+v", a, orders)
	}
	if !slices.Equal(f.writers(), []string{"ann"}) {
		t.Errorf("somebody who has not accepted decides: %v", f.writers())
	}
	_, err := f.propose(f.Administrator, people.NewKey{Holder: people.Holder{Administrator: "bea"}})
	refused(t, "a key past the invitation", err, people.ErrInvited)
	code := f.invitation("bea")
	made, err := f.accept("bea", code)
	f.must(err)
	if got := f.key(made.ID); !slices.Equal(got.Permissions, []access.Permission{access.KeysWrite, access.PolicyWrite}) || got.Holder != "bea" {
		t.Errorf("the first key: %+v", got)
	}
	if !slices.Equal(f.writers(), []string{"ann", "bea"}) || f.administrator("bea").Deliver != "" {
		t.Errorf("who decides: %v", f.writers())
	}
	f.untouched(func() {
		_, err = f.accept("bea", code)
		refused(t, "a second time", err, people.ErrShown)
	})
	events := f.events(audit.AdministratorAccepted)
	if len(events) != 1 || events[0].Actor != "bea" || len(f.events(audit.AdministratorInvited)) != 1 || !f.events(audit.AdministratorInvited)[0].Notify {
		t.Errorf("events: %+v", events)
	}
}

func TestAnInvitationWhoseReplyIsLostShowsNothingAgain(t *testing.T) {
	f := newFixture(t)
	f.confirmed(f.Administrator, forBea)
	f.store.FailNext("WritePeople", true, errors.New("lost"))
	_, err := f.accept("bea", f.invitation("bea"))
	unavailable(t, "a lost reply", err)
	_, err = f.accept("bea", f.invitation("bea"))
	refused(t, "again", err, people.ErrShown)
}

func TestInvitationsAreBoundCountedAndEnd(t *testing.T) {
	f := newFixture(t)
	f.confirmed(f.Administrator, forBea)
	first := f.invitation("bea")
	f.Clock.Advance(time.Minute)
	other := forBea
	other.Email = "bea@elsewhere.example"
	f.confirmed(f.Administrator, other)
	for what, code := range map[string]string{"one that was replaced": first, "none": "one", "a guess": "2222-2222-2222-2222-2222-2222-2222-2222"} {
		_, err := f.accept("bea", code)
		refused(t, what, err, people.ErrInvitation)
	}
	if n := f.administrator("bea").Invitation.Throttle.Consecutive; n != 2 {
		t.Errorf("%d wrong ones were counted", n)
	}
	_, err := f.accept("ann", f.invitation("bea"))
	refused(t, "somebody else's", err, people.ErrInvitation)
	_, err = f.accept("nobody", f.invitation("bea"))
	refused(t, "nobody's", err, people.ErrInvitation)
	for range throttle.FreeTries {
		_, err := f.accept("bea", first)
		refused(t, "guesses", err, people.ErrInvitation)
	}
	_, err = f.accept("bea", f.invitation("bea"))
	refused(t, "the right one while locked", err, people.ErrInvitation)
	f.Clock.Advance(people.InvitationLife)
	_, err = f.accept("bea", f.invitation("bea"))
	refused(t, "an old one", err, people.ErrInvitation)
}

func TestNobodyGrantsWhatTheyLack(t *testing.T) {
	f := newFixture(t)
	bea := f.welcomed(forBea)
	f.untouched(func() {
		for what, w := range map[string]people.Wanted{
			"an invitation":        {ID: "eve", Email: "eve@acme.example", Permissions: auditor},
			"a raise of herself":   {ID: "bea", Permissions: access.Permissions()},
			"an address of a peer": {ID: "ann", Email: "bea@acme.example"},
		} {
			_, err := f.want(bea, w)
			refused(t, what, err, access.ErrLack)
		}
		_, err := f.want(f.Application, forBea)
		refused(t, "an application", err, access.ErrRole)
	})
}

func TestARaiseNeedsASecondWord(t *testing.T) {
	f := newFixture(t)
	bea := f.welcomed(people.Wanted{ID: "bea", Email: "bea@acme.example", Permissions: auditor})
	all := access.Permissions()
	_, err := f.People.ChangeAdministrator(t.Context(), f.Administrator, acme, "bea", people.Lowered{Permissions: &all})
	refused(t, "a raise without", err, people.ErrStepUp)
	f.confirmed(f.Administrator, people.Wanted{ID: "bea", Permissions: writer})
	if got := f.key(bea.Credential.ID).Permissions; len(got) != 2 || !slices.Equal(f.writers(), []string{"ann", "bea"}) {
		t.Errorf("raised, the key may %v", got)
	}
	if events := f.events(audit.AdministratorRaised); len(events) != 1 || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	_, err = f.want(f.Administrator, people.Wanted{ID: "bea", Permissions: writer})
	refused(t, "what is so already", err, people.ErrNothing)
	_, err = f.want(f.Administrator, people.Wanted{ID: "changes", Email: "c@acme.example", Permissions: auditor})
	refused(t, "a word of the API", err, people.ErrReserved)
	_, err = f.want(f.Administrator, people.Wanted{ID: "eve", Permissions: auditor})
	refused(t, "nobody's address", err, people.ErrEmail)
	_, err = f.want(f.Administrator, people.Wanted{ID: "eve", Email: "eve@acme.example"})
	refused(t, "no permission", err, people.ErrPermissions)
}

// Fewer permissions hold for every key at once, within what each was narrowed to.
func TestALoweringReachesEveryKey(t *testing.T) {
	f := newFixture(t)
	f.welcomed(forBea)
	narrow := f.issued(f.System, people.NewKey{Holder: forAnn, Scope: auditor})
	left, name := []access.Permission{access.KeysWrite, access.UsersReset}, "Ann"
	_, err := f.People.ChangeAdministrator(t.Context(), f.System, acme, "ann", people.Lowered{Permissions: &left, Name: &name})
	f.must(err)
	if got := f.key(f.Administrator.Credential.ID).Permissions; len(got) != 2 || len(f.key(narrow.ID).Permissions) != 0 {
		t.Errorf("lowered, the keys may %v and %v", got, f.key(narrow.ID).Permissions)
	}
	if !slices.Equal(f.writers(), []string{"bea"}) || f.administrator("ann").Name != "Ann" {
		t.Errorf("who decides: %v", f.writers())
	}
	_, err = f.Policy.Propose(t.Context(), f.Administrator, acme, policy.Wanted{Policy: org.DefaultOrganizationPolicy(f.Clock.Now())}, 1)
	refused(t, "the next request", err, access.ErrPermission)
	f.untouched(func() {
		_, err = f.People.ChangeAdministrator(t.Context(), f.System, acme, "ann", people.Lowered{Permissions: &left})
		f.must(err)
	})
}

func TestTheLastWhoDecidesStays(t *testing.T) {
	f := newFixture(t)
	f.welcomed(people.Wanted{ID: "aud", Email: "aud@acme.example", Permissions: auditor})
	f.Clock.Advance(time.Hour)
	f.confirmed(f.System, forBea) // invited only: she does not count
	f.untouched(func() {
		refused(t, "the last", f.People.RemoveAdministrator(t.Context(), f.System, acme, "ann"), people.ErrLast)
		less := []access.Permission{access.KeysWrite}
		_, err := f.People.ChangeAdministrator(t.Context(), f.Administrator, acme, "ann", people.Lowered{Permissions: &less})
		refused(t, "demoting the last", err, people.ErrLast)
	})
	f.must(func() error { _, err := f.accept("bea", f.invitation("bea")); return err }())
	f.must(f.People.RemoveAdministrator(t.Context(), f.System, acme, "ann"))
	_, err := f.Policy.Organization(t.Context(), f.Administrator, acme)
	refused(t, "the removed one's next request", err, access.ErrUnauthenticated)
	refused(t, "again", f.People.RemoveAdministrator(t.Context(), f.System, acme, "ann"), access.ErrNotFound)
	refused(t, "the other", f.People.RemoveAdministrator(t.Context(), f.System, acme, "bea"), people.ErrLast)
	if e := f.events(audit.AdministratorRemoved); len(e) != 1 || !e[0].Notify || e[0].Details["address"] != "ann@acme.example" {
		t.Errorf("events: %+v", e)
	}
}

// Another's new address is used after a day, in which the old one gets the codes; one's own was confirmed by a code to the old one.
func TestAnAddressOfAnotherWaits(t *testing.T) {
	f := newFixture(t)
	f.confirmed(f.System, people.Wanted{ID: "ann", Email: "new@acme.example"})
	events := f.events(audit.AdministratorMoved)
	if len(events) != 1 || events[0].Details["old_address"] != "ann@acme.example" || events[0].Details["address"] != "new@acme.example" || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	f.Clock.Advance(people.AddressWait - time.Second)
	if got := f.administrator("ann").Address(f.Clock.Now()); got != "ann@acme.example" {
		t.Errorf("before the day is over: %s", got)
	}
	p, err := f.propose(f.Administrator, people.NewKey{Holder: forCRM})
	f.must(err)
	if same, err := factor.SameAddress(f.Keys, p.Change.Address, "ann@acme.example"); err != nil || !same {
		t.Error("a code went elsewhere")
	}
	f.confirmed(f.Administrator, people.Wanted{ID: "ann", Email: "ann@acme.example"}) // she stops it
	f.Clock.Advance(people.AddressWait)
	if got := f.administrator("ann").Address(f.Clock.Now()); got != "ann@acme.example" {
		t.Errorf("stopped, and yet: %s", got)
	}
	f.confirmed(f.Administrator, people.Wanted{ID: "ann", Email: "own@acme.example"})
	if got := f.administrator("ann").Address(f.Clock.Now()); got != "own@acme.example" {
		t.Errorf("her own: %s", got)
	}
}

func TestApplicationsComeAndGoWithTheirKeys(t *testing.T) {
	f := newFixture(t)
	made, err := f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "shop", Name: "Shop"})
	f.must(err)
	f.untouched(func() {
		_, err = f.People.PutApplication(t.Context(), f.Administrator, acme, people.WantedApplication{ID: "shop", Name: "Shop"})
		f.must(err)
	})
	if len(made.Keys) != 0 || made.Rev != 1 {
		t.Errorf("made: %+v", made)
	}
	issued := f.issued(f.Administrator, people.NewKey{Holder: people.Holder{Application: "shop"}})
	f.must(f.People.RemoveApplication(t.Context(), f.Administrator, acme, "shop"))
	if f.key(issued.ID).RevokedAt.IsZero() {
		t.Error("a key outlives its application")
	}
	refused(t, "again", f.People.RemoveApplication(t.Context(), f.Administrator, acme, "shop"), access.ErrNotFound)
	all, err := f.People.Applications(t.Context(), f.Administrator, acme)
	f.must(err)
	if len(all) != 1 || all[0].ID != "crm" {
		t.Errorf("left: %+v", all)
	}
}

// What was done to an administrator meanwhile is not overwritten by a proposal made before.
func TestAProposalOfAnAdministratorThatMovedIsVoid(t *testing.T) {
	f := newFixture(t)
	f.welcomed(people.Wanted{ID: "bea", Email: "bea@acme.example", Permissions: auditor})
	p, err := f.want(f.System, people.Wanted{ID: "bea", Permissions: writer})
	f.must(err)
	none := []access.Permission{}
	_, err = f.People.ChangeAdministrator(t.Context(), f.Administrator, acme, "bea", people.Lowered{Permissions: &none})
	f.must(err)
	f.untouched(func() {
		_, err = f.People.ConfirmAdministrator(t.Context(), f.System, acme, p.Change.ID, stepup.Word{Code: f.code(f.System)})
		refused(t, "after a lowering", err, people.ErrMoved)
	})
}

// ledger keeps what is written.
type ledger struct {
	*memstore.Store
	written []people.Change
}

func (l *ledger) WritePeople(_ context.Context, c people.Change) error {
	l.written = append(l.written, c)
	return nil
}

// Two wrong invitations at one moment are two writes: were they the same, the second would be taken for the first's lost reply, and
// not be counted.
func TestTwoWrongInvitationsAreTwoWrites(t *testing.T) {
	f := newFixture(t)
	f.confirmed(f.Administrator, forBea)
	l := &ledger{Store: f.store}
	s := &people.Service{Store: l, Codes: f.Keys, Now: f.Clock.Now}
	for range 2 {
		_, err := s.AcceptInvitation(t.Context(), access.Caller{}, acme, "bea", "22222222222222222222222222222222")
		refused(t, "a guess", err, people.ErrInvitation)
	}
	if len(l.written) != 2 || reflect.DeepEqual(l.written[0], l.written[1]) {
		t.Errorf("written: %+v", l.written)
	}
}
