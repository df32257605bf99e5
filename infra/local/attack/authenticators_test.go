package attack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// won counts successes of changes; every other reply must be a refusal that tells nothing, or a conflict.
func won(t *testing.T, replies []reply) int {
	t.Helper()
	n := 0
	for _, r := range replies {
		switch {
		case r.status < 300:
			n++
		case r.code() == "code_refused", r.code() == "conflict", r.code() == "nothing_to_confirm":
		default:
			t.Errorf("answered %d %s", r.status, r.code())
		}
	}
	return n
}

// keyed gives each of many equal requests an idempotency key of its own: none is a retry of another.
func keyed(ten *tenant, r request) func(i int) reply {
	return func(i int) reply {
		mine := r
		mine.idempotency = fmt.Sprintf("key-%d", i)
		return ten.send(mine)
	}
}

// Attacks 1, 6, 26: whatever a code is for, twenty submissions at once have one success.
func TestOneCodeOfAnyKindOneSuccess(t *testing.T) {
	for name, make := range map[string]func(t *tenant) request{
		"a code by mail": func(t *tenant) request {
			t.mailing()
			token := t.login(eve)
			t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": "email"}).ok(t.t)
			return answerRequest(t, token, "email", t.mailed(recoveryAddress(eve)), "")
		},
		"an administrator's code": func(t *tenant) request {
			code := t.bypass()
			return answerRequest(t, t.login(eve), "bypass_code", code, "")
		},
		"a proof for new codes": func(t *tenant) request {
			p := t.enrolled(eve)
			return t.changed("/recovery-codes", "totp", p.code(0), nil)
		},
		"a proof for another app": func(t *tenant) request {
			p := t.enrolled(eve)
			return t.changed("/authenticators", "totp", p.code(0), fields{"method": "totp"})
		},
		"a first code": func(t *tenant) request {
			t.adding()
			return t.confirming("/authenticators", t.mailed(recoveryAddress(eve)))
		},
		"another recovery email": func(t *tenant) request {
			t.moving()
			return t.confirming("/recovery-email", t.mailed(newRecovery))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			if n := won(t, together(20, keyed(ten, make(ten)))); n != 1 {
				t.Errorf("%d of 20 submissions of one code succeeded", n)
			}
		})
	}
}

// One code of the app, submitted at once to a login and to changes of every kind: one of them has it.
func TestALoginAndChangesShareACode(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	code := p.code(0)
	requests := []request{
		answerRequest(ten, ten.login(eve), "totp", code, ""), ten.changed("/recovery-codes", "totp", code, nil),
		ten.changed("/authenticators", "totp", code, fields{"method": "totp"}), ten.changed("/recovery-email", "totp", code, otherRecovery()),
		ten.changed("/disable", "totp", code, nil),
	}
	replies := together(20, func(i int) reply { return keyed(ten, requests[i%len(requests)])(i) })
	n := 0
	for _, r := range replies {
		switch {
		case r.status < 300:
			n++
		case r.code() == "code_refused", r.code() == "conflict", r.code() == "not_enrolled", r.code() == "login_ended", r.code() == "decision_changed":
		default:
			t.Errorf("answered %d %s", r.status, r.code())
		}
	}
	if n != 1 {
		t.Errorf("one code did %d things", n)
	}
}

// Attack 27: new codes race an old one. Either the old one was used before, or it is void; of the old set none is good afterwards.
func TestNewRecoveryCodesRaceAnOldOne(t *testing.T) {
	for range 10 {
		ten := newProduct(t).tenant()
		p := ten.enrolled(eve)
		tokens := []string{ten.login(eve), ten.login(eve)}
		old := []string{ten.recoveryCode(eve, 0), ten.recoveryCode(eve, 1)}
		renew := ten.changed("/recovery-codes", "totp", p.code(0), nil)
		replies := together(2, func(i int) reply {
			if i == 0 {
				return ten.send(renew)
			}
			return ten.send(answerRequest(ten, tokens[0], "recovery_code", old[0], "key"))
		})
		if replies[0].code() == "conflict" {
			replies[0] = ten.send(renew)
		}
		replies[0].ok(t)
		ten.clock.Advance(time.Minute)
		ten.answer(tokens[1], "recovery_code", old[1]).want(t, 422, "code_refused")
		if left := ten.factors(eve).RecoveryCodes.Left(); left != 10 {
			t.Errorf("%d codes of the new set are left: an old one was taken for one of them", left)
		}
	}
}

// Attack 15: whoever has a session and no second factor replaces, adds and learns nothing.
func TestWithoutAFreshProofNothingChanges(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.mailing()
	token := ten.login(eve)
	assertion := ten.answer(token, "totp", p.code(30*time.Second)).ok(t).text("assertion")
	before := ten.factors(eve)
	for _, r := range []request{
		ten.asked("/v1/enrollments", fields{"login": token}),
		ten.asked("/v1/enrollments/answers", fields{"login": token, "method": "totp"}),
		ten.changed("/authenticators", "totp", p.code(30*time.Second), fields{"method": "totp"}), // the login's own code
		ten.changed("/authenticators", "totp", assertion[:64], fields{"method": "totp"}),
		ten.changed("/recovery-codes", "email", ten.recoveryCode(eve, 0), nil), // a way back is no proof
		ten.changed("/recovery-codes", "totp", ten.recoveryCode(eve, 0), nil),
		ten.asked(ten.path("/users/eve/authenticators"), fields{"method": "totp"}),
	} {
		if got := ten.send(r); got.status < 400 || got.at("setup") != nil || got.at("recovery_codes") != nil {
			t.Errorf("%s: answered %d", r.path, got.status)
		}
	}
	after := ten.factors(eve)
	if len(after.Authenticators) != len(before.Authenticators) || after.RecoveryCodes != before.RecoveryCodes || after.Enrollment != nil {
		t.Errorf("changed: %+v", after)
	}
}

