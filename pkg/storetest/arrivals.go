package storetest

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func fullArrival() admission.Arrival {
	return admission.Arrival{
		ID: "0a1b", Organization: Organization, Administrator: "ann", Rev: 1,
		Throttle: throttle.State{Consecutive: 6, Failures: []time.Time{second(1), second(2)}, LockedUntil: second(3)},
		Sends:    user.Sends{second(1)},
		Codes: []admission.Code{
			{ID: "c1", KeyID: CurrentKey, Address: []byte("digest"), ExpiresAt: second(10), Tries: 2, Seen: "192.0.2.1"},
			{ID: "c2", KeyID: CurrentKey, Address: []byte("digest"), ExpiresAt: second(11)},
		},
		Deliver: "c1", Attempt: []byte("attempt"), EndsAt: second(60),
	}
}

func arrivalReturns(t *testing.T, s Contract) {
	ctx := t.Context()
	none, err := s.Arrival(ctx, "0a1b")
	must(t, err)
	if none != nil {
		t.Fatalf("there is one already: %+v", none)
	}
	want := fullArrival()
	must(t, s.WriteArrival(ctx, want))
	got, err := s.Arrival(ctx, want.ID)
	must(t, err)
	same(t, "arrival", got, &want)
	bare := admission.Arrival{ID: want.ID, Rev: 2, Attempt: []byte("another"), EndsAt: second(60)}
	must(t, s.WriteArrival(ctx, bare))
	got, err = s.Arrival(ctx, want.ID)
	must(t, err)
	same(t, "an arrival of nobody", got, &bare)
}

func arrivalFollows(t *testing.T, s Contract) {
	ctx := t.Context()
	a := fullArrival()
	must(t, s.WriteArrival(ctx, a))
	must(t, s.WriteArrival(ctx, a)) // the same write again: its acknowledgement was lost
	other := a
	other.Attempt = []byte("another")
	if err := s.WriteArrival(ctx, other); !errors.Is(err, user.ErrConflict) {
		t.Errorf("another write of the same revision: %v", err)
	}
	other.Rev = 3
	if err := s.WriteArrival(ctx, other); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a write that leaves one out: %v", err)
	}
}

func arriving(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	a := fullArrival()
	must(t, s.WriteArrival(t.Context(), a))
	got, err := s.Arriving(t.Context(), "0a1b.c1", second(9))
	must(t, err)
	same(t, "arriving", got, &mail.Proposal{
		ID: "c1", Organization: Organization, Email: "ann@acme.example", Mailed: a.Mailed(a.Codes[0]), KeyID: CurrentKey, Live: true, Seen: "192.0.2.1",
	})
	for reference, at := range map[string]time.Time{"0a1b.c1": second(10), "0a1b.c3": second(9), "0a1b": second(9), "ffff.c1": second(9), "": second(9)} {
		if got, err := s.Arriving(t.Context(), reference, at); err != nil || got != nil {
			t.Errorf("%q: %+v, %v", reference, got, err)
		}
	}
	must(t, w.People.RemoveAdministrator(t.Context(), w.System, Organization, w.beside(t)))
	stranger := a.Administrator
	a.ID, a.Administrator = "0a1c", "nobody"
	must(t, s.WriteArrival(t.Context(), a))
	if got, err := s.Arriving(t.Context(), "0a1c.c1", second(9)); err != nil || got != nil {
		t.Errorf("in the place of %s: %+v, %v", stranger, got, err)
	}
}

// beside adds an administrator, so that one may be removed.
func (w *World) beside(t *testing.T) string {
	w.AddAdministrator(t, "bea")
	return "bea"
}

const desk = "https://login.vendor.example/console/return"

// foundedOnce: whoever comes first makes the organisation, the application and its key, and the others find them.
func foundedOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	type made struct {
		c   access.Credential
		err error
	}
	var first access.Credential
	for _, m := range collect(8, func(int) made {
		c, err := w.Admission.Desk(t.Context(), desk)
		return made{c, err}
	}) {
		if m.err != nil && !errors.Is(m.err, user.ErrConflict) {
			t.Errorf("unexpected: %v", m.err)
		}
		if m.err != nil {
			continue
		}
		if first == (access.Credential{}) {
			first = m.c
		}
		if !m.c.Same(first) {
			t.Error("two keys were made")
		}
	}
	key, o, err := s.ReadOrganization(t.Context(), first, access.Administrators)
	must(t, err)
	if o == nil || !key.Valid(first, w.Clock.Now()) || len(key.ReturnAddresses) != 1 || key.ReturnAddresses[0] != desk {
		t.Fatalf("the key is %+v of %+v", key, o)
	}
	again, err := w.Admission.Desk(t.Context(), desk)
	must(t, err)
	if !again.Same(first) {
		t.Error("asked again, it is another key")
	}
	history, err := s.Policies(t.Context(), access.Administrators, 100, 10)
	must(t, err)
	if len(history) != 1 || history[0].Version != o.Policy.Version {
		t.Errorf("the history is %+v", history)
	}
}

