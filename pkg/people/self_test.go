package people_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
)

func words(s string) *string { return &s }

func (f *fixture) wish(c access.Caller, o people.Own) (people.Proposed, error) {
	return f.People.ProposeSelf(f.t.Context(), c, acme, o)
}

// became goes both steps.
func (f *fixture) became(c access.Caller, o people.Own) people.Self {
	f.t.Helper()
	p, err := f.wish(c, o)
	f.must(err)
	me, err := f.People.ConfirmSelf(f.t.Context(), c, acme, p.Change.ID, stepup.Word{Code: f.code(c)})
	f.must(err)
	return me
}

// session is root's, in ann's place.
func (f *fixture) session() access.Caller {
	f.t.Helper()
	root := f.key(f.System.Credential.ID)
	key, text := access.NewSession(root, acme, "ann", access.Permissions(), "ticket", f.Clock.Now())
	f.must(f.store.WritePeople(f.t.Context(), people.Change{Keys: []access.Key{key}}))
	return as(f.t, text)
}

func TestOneSeesOneself(t *testing.T) {
	f := newFixture(t)
	narrow := f.issued(f.Administrator, people.NewKey{Holder: forAnn, Scope: auditor, ExpiresAt: f.Clock.Now().Add(time.Hour)})
	me, err := f.People.Self(t.Context(), as(t, narrow.Text), acme)
	f.must(err)
	if me.Administrator.ID != "ann" || me.Key.ID != narrow.ID || len(me.Key.Permissions) != 1 || me.Key.ExpiresAt.IsZero() {
		t.Errorf("saw %+v", me)
	}
	for what, c := range map[string]access.Caller{"a system administrator": f.System, "an application": f.Application} {
		_, err := f.People.Self(t.Context(), c, acme)
		refused(t, what, err, access.ErrRole)
	}
}

func TestOneSaysWhoOneIsAsAUser(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	me := f.became(f.caller(access.OrganizationAdministrator, "ann"), people.Own{User: words("eve"), Name: words("Ann")})
	if me.Administrator.User != "eve" || f.administrator("ann").User != "eve" || me.Administrator.Name != "Ann" {
		t.Errorf("became %+v", me.Administrator)
	}
	events := f.events(audit.AdministratorLinked)
	if len(events) != 1 || events[0].Details["user"] != "nobody → eve" || events[0].Details["name"] != "Ann" || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	f.Clock.Advance(time.Hour)
	if me = f.became(f.Administrator, people.Own{User: words("")}); me.Administrator.User != "" {
		t.Errorf("forgotten, and still %+v", me.Administrator)
	}
	if events = f.events(audit.AdministratorLinked); len(events) != 2 || events[1].Details["user"] != "eve → nobody" {
		t.Errorf("events: %+v", events)
	}
}

// The code went to the old address, which has thereby confirmed the new one.
func TestOnesOwnAddressChangesAtOnce(t *testing.T) {
	f := newFixture(t)
	p, err := f.wish(f.Administrator, people.Own{Email: words("new@acme.example")})
	f.must(err)
	if orders := f.store.Deliveries(); len(orders) != 1 || orders[0].Kind != mail.StepUpOrder || orders[0].Administrator != "ann" {
		t.Errorf("mailed: %+v", orders)
	}
	code := f.code(f.Administrator)
	me, err := f.People.ConfirmSelf(t.Context(), f.Administrator, acme, p.Change.ID, stepup.Word{Code: code})
	f.must(err)
	if got := me.Administrator.Address(f.Clock.Now()); got != "new@acme.example" || len(me.Administrator.Keys) != 1 {
		t.Errorf("became %+v", me.Administrator)
	}
	f.untouched(func() {
		again, err := f.People.ConfirmSelf(t.Context(), f.Administrator, acme, p.Change.ID, stepup.Word{Code: code})
		f.must(err)
		if again.Administrator.Rev != me.Administrator.Rev {
			t.Error("a repetition shows another")
		}
	})
	events := f.events(audit.AdministratorMoved)
	if len(events) != 1 || events[0].Details["old_address"] != "ann@acme.example" || events[0].Details["address"] != "new@acme.example" || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	f.became(f.Administrator, people.Own{Name: words("Anna")})
	if events = f.events(audit.AdministratorChanged); len(events) != 1 || events[0].Notify || events[0].Details["name"] != "Anna" {
		t.Errorf("events of another name: %+v", events)
	}
}