// Attack 17: a code that is out for an address is void once another address holds, and one for a method once that is removed.
func TestCodesDieWithTheirAddressAndTheirMethod(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.mailing()
	ten.decree(func(p *org.Policy) { p.Recovery.DelayHours = 0 })
	token := ten.login(eve)
	codes := map[string]string{}
	for _, method := range []string{"email", "recovery_email"} {
		ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": method}).ok(t)
		codes[method] = ten.mailed(recoveryAddress(eve))
	}
	ten.send(ten.changed("/recovery-email", "totp", p.code(30*time.Second), otherRecovery())).ok(t)
	ten.send(ten.confirming("/recovery-email", ten.mailed(newRecovery))).ok(t)
	ten.answer(token, "email", codes["email"]).want(t, 422, "code_refused")
	ten.answer(token, "recovery_email", codes["recovery_email"]).want(t, 422, "code_refused")
	ten.clock.Advance(user.SendInterval)
	fresh := ten.login(eve)
	ten.call(ten.app, "/v1/logins/codes", fields{"login": fresh, "method": "email"}).ok(t)
	sent := ten.mailed(newRecovery)
	ten.clock.Advance(time.Minute)
	ten.send(ten.changed("/authenticators/"+ten.byMail()+"/remove", "totp", p.code(0), nil)).ok(t)
	ten.answer(fresh, "email", sent).want(t, 422, "method_not_enrolled")
}

// Attack 28: every change of what proves a user, and every way back, is told at every address and stands in the audit.
func TestEveryChangeIsToldAtEveryAddress(t *testing.T) {
	for operation, kind := range map[string]audit.Kind{
		"mail confirmed": audit.AuthenticatorAdded, "an authenticator removed": audit.AuthenticatorRemoved, "new recovery codes": audit.RecoveryCodesRenewed,
		"a bypass code": audit.BypassMade, "a bypass code used": audit.RecoveryUsed, "the first code of a new authenticator": audit.UserReenrolled,
		"another recovery email confirmed": audit.RecoveryEmailChanged,
	} {
		t.Run(operation, func(t *testing.T) {
			ten := newProduct(t).tenant()
			all := samples()
			s := all[slices.IndexFunc(all, func(s sample) bool { return s.name == operation })]
			r := s.make(ten)
			ten.post()
			ten.outbox.sent = nil
			ten.send(r).ok(t)
			told := ten.told("notice-")
			want := []string{loginAddress(eve), recoveryAddress(eve)}
			if kind == audit.RecoveryEmailChanged {
				want = append(want, newRecovery)
			}
			slices.Sort(want)
			if !slices.Equal(told, want) || ten.events(kind) != 1 {
				t.Errorf("%d events, told %v, want %v", ten.events(kind), told, want)
			}
		})
	}
}

// An enrolment after a way back: two codes of the new authenticator at once complete it once, the lost one is good for nothing, and its
// lost reply is answered with the same claims.
func TestAReenrolmentCompletesOnce(t *testing.T) {
	ten := newProduct(t).tenant()
	token, p := ten.reenrolling()
	r := ten.asked("/v1/enrollments/answers", fields{"login": token, "code": p.code(0)})
	n := 0
	for _, got := range together(10, keyed(ten, r)) {
		if got.status == 200 && got.text("assertion") != "" {
			n++
			continue
		}
		if got.code() != "conflict" && got.code() != "already_enrolled" {
			t.Errorf("answered %d %s", got.status, got.code())
		}
	}
	if n != 1 || len(ten.factors(eve).Authenticators) != 1 || len(ten.devices(eve)) != 0 {
		t.Errorf("%d completions, %d authenticators, %d devices", n, len(ten.factors(eve).Authenticators), len(ten.devices(eve)))
	}
}

// The notice of another address, and of a deletion, is no event of the user's: the own view has each once, and nothing of the addresses.
func TestTheOwnViewOfWhoMovedAndCameBack(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled(eve)
	view := func() reply {
		return ten.send(request{key: ten.app, method: http.MethodGet, path: ten.path("/users/eve/security")}).ok(t)
	}
	ten.send(ten.registering(ten.app, eve, otherAddress)).ok(t)
	if got := len(view().at("activity").([]any)); got != 1 {
		t.Errorf("%d things happened, want 1", got)
	}
	ten.send(ten.delete(eve)).ok(t)
	ten.send(ten.registering(ten.admin, eve, otherAddress)).ok(t)
	if got := view(); strings.Contains(got.raw, loginAddress(eve)) {
		t.Error("an address of before is shown")
	}
}

// An administrator's code counts among the users that may be freed in an hour.
func TestBypassCodesNeedAnAllowance(t *testing.T) {
	ten := newProduct(t).tenant()
	for i := range 11 {
		id := fmt.Sprintf("user-%d", i)
		ten.enrolled(id)
		r := ten.send(request{key: ten.admin, method: http.MethodPost, path: ten.path("/users/" + id + "/bypass-code"), body: fields{"reason": "phone at home"}})
		if i < 10 {
			r.ok(t)
			continue
		}
		r.want(t, 409, "step_up_required")
	}
}
