package admission_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// world is an organisation whose administrator is ann, and somebody at the door.
type world struct {
	*storetest.World
	t     *testing.T
	store *memstore.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store := memstore.New()
	return &world{storetest.NewWorld(t, store), t, store}
}

var stranger = access.Caller{Seen: "198.51.100.9"}

func ann(change ...func(*admission.Claim)) admission.Claim {
	c := admission.Claim{Organization: storetest.Organization, Email: "ann@acme.example"}
	for _, f := range change {
		f(&c)
	}
	return c
}

func (w *world) knock(c admission.Claim) admission.Ticket {
	w.t.Helper()
	ticket, err := w.Admission.Knock(w.t.Context(), stranger, c)
	w.must(err)
	return ticket
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wrong(ticket admission.Ticket) string {
	if code := w.MailedCode(w.t, ticket); code != "00000000" {
		return "00000000"
	}
	return "11111111"
}

func (w *world) answers(ticket admission.Ticket, code string, want error) {
	w.t.Helper()
	if _, err := w.Admission.Answer(w.t.Context(), ticket, code); !errors.Is(err, want) || (err == nil) != (want == nil) {
		w.t.Errorf("got %v, want %v", err, want)
	}
}

func TestTheMailedCode(t *testing.T) {
	w := newWorld(t)
	ticket := w.knock(ann())
	code := w.MailedCode(t, ticket)
	for _, malformed := range []string{"", "1234567", "123456789", "abcdefgh", "１２３４５６７８"} {
		w.answers(ticket, malformed, admission.ErrCode)
	}
	w.answers(ticket, w.wrong(ticket), admission.ErrRefused)
	who, err := w.Admission.Answer(t.Context(), ticket, " "+code[:4]+"-"+code[4:]+" ")
	if err != nil || who.ID != "ann" {
		t.Fatalf("%+v, %v", who, err)
	}
	w.answers(ticket, code, nil) // the reply was lost
	other := w.knock(ann())
	w.answers(other, code, admission.ErrRefused)
	ticket.Arrival = "ffff"
	w.answers(ticket, code, admission.ErrOver)
	w.Clock.Advance(user.CodeLife)
	w.answers(other, "00000000", admission.ErrOver)
}

// No more tries of a code are judged than five, however many come at once.
func TestGuessesAreCounted(t *testing.T) {
	w := newWorld(t)
	ticket := w.knock(ann())
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { _, _ = w.Admission.Answer(context.Background(), ticket, "00000000") })
	}
	wait.Wait()
	a, err := w.store.Arrival(t.Context(), ticket.Arrival)
	w.must(err)
	if n := len(a.Throttle.Failures); n > user.TriesPerCode {
		t.Errorf("%d were judged", n)
	}
	for range user.TriesPerCode { // some gave up before others
		_, _ = w.Admission.Answer(t.Context(), ticket, "00000000")
	}
	w.answers(ticket, "00000000", admission.ErrOver)
}

// More codes give no more tries: failures count over all of them, and in a day there are so many.
func TestCodesShareTheTries(t *testing.T) {
	w := newWorld(t)
	judged := 0
	for range 60 {
		w.Clock.Advance(user.SendWindow)
		ticket, err := w.Admission.Knock(t.Context(), stranger, ann())
		w.must(err)
		before, err := w.store.Arrival(t.Context(), ticket.Arrival)
		w.must(err)
		for range user.TriesPerCode {
			_, _ = w.Admission.Answer(t.Context(), ticket, w.wrong(ticket))
		}
		after, err := w.store.Arrival(t.Context(), ticket.Arrival)
		w.must(err)
		judged += after.Throttle.Consecutive - before.Throttle.Consecutive
	}
	if judged > throttle.Cap {
		t.Errorf("%d guesses within ten hours", judged)
	}
	ticket := w.knock(ann())
	w.answers(ticket, w.MailedCode(t, ticket), admission.ErrRefused) // locked: the right one is not judged either
}

// However an address is written, it is one budget of mails and tries.
func TestOneAddressIsOneBudget(t *testing.T) {
	w := newWorld(t)
	for _, written := range []string{"ann@acme.example", "ANN@acme.example", "Ann@ACME.example", "aNN@acme.example", "ann@acme.EXAMPLE"} {
		w.knock(ann(func(c *admission.Claim) { c.Email = written }))
	}
	if _, err := w.Admission.Knock(t.Context(), stranger, ann(func(c *admission.Claim) { c.Email = "anN@acme.example" })); !errors.Is(err, user.ErrTooSoon) {
		t.Errorf("a sixth mail: %v", err)
	}
	if _, err := w.Admission.Knock(t.Context(), stranger, ann(func(c *admission.Claim) { c.Email = "nobody@acme.example" })); err != nil {
		t.Errorf("another's: %v", err)
	}
}

