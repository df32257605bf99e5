package attack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/faults"
)

// failed is how many guesses from an address were compared.
func (t *tenant) failed(address string) int {
	t.t.Helper()
	_, limit := t.appPasswords(eve, address)
	return len(limit.Throttle.Failures)
}

// fromAddress is the same request from elsewhere.
func fromAddress(r request, address string) request {
	r.body.(fields)["browser"] = fields{"address": address}
	return r
}

// Twenty guesses at once: five are compared, each is counted before anybody hears of it, and then the right password does not help there. It
// does everywhere else, and the second factor knows nothing of it.
func TestGuessesAtAppPasswordsAreLimitedBySource(t *testing.T) {
	ten := newProduct(t).tenant()
	p, password := ten.withMailClient()
	for _, r := range together(20, func(i int) reply {
		for {
			if r := ten.send(ten.checks(eve, "imap", guessAt(i))); r.code() != "conflict" { // not judged: tried again
				return r
			}
		}
	}) {
		r.want(t, 422, "app_password_refused")
	}
	if n := ten.failed(household); n != freeTries {
		t.Errorf("%d of 20 guesses were compared, want %d", n, freeTries)
	}
	ten.got("from there", ten.checks(eve, "imap", password), false)
	ten.got("from elsewhere", fromAddress(ten.checks(eve, "imap", password), "203.0.113.9"), true)
	nowhere := ten.checks(eve, "imap", password)
	delete(nowhere.body.(fields), "browser")
	ten.got("from nowhere", nowhere, true)
	if n := ten.failures(eve); n != 0 {
		t.Errorf("%d failures are counted against the second factor", n)
	}
	ten.answer(ten.login(eve), "totp", p.code(0)).ok(t)
	ten.clock.Advance(2 * time.Second)
	ten.got("after the wait", ten.checks(eve, "imap", password), true)
}

// A day of guessing from one address is thirty guesses, and one from many addresses thirty each.
func TestADayOfGuessesFromASource(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.withMailClient()
	addresses := []string{"203.0.113.1", "203.0.113.2", "2001:db8::1"}
	for i := range 120 {
		for _, a := range addresses {
			ten.send(fromAddress(ten.checks(eve, "imap", guessAt(i)), a)).want(t, 422, "app_password_refused")
		}
		ten.clock.Advance(11 * time.Minute)
	}
	for _, a := range []string{"203.0.113.1", "203.0.113.2", "2001:db8::/64"} {
		if n := ten.failed(a); n != dailyCap {
			t.Errorf("%s: %d guesses were compared, want %d", a, n, dailyCap)
		}
	}
	ten.send(fromAddress(ten.checks(eve, "imap", guessAt(200)), "2001:db8::ffff:1")).want(t, 422, "app_password_refused")
	if n := ten.failed("2001:db8::/64"); n != dailyCap {
		t.Error("another address of the same network is another source")
	}
}

// However a password is written, it is one guess; the same once more is none, so that an old mail client costs one write and locks nobody out.
func TestAnOldMailClientLocksNothing(t *testing.T) {
	ten := newProduct(t).tenant()
	p, password := ten.withMailClient()
	old := guessAt(7)
	for range 20 {
		for _, form := range []string{old, strings.ToLower(old), old[:4] + "-" + old[4:], " " + old, strings.ReplaceAll(old, "0", "O"), "the account password"} {
			ten.send(ten.checks(eve, "imap", form)).want(t, 422, "app_password_refused")
		}
	}
	if n := ten.failed(household); n != 1 {
		t.Errorf("%d guesses are counted, want 1", n)
	}
	ten.got("the new one, from the same household", ten.checks(eve, "imap", password), true)
	ten.answer(ten.login(eve), "totp", p.code(0)).ok(t)
}