func TestWhatOneCannotBecome(t *testing.T) {
	f := newFixture(t)
	session := f.session()
	f.untouched(func() {
		for what, c := range map[string]struct {
			by   access.Caller
			own  people.Own
			want error
		}{
			"nothing":            {f.Administrator, people.Own{}, people.ErrNothing},
			"what one is":        {f.Administrator, people.Own{Name: words("ann"), Email: words("ann@acme.example"), User: words("")}, people.ErrNothing},
			"nobody's user":      {f.Administrator, people.Own{User: words("nobody")}, people.ErrUnknownUser},
			"no address":         {f.Administrator, people.Own{Email: words("")}, people.ErrEmail},
			"in another's place": {session, people.Own{Name: words("Mallory")}, access.ErrImpersonated},
			"from above":         {f.System, people.Own{Name: words("Mallory")}, access.ErrRole},
		} {
			_, err := f.wish(c.by, c.own)
			refused(t, what, err, c.want)
		}
		_, err := f.People.Self(t.Context(), session, acme)
		refused(t, "seen in another's place", err, access.ErrImpersonated)
	})
}

// What somebody else did to the administrator meanwhile is not overwritten, and a proposal is its administrator's own.
func TestAProposalOfOneselfIsOnesOwn(t *testing.T) {
	f := newFixture(t)
	p, err := f.wish(f.Administrator, people.Own{Name: words("Anna")})
	f.must(err)
	bob := f.AddAdministrator(t, "bob")
	f.untouched(func() {
		_, err := f.People.ConfirmSelf(t.Context(), bob, acme, p.Change.ID, stepup.Word{Code: f.code(f.Administrator)})
		refused(t, "by another", err, access.ErrNotFound)
		_, err = f.People.SelfProposal(t.Context(), bob, acme, p.Change.ID)
		refused(t, "seen by another", err, access.ErrNotFound)
		_, err = f.People.ConfirmAdministrator(t.Context(), f.Administrator, acme, p.Change.ID, stepup.Word{Code: f.code(f.Administrator)})
		refused(t, "as a change of an administrator", err, access.ErrNotFound)
	})
	name := "A."
	_, err = f.People.ChangeAdministrator(t.Context(), bob, acme, "ann", people.Lowered{Name: &name})
	f.must(err)
	f.untouched(func() {
		_, err := f.People.ConfirmSelf(t.Context(), f.Administrator, acme, p.Change.ID, stepup.Word{Code: f.code(f.Administrator)})
		refused(t, "after another name", err, people.ErrMoved)
	})
}

func TestOneselfInAnOutage(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	down := errors.New("down")
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.Recipient, memstore.WritePeople} {
		f.store.FailNext(op, false, down)
		_, err := f.wish(f.Administrator, people.Own{User: words("eve")})
		unavailable(t, string(op), err)
	}
}

// Where a code went is said as it is now: an address that waited takes the old one's place.
func TestWhereACodeWentIsTold(t *testing.T) {
	f := newFixture(t)
	a := f.administrator("ann")
	a.NextEmail, a.NextEmailAt, a.Rev, a.Deliver = "other@new.example", f.Clock.Now().Add(time.Hour), a.Rev+1, ""
	f.must(f.store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{a}}))
	for _, want := range []string{"a•••@acme.example", "o•••@new.example"} {
		p, err := f.wish(f.Administrator, people.Own{Name: words("Anna")})
		f.must(err)
		again, err := f.People.SelfProposal(t.Context(), f.Administrator, acme, p.Change.ID)
		f.must(err)
		if p.SentTo != want || again.SentTo != want {
			t.Errorf("told: %q and %q, want %q", p.SentTo, again.SentTo, want)
		}
		f.Clock.Advance(time.Hour)
	}
}