// Strangers who knock for ann do not keep her out of a browser that she has come in with; and a browser of somebody else's is a stranger's.
func TestAKnownBrowserIsCountedApart(t *testing.T) {
	w := newWorld(t)
	for range user.SendLimit {
		w.knock(ann())
	}
	known := admission.Known{Organization: storetest.Organization, Administrator: "ann", Browser: "b1"}
	ticket := w.knock(ann(func(c *admission.Claim) { c.Known = known }))
	w.answers(ticket, w.MailedCode(t, ticket), nil)
	for name, k := range map[string]admission.Known{
		"eve's": {Organization: storetest.Organization, Administrator: "eve", Browser: "b1"}, "of another organisation": {Organization: "globex", Administrator: "ann", Browser: "b1"},
		"the vendor's": {Administrator: "ann", Browser: "b1"}, "none": {},
	} {
		if _, err := w.Admission.Knock(t.Context(), stranger, ann(func(c *admission.Claim) { c.Known = k })); !errors.Is(err, user.ErrTooSoon) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What changed since a code was mailed makes it nobody's.
func TestACodeOfBeforeIsNobodys(t *testing.T) {
	for name, change := range map[string]func(w *world, a *org.Administrator){
		"removed": func(w *world, a *org.Administrator) {
			w.must(w.People.RemoveAdministrator(w.t.Context(), w.System, a.Organization, a.ID))
		},
		"reached elsewhere": func(w *world, a *org.Administrator) { a.Email = "ann@new.example"; w.write(a) },
		"reached elsewhere by now": func(w *world, a *org.Administrator) {
			a.NextEmail, a.NextEmailAt = "ann@new.example", w.Clock.Now()
			w.write(a)
		},
		"invited": func(w *world, a *org.Administrator) {
			a.Invitation = &org.Invitation{ID: "i", Address: []byte("d"), ExpiresAt: w.Clock.Now()}
			w.write(a)
		},
	} {
		w := newWorld(t)
		w.AddAdministrator(t, "bea")
		ticket := w.knock(ann())
		code := w.MailedCode(t, ticket)
		a, err := w.store.Administrator(t.Context(), storetest.Organization, "ann")
		w.must(err)
		change(w, a)
		t.Run(name, func(t *testing.T) { w.answers(ticket, code, admission.ErrOver) })
	}
}

func (w *world) write(a *org.Administrator) {
	w.t.Helper()
	a.Rev++
	w.must(w.store.WritePeople(w.t.Context(), people.Change{Administrators: []org.Administrator{*a}}))
}

const desk = "https://2fa.vendor.example/console/return"

func TestTheDesk(t *testing.T) {
	w := newWorld(t)
	c, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	o, err := w.Policy.Organization(t.Context(), w.System, access.Administrators)
	w.must(err)
	if p := o.Policy; !o.Entitlements.TwoFactor || p.Status != org.Forced || p.GraceDays != 0 || p.RememberDevice || !p.RecoveryEmailDistinct ||
		p.EnrollmentProof != org.ProofPassword || !slices.Equal(p.Methods, []org.Method{org.TOTP}) || p.EnforceFrom.After(w.Clock.Now()) {
		t.Errorf("administrators are held to %+v", p)
	}
	again, err := w.Admission.Desk(t.Context(), "https://console.vendor.example/console/return")
	w.must(err)
	if !again.Same(c) {
		t.Error("at another address it is another key")
	}
	key, _, err := w.store.ReadOrganization(t.Context(), c, access.Administrators)
	w.must(err)
	if len(key.ReturnAddresses) != 2 || key.Role != access.Application || key.Everywhere || !slices.Equal(key.Organizations, []string{access.Administrators}) {
		t.Errorf("the key is %+v", key)
	}
}

// Revoking the console's key closes it for whoever comes, and removing the application opens it again, with another key.
func TestTheConsoleCanBeClosed(t *testing.T) {
	w := newWorld(t)
	c, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	w.must(w.People.RevokeKey(t.Context(), w.System, access.Administrators, c.ID))
	for _, address := range []string{desk, "https://elsewhere.example/console/return"} {
		if _, err := w.Admission.Desk(t.Context(), address); !errors.Is(err, admission.ErrClosed) {
			t.Errorf("revoked: %v", err)
		}
	}
	w.Clock.Advance(time.Second)
	w.must(w.People.RemoveApplication(t.Context(), w.System, access.Administrators, "console"))
	again, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	if again.Same(c) {
		t.Error("the revoked key is good again")
	}
}

// rotated has a newer key in its keyset.
type rotated struct{ storetest.Keys }

func (rotated) PRFKeyID() uint32 { return storetest.CurrentKey + 1 }

func (r rotated) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	if keyID == storetest.CurrentKey+1 {
		return r.Keys.PRF(storetest.CurrentKey, append([]byte("newer"), input...), n)
	}
	return r.Keys.PRF(keyID, input, n)
}

// newest has one more.
type newest struct{ rotated }

func (newest) PRFKeyID() uint32 { return storetest.CurrentKey + 2 }

func (n newest) PRF(keyID uint32, input []byte, size int) ([]byte, error) {
	if keyID == storetest.CurrentKey+2 {
		return n.Keys.PRF(storetest.CurrentKey, append([]byte("newest"), input...), size)
	}
	return n.rotated.PRF(keyID, input, size)
}

func TestTheDeskAfterARotation(t *testing.T) {
	w := newWorld(t)
	old, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	w.Admission.Codes = rotated{}
	c, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	again, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	if c.Same(old) || !again.Same(c) {
		t.Error("it is not the key of the newer keyset")
	}
	key, _, err := w.store.ReadOrganization(t.Context(), old, access.Administrators)
	w.must(err)
	if key.Valid(old, w.Clock.Now()) {
		t.Error("the key of before is good")
	}
	w.must(w.People.RevokeKey(t.Context(), w.System, access.Administrators, c.ID))
	w.Admission.Codes = newest{}
	if _, err := w.Admission.Desk(t.Context(), desk); !errors.Is(err, admission.ErrClosed) {
		t.Errorf("closed, and open for another keyset: %v", err)
	}
}

// Somebody who is invited again under the same id is somebody else: as a user, and to what was begun before.
func TestWhoeverComesAfterIsAnother(t *testing.T) {
	w := newWorld(t)
	a, err := w.store.Administrator(t.Context(), storetest.Organization, "ann")
	w.must(err)
	later := *a
	later.CreatedAt = later.CreatedAt.Add(time.Second)
	if admission.UserOf(*a) == admission.UserOf(later) {
		t.Error("both are one user")
	}
	for name, since := range map[string]time.Time{"earlier": a.CreatedAt.Add(-time.Second), "later": later.CreatedAt} {
		if _, err := w.Admission.SignIn(t.Context(), stranger, admission.Passage{Organization: storetest.Organization, Administrator: "ann", Since: since, Secret: rand.Text()}); !errors.Is(err, admission.ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
	}
	longest := org.Administrator{Organization: string(make([]byte, 48)), ID: string(make([]byte, 48)), CreatedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if n := len(admission.UserOf(longest)); n > 128 {
		t.Errorf("a user id of %d bytes", n)
	}
}

// A session may what its holder may, in the holder's home, and no longer than it lasts; signing out ends it, and nothing else.
func TestASession(t *testing.T) {
	w := newWorld(t)
	for home, id := range map[string]string{storetest.Organization: "ann", access.VendorHome: "root"} {
		a, err := w.store.Administrator(t.Context(), home, id)
		w.must(err)
		c, err := w.Admission.SignIn(t.Context(), stranger, admission.Passage{Organization: home, Administrator: id, Since: a.CreatedAt, Secret: rand.Text()})
		w.must(err)
		caller := access.Caller{Credential: c}
		k, _, err := w.Admission.Who(t.Context(), caller, home)
		w.must(err)
		if !k.Console || k.Holder != id || !k.At(home) || k.Scope != nil || !k.ExpiresAt.Equal(w.Clock.Now().Add(access.ConsoleLife)) {
			t.Errorf("%s: %+v", id, k)
		}
		if home != access.VendorHome {
			if _, _, err := w.Admission.Who(t.Context(), caller, access.VendorHome); !errors.Is(err, access.ErrNotFound) {
				t.Errorf("%s at the vendor's: %v", id, err)
			}
			if _, _, err := w.Admission.Who(t.Context(), caller, "globex"); !errors.Is(err, access.ErrNotFound) {
				t.Errorf("%s elsewhere: %v", id, err)
			}
		} else if _, _, err := w.Admission.Who(t.Context(), caller, "no-such"); !errors.Is(err, access.ErrNotFound) {
			t.Errorf("%s where nothing is: %v", id, err)
		}
		for range 2 {
			w.must(w.Admission.SignOut(t.Context(), caller))
		}
		if _, _, err := w.Admission.Who(t.Context(), caller, home); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("%s, signed out: %v", id, err)
		}
		after, err := w.store.Administrator(t.Context(), home, id)
		w.must(err)
		if !slices.Equal(after.Keys, a.Keys) {
			t.Errorf("%s has the keys %v, had %v", id, after.Keys, a.Keys)
		}
	}
	w.must(w.Admission.SignOut(t.Context(), w.Administrator)) // a key is no session
	if _, _, err := w.Admission.Who(t.Context(), w.Administrator, storetest.Organization); err != nil {
		t.Errorf("signing out ended a key: %v", err)
	}
}

// An application of the vendor's that is good for every organisation asks for nobody there.
func TestNobodyElseAsksForAdministrators(t *testing.T) {
	w := newWorld(t)
	_, err := w.Admission.Desk(t.Context(), desk)
	w.must(err)
	k, text := access.NewKey(access.Application, w.Clock.Now())
	k.Holder, k.Vendor, k.Everywhere = "shop", true, true
	w.must(w.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{k}}))
	c, err := access.Parse(text)
	w.must(err)
	stored, _, err := w.store.ReadOrganization(t.Context(), c, access.Administrators)
	w.must(err)
	rule := access.Rule{Roles: []access.Role{access.Application}}
	if err := access.Authorize(stored, c, rule, access.Administrators, w.Clock.Now()); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("it reaches them: %v", err)
	}
	if err := access.Authorize(stored, c, rule, storetest.Organization, w.Clock.Now()); err != nil {
		t.Errorf("it reaches nobody: %v", err)
	}
}