// A suspended authenticator is no stolen mail client: mail goes on. (Design §4: what is no browser is judged before suspension and locks.)
func TestALockedOrSuspendedUserStillReadsMail(t *testing.T) {
	ten := newProduct(t).tenant()
	p, password := ten.withMailClient()
	token := ten.login(eve)
	for range freeTries {
		ten.answer(token, "totp", p.wrong()).want(t, 422, "code_refused")
	}
	ten.got("locked", ten.checks(eve, "imap", password), true)
	ten.brink(eve, suspendAfter)
	if s := ten.begin(eve).ok(t); s.text("reason") != "suspended" {
		t.Fatalf("not suspended: %s", s.raw)
	}
	ten.got("suspended", ten.checks(eve, "imap", password), true)
}

// A failure of the table is never a refusal and never an admission; a guess is counted once whatever becomes of the answer.
func TestAChecksCallsMayFail(t *testing.T) {
	ten := newProduct(t).tenant()
	_, password := ten.withMailClient()
	start := ten.moment()
	for n, operation := range []string{"BatchGetItem", "UpdateItem"} {
		for _, o := range outages(operation) {
			if o.hangs != nil || o.late {
				continue // which need a request that waits
			}
			want := guessed[o.effect]
			if want.code == "code_refused" {
				want.code = "app_password_refused"
			}
			ten.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
				return o.Fault, at == n || o.rest && at > n && name == operation
			})
			ten.patience = faults.WithDeadline(t.Context())
			r := ten.send(ten.checks(eve, "imap", guessAt(1)))
			ten.patience = nil
			ten.wire.Disarm()
			if counted := ten.failed(household); r.status != want.status || r.code() != want.code || counted != want.counted {
				t.Errorf("%s, %s: answered %d %s and counted %d, want %d %s and %d", operation, o.Name, r.status, r.code(), counted, want.status, want.code, want.counted)
			}
			ten.wire.Record()
			ten.got(o.Name+", afterwards", ten.checks(eve, "imap", password), true)
			ten.rewind(start)
		}
	}
}

// Noting a use may fail in any way: whoever shows the right password gets in.
func TestNotingAUseMayFail(t *testing.T) {
	ten := newProduct(t).tenant()
	_, password := ten.withMailClient()
	start := ten.moment()
	for _, o := range outages("UpdateItem") {
		if o.hangs != nil || o.late {
			continue
		}
		ten.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
			return o.Fault, at == 1 || o.rest && at > 1 && name == "UpdateItem"
		})
		ten.got(o.Name, ten.checks(eve, "imap", password), true)
		if ten.wire.Met() == 0 {
			t.Errorf("%s: nothing met the fault", o.Name)
		}
		ten.wire.Disarm()
		ten.wire.Record()
		ten.rewind(start)
	}
}

// Whoever checks after a withdrawal has returned is refused, however many use the password at that moment.
func TestAWithdrawalRacingItsUse(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.mailServices("imap")
	ten.enrolled(eve)
	for round := range 8 {
		password, done := ten.appPassword(eve, "imap"), make(chan struct{})
		take := ten.takingAway()
		var checks []request
		for range 7 {
			checks = append(checks, ten.checks(eve, "imap", password))
		}
		replies := together(8, func(i int) reply {
			if i == 0 {
				defer close(done)
				for {
					if r := ten.send(take); r.code() != "conflict" {
						return r
					}
				}
			}
			for range 3 {
				after := false
				select {
				case <-done:
					after = true
				default:
				}
				if r := ten.send(checks[i-1]); after && r.text("status") == "accepted" {
					t.Errorf("round %d: let in after the withdrawal", round)
				}
			}
			return reply{}
		})
		replies[0].want(t, 204, "")
		ten.send(ten.checks(eve, "imap", password)).want(t, 422, "app_password_refused")
		ten.clock.Advance(time.Hour)
	}
	if n := fmt.Sprint(ten.events("app_password.revoked")); n != "8" {
		t.Errorf("%s revocations are recorded", n)
	}
}
