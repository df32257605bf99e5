package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// tombstoneReturns: what is left of a user is read as no user, and stands in no index, until the id is registered again.
func tombstoneReturns(t *testing.T, s Contract) {
	ctx := t.Context()
	f, p := fullFactors(), fullProfile()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p}))
	listed := func() (n int) {
		rows, _, err := s.Users(ctx, Organization, report.UserQuery{Sort: report.ByEmail, Limit: 10})
		must(t, err)
		return len(rows)
	}
	eventually(t, "a user in the index", func() bool { return listed() == 1 })
	buried, gone := f.Bury(), p.Bury(second(9))
	for range 2 { // the second is a repetition
		must(t, s.Write(ctx, user.Change{Factors: &buried, Profile: &gone}))
	}
	want := user.Profile{Organization: Organization, User: somebody, Rev: 2, DeletedAt: second(9)}
	snap, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "the profile of a tombstone", snap.Profile, nil)
	same(t, "a tombstone", snap.Tombstone, &want)
	left := user.Factors{
		Organization: Organization, User: somebody, Rev: 2, Epoch: 42, Attempt: buried.Attempt,
		RecoveryCodes: user.RecoveryCodes{Generation: 3, Used: 0b11_1111_1111},
	}
	same(t, "the factors beside a tombstone", snap.Factors, left)
	members, err := s.Members(ctx, Organization, []string{somebody})
	must(t, err)
	same(t, "a tombstone among many", members[somebody], user.Member{Tombstone: &want, Factors: left})
	_, recipient, _, err := s.Recipient(ctx, Organization, somebody)
	must(t, err)
	same(t, "a tombstone as a recipient", recipient, nil)
	eventually(t, "no user in the index", func() bool { return listed() == 0 })
	stale := p.Next()
	conflict(t, "a write from before the deletion", s.Write(ctx, user.Change{Profile: &stale}))
	first := user.Profile{Organization: Organization, User: somebody, Email: "e@acme.example", RegisteredAt: second(1)}.Next()
	conflict(t, "a first registration", s.Write(ctx, user.Change{Profile: &first}))
	again := want.Exhume("e@acme.example", second(10))
	must(t, s.Write(ctx, user.Change{Profile: &again}))
	snap, err = s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "the profile of who is registered again", snap.Profile, &again)
	same(t, "the tombstone of who is registered again", snap.Tombstone, nil)
	eventually(t, "the user in the index again", func() bool { return listed() == 1 })
}

// countsOfDeleted: whatever the order, a deleted user is in no class, and one who was registered again in that of the latest revision.
func countsOfDeleted(t *testing.T, s Contract) {
	clock := NewClock()
	counter := report.Counter{Store: s, Now: clock.Now}
	lives := func(id string) []user.Profile {
		all := history(id)
		gone := all[len(all)-1].Bury(second(20))
		return append(all, gone, gone.Exhume("new@acme.example", second(21)))
	}
	deleted, again, early := lives("deleted"), lives("again"), lives("early")
	last := len(again) - 1
	for _, p := range []user.Profile{
		deleted[3], deleted[last-1], deleted[6], deleted[last-1], deleted[0], // as it was, gone, and records of before
		again[5], again[last-1], again[last], again[last-1], again[2], again[last],
		early[last-1], early[1], // the tombstone is the first that is seen
	} {
		must(t, counter.Observe(t.Context(), p))
		clock.Advance(time.Second)
	}
	must(t, counter.Observe(t.Context(), history("another")[0]))
	demandCounts(t, s, user.Counts{AsOf: clock.Now(), ByClass: map[user.Class]int64{{}: 2}})
	got, err := s.Counted(t.Context(), Organization, "deleted")
	must(t, err)
	same(t, "counted", got, user.Counted{Organization: Organization, User: "deleted", Rev: deleted[last-1].Rev, Gone: true})
}