// Somebody whose invitation is open is nobody here: nothing is mailed.
func TestWhoIsInvitedIsNobodyYet(t *testing.T) {
	w := newWorld(t)
	a, err := w.store.Administrator(t.Context(), storetest.Organization, "ann")
	w.must(err)
	a.Invitation = &org.Invitation{ID: "i", Address: []byte("d"), ExpiresAt: w.Clock.Now().Add(time.Hour)}
	w.write(a)
	w.store.Deliveries()
	ticket := w.knock(ann())
	arrival, err := w.store.Arrival(t.Context(), ticket.Arrival)
	w.must(err)
	if orders := w.store.Deliveries(); arrival.Administrator != "" || len(orders) != 0 {
		t.Errorf("%q is mailed: %+v", arrival.Administrator, orders)
	}
}

// However it was typed, the code is good: it went to the address that is stored.
func TestAnAddressInOtherLetters(t *testing.T) {
	w := newWorld(t)
	ticket := w.knock(ann(func(c *admission.Claim) { c.Email = "ANN@Acme.Example" }))
	w.answers(ticket, w.MailedCode(t, ticket), nil)
}

// The code that nobody was mailed is refused like any wrong one.
func TestACodeOfNobody(t *testing.T) {
	w := newWorld(t)
	ticket := w.knock(ann(func(c *admission.Claim) { c.Email = "nobody@acme.example" }))
	w.answers(ticket, w.MailedCode(t, ticket), admission.ErrRefused)
}

// A further session ends the oldest, wherever that one is.
func TestTooManySessions(t *testing.T) {
	w := newWorld(t)
	a, err := w.store.Administrator(t.Context(), storetest.Organization, "ann")
	w.must(err)
	var all []access.Credential
	for range 6 {
		w.Clock.Advance(time.Second)
		c, err := w.Admission.SignIn(t.Context(), stranger, admission.Passage{Organization: a.Organization, Administrator: a.ID, Since: a.CreatedAt, Secret: rand.Text()})
		w.must(err)
		all = append(all, c)
	}
	for i, c := range all {
		_, _, err := w.Admission.Who(t.Context(), access.Caller{Credential: c}, storetest.Organization)
		if out := errors.Is(err, access.ErrUnauthenticated); out != (i == 0) {
			t.Errorf("session %d: %v", i, err)
		}
	}
}
