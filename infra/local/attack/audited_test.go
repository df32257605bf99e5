package attack_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"twofold/pkg/user"
)

// What touches more than the item that verifications race on is recorded in the same write: refuse the record, and nothing
// is done.
func TestWithoutItsAuditEventNothingIsDone(t *testing.T) {
	alone(t)
	var recorded atomic.Int64
	t.Run("each", func(t *testing.T) {
		for _, s := range samples() {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				if newProduct(t).recordedOrNotDone(s) {
					recorded.Add(1)
				}
			})
		}
	})
	if n := recorded.Load(); n < 10 {
		t.Errorf("only %d samples change what is recorded", n)
	}
}

// recordedOrNotDone reports whether the sample changes what must be recorded.
func (p *product) recordedOrNotDone(s sample) bool {
	p.t.Helper()
	sound := p.tenant()
	r := s.make(sound)
	before := sound.dump()
	sound.send(r).ok(p.t)
	after := sound.dump()
	changed := after.differs(before)
	rotated := func(key string) bool { // a login that finds a device and leaves it there has only used it
		return s.operation == "begin-login" && strings.Contains(key, " DEVICE#") && before[key] != "" && after[key] != ""
	}
	if !slices.ContainsFunc(changed, func(key string) bool { return securing(key) && !rotated(key) }) {
		return false
	}
	if !slices.ContainsFunc(changed, func(key string) bool { return strings.HasPrefix(key, "AUDIT#") }) {
		p.t.Errorf("%v has changed without an audit event", changed)
	}
	refusing := p.tenant()
	r = s.make(refusing)
	before = refusing.dump()
	p.refuseEvents()
	answer := refusing.send(r)
	refused := p.wire.Tampered()
	p.wire.Record()
	if answer.status < 400 || refused == 0 {
		p.t.Errorf("answered %d although its event was refused (%d were)", answer.status, refused)
	}
	refusing.unchanged(before)
	return true
}

// securing reports whether an item holds what the audit must know of.
func securing(key string) bool {
	return !strings.HasSuffix(key, " FACTORS") && !strings.HasPrefix(key, "DELIVERY#")
}

// A recovery and a suspension change the factors alone, or little more; they are recorded all the same.
func TestRecoveriesAndSuspensionsAreRecordedOrNotDone(t *testing.T) {
	for name, make := range map[string]func(t *tenant) request{
		"a recovery": func(t *tenant) request {
			t.enrolled(eve)
			return answerRequest(t, t.login(eve), "recovery_code", t.recoveryCode(eve, 0), "key")
		},
		"a suspension": func(t *tenant) request {
			p := t.enrolled(eve)
			t.onTheBrink(eve)
			return answerRequest(t, t.login(eve), "totp", p.wrong(), "key")
		},
		"a suspension at the switch-off": func(t *tenant) request {
			p := t.enrolled(eve)
			t.onTheBrink(eve)
			return t.asked(t.path("/users/eve/disable"), fields{"proof": fields{"code": p.wrong()}})
		},
		"a suspension while enrolling": func(t *tenant) request {
			e := t.enrolling(eve, atConfirm)
			t.onTheBrink(eve)
			return t.asked("/v1/enrollments/answers", fields{"login": e.token, "code": e.phone.wrong()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			r := make(ten)
			before := ten.dump()
			ten.refuseEvents()
			ten.send(r).want(t, 409, "conflict")
			if ten.wire.Tampered() == 0 {
				t.Error("no event was written")
			}
			ten.unchanged(before)
		})
	}
}

// onTheBrink gives a user all the failures in a row but the one that suspends.
func (t *tenant) onTheBrink(id string) {
	t.t.Helper()
	f := t.factors(id).Next()
	f.Throttle.Consecutive = suspendAfter - 1
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
}