// signedInTogether: however many sign in at once, each session is good, and no more than so many are left.
func signedInTogether(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	a, err := s.Administrator(t.Context(), Organization, "ann")
	must(t, err)
	errs := collect(4, func(int) error {
		_, err := w.Admission.SignIn(t.Context(), w.Administrator, admission.Passage{Organization: Organization, Administrator: "ann", Since: a.CreatedAt, Secret: rand.Text()})
		return err
	})
	n := wins(t, errs, user.ErrConflict)
	if events := w.events(t, audit.AdministratorSignedIn); events != n || n == 0 {
		t.Errorf("%d sessions have %d events", n, events)
	}
	var last access.Credential
	for range 8 {
		last, err = w.Admission.SignIn(t.Context(), w.Administrator, admission.Passage{Organization: Organization, Administrator: "ann", Since: a.CreatedAt, Secret: rand.Text()})
		must(t, err)
		w.Clock.Advance(time.Second)
	}
	a, err = s.Administrator(t.Context(), Organization, "ann")
	must(t, err)
	keys, err := s.Keys(t.Context(), a.Keys...)
	must(t, err)
	live := 0
	for _, k := range keys {
		if k.Console && k.Live(w.Clock.Now()) {
			live++
		}
	}
	if live != 5 || len(keys) != 6 {
		t.Errorf("%d sessions among %d keys", live, len(keys))
	}
	if _, _, err := w.Admission.Who(t.Context(), access.Caller{Credential: last}, Organization); err != nil {
		t.Errorf("the last session: %v", err)
	}
	if _, _, err := w.Admission.Who(t.Context(), w.Administrator, Organization); err != nil {
		t.Errorf("the key that was there before: %v", err)
	}
}

// MailedCode is the code that an arrival's mail carries.
func (w *World) MailedCode(t testing.TB, ticket admission.Ticket) string {
	t.Helper()
	a, err := w.Store.Arrival(t.Context(), ticket.Arrival)
	must(t, err)
	c, live := a.Find(ticket.Code, w.Clock.Now())
	if !live {
		t.Fatal("the code is not there any more")
	}
	code, err := factor.MailedCode(w.Keys, c.KeyID, a.Mailed(c))
	must(t, err)
	return code
}

// Session is a key as a session of the console is, of nobody yet.
func Session(t testing.TB, role access.Role, now time.Time) (access.Key, access.Credential) {
	t.Helper()
	raw := make([]byte, access.RawKeyBytes)
	_, _ = rand.Read(raw) // never fails
	k, c, err := access.ConsoleKey(role, raw, now)
	must(t, err)
	return k, c
}

// AsUser has an administrator enrolled as a user of the administrators' organisation, unless that is so, and gives the user's id.
func (w *World) AsUser(t testing.TB, home, administrator string) string {
	t.Helper()
	return AsUser(t, w.Store, w.Clock.Now(), home, administrator)
}

// AsUser does so in a store.
func AsUser(t testing.TB, store Contract, now time.Time, home, administrator string) string {
	t.Helper()
	a, err := store.Administrator(t.Context(), home, administrator)
	must(t, err)
	id := home + "/" + administrator
	if a != nil {
		id = admission.UserOf(*a)
	}
	_, known, f, err := store.Recipient(t.Context(), access.Administrators, id)
	must(t, err)
	if known != nil {
		return id
	}
	f = f.Next()
	f.Authenticators = []user.Authenticator{{ID: "a1b2c3d4e5f60718", Method: org.TOTP, Secret: []byte("sealed"), CreatedAt: now.Truncate(time.Second)}}
	p := user.Profile{Organization: access.Administrators, User: id, Rev: 1, Email: "a@b.example", RegisteredAt: now, EnrolledAt: now, Methods: f.Methods()}
	must(t, store.Write(t.Context(), user.Change{Factors: &f, Profile: &p}))
	return id
}