// deleteOrLogin: whoever begins a login after a deletion has returned hears that the user is gone, and no login brings the user back.
func deleteOrLogin(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Remembering(t)
	for round := range 10 {
		id := fmt.Sprintf("user-%d", round)
		_, secret := w.Trusted(t, id)
		w.Clock.Advance(time.Minute)
		token, code := w.Login(t, id), w.Code(t, secret)
		var gone atomic.Bool
		together(5, func(i int) {
			switch i {
			case 0:
				w.delete(t, id)
				gone.Store(true)
			case 1, 2: // which make a device
				_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
					Login: token, Way: string(org.TOTP), Code: code, Remember: &login.Remember{},
				})
				demand(t, "an answer", err, nil, verify.ErrRefused, login.ErrEnded, user.ErrConflict)
			default:
				for range 3 {
					after := gone.Load()
					_, err := w.On(t, id, "")
					demand(t, "a login", err, nil, login.ErrDeleted, user.ErrConflict)
					if after && !errors.Is(err, login.ErrDeleted) {
						t.Errorf("round %d: a login after the deletion: %v", round, err)
					}
				}
			}
		})
		w.buried(t, id)
	}
}

// deleteOrEnroll: an enrolment that a deletion overtakes gives nobody a second factor.
func deleteOrEnroll(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	for round := range 10 {
		id := fmt.Sprintf("user-%d", round)
		token := w.Login(t, id)
		together(4, func(i int) {
			if i == 0 {
				w.delete(t, id)
				return
			}
			for range 2 {
				_, err := w.Enroll.Begin(t.Context(), w.Application, token)
				demand(t, "an enrolment", err, nil, login.ErrEnded, user.ErrConflict)
			}
		})
		w.buried(t, id)
	}
}

// delete deletes a user; others may be faster three times, so it insists.
func (w *World) delete(t *testing.T, id string) {
	for {
		err := w.Enroll.Delete(t.Context(), w.Application, subject(id))
		if !errors.Is(err, user.ErrConflict) {
			demand(t, "a deletion", err, nil)
			return
		}
	}
}

// buried demands that nothing is left of a user but what must.
func (w *World) buried(t *testing.T, id string) {
	t.Helper()
	snap, err := w.Store.Read(t.Context(), w.Application.Credential, Organization, id)
	must(t, err)
	if f := snap.Factors; snap.Profile != nil || snap.Tombstone == nil || f.Enrolled() || f.Enrollment != nil || len(f.Challenges)+len(f.Successes) > 0 || f.Epoch != 1 {
		t.Fatalf("left of %s: %+v, %+v", id, snap.Tombstone, f)
	}
	if n := len(w.devices(t, id)); n != 0 {
		t.Errorf("%d devices are left of %s", n, id)
	}
}

// demand allows some outcomes and no other.
func demand(t *testing.T, what string, err error, allowed ...error) {
	t.Helper()
	for _, a := range allowed {
		if err == nil && a == nil || a != nil && errors.Is(err, a) {
			return
		}
	}
	t.Errorf("%s: %v", what, err)
}

// againOnce: of many who register a deleted id at once, one does.
func againOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Enrolled(t, somebody)
	w.delete(t, somebody)
	created := collect(10, func(int) bool {
		for {
			u, err := w.Enroll.Register(t.Context(), w.Administrator, subject(somebody), enroll.Account{Email: "user@acme.example"})
			if !errors.Is(err, user.ErrConflict) {
				demand(t, "a registration", err, nil)
				return u.Created
			}
		}
	})
	n := 0
	for _, c := range created {
		if c {
			n++
		}
	}
	if events := w.events(t, audit.UserRegistered); n != 1 || events != 1 {
		t.Errorf("%d registered the user, %d events, want 1", n, events)
	}
	if f := w.Factors(t, somebody); f.Enrolled() || f.Epoch != 1 || f.RecoveryCodes.Left() != 0 {
		t.Errorf("the user begins with %+v", f)
	}
}
