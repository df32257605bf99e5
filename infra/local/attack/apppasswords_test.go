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
)

// got demands whether a password lets a program in.
func (t *tenant) got(what string, r request, in bool) reply {
	t.t.Helper()
	answer := t.send(r)
	if (answer.text("status") == "accepted") != in || in && answer.status != 200 {
		t.t.Errorf("%s: answered %d %s%s", what, answer.status, answer.code(), answer.text("status"))
	}
	return answer
}

// guessAt is a well-formed app password that nobody has; each number is another.
func guessAt(n int) string {
	return fmt.Sprintf("%028s", strings.Repeat("A", n%9+1)+strings.Repeat("C", n/9)+"B")
}

// Attack 31: the account password, which Twofold never sees but here, lets nobody in who is enrolled or obliged, whatever the service is
// and whatever else was tried; and no answer tells which of the reasons it was.
func TestTheAccountPasswordIsRefusedByTheCheck(t *testing.T) {
	ten := newProduct(t).tenant()
	_, password := ten.withMailClient()
	ten.enrolled("mallory")
	ten.decree(forced)
	ten.begin("obliged").ok(t)
	said := ten.send(ten.checks(eve, "imap", "correct horse battery")).want(t, 422, "app_password_refused").bare()
	for _, id := range []string{eve, "mallory", "obliged", "never-seen"} {
		for _, service := range []string{"imap", "smtp"} {
			for _, typed := range []string{"correct horse battery", "", strings.Repeat("x", 1024), guessAt(1), password + "A", "000000"} {
				if r := ten.send(ten.checks(id, service, typed)).want(t, 422, "app_password_refused"); r.bare() != said || r.header.Get("Retry-After") != "" {
					t.Errorf("%s, %s, %q is told apart: %s", id, service, typed, r.bare())
				}
			}
		}
	}
	ten.send(ten.checks(eve, "pop", "correct horse battery")).ok(t)
	if r := ten.send(ten.checks(eve, "pop", password)).ok(t); r.text("status") != "denied" || r.text("reason") != "service_not_offered" {
		t.Errorf("a service without app passwords: %s", r.raw)
	}
	ten.send(ten.checks(eve, "web", password)).want(t, 422, "service_is_web")
	if n := ten.events(audit.UserRegistered); n != 1 {
		t.Errorf("the check registered %d users", n-1)
	}
	ten.got("the app password", ten.checks(eve, "imap", password), true)
}

// Attack 21: whoever is not known is asked about with the same reads and answered with the same words as somebody without an app password.
func TestAUserNeverSeenIsToldFromNobodyByTheCheck(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.mailServices("imap")
	ten.decree(forced)
	ten.begin("obliged").ok(t)
	var said [2]string
	var calls [2][]string
	for i, id := range []string{"obliged", "never-seen"} {
		for _, typed := range []string{"correct horse", guessAt(1), guessAt(1)} {
			ten.wire.Record()
			said[i] += ten.send(ten.checks(id, "imap", typed)).bare()
			calls[i] = append(calls[i], ten.wire.Calls()...)
		}
	}
	if said[0] != said[1] || !slices.Equal(calls[0], calls[1]) {
		t.Errorf("known: %s after %v, unknown: %s after %v", said[0], calls[0], said[1], calls[1])
	}
}

// Attack 32.
func TestAnAppPasswordIsOneServicesOfOneUser(t *testing.T) {
	p := newProduct(t)
	ten, other := p.tenant(), p.tenant()
	_, password := ten.withMailClient()
	ten.enrolled("mallory")
	other.withMailClient()
	for what, r := range map[string]request{
		"another service": ten.checks(eve, "smtp", password), "another user": ten.checks("mallory", "imap", password),
		"the same user of another organisation": other.checks(eve, "imap", password),
	} {
		ten.send(r).want(t, 422, "app_password_refused")
		ten.got(what, r, false)
	}
	crossed := ten.checks(eve, "imap", password)
	crossed.key = other.app
	unknown := other.checks(eve, "imap", password)
	unknown.body.(fields)["organization"] = "nobody"
	if a, b := ten.send(crossed).want(t, 404, "not_found"), ten.send(unknown).want(t, 404, "not_found"); a.bare() != b.bare() {
		t.Errorf("another organisation's key: %s, of nothing: %s", a.bare(), b.bare())
	}
	shop := ten.checks(eve, "imap", password)
	shop.key = ten.app2
	ten.got("another application of the organisation", shop, true)
}

// appPasswordEndings are all that ends an app password, and whether what is taken back afterwards brings it back.
func appPasswordEndings() map[string]func(t *tenant, p phone) {
	put := func(t *tenant, e fields) {
		t.send(request{key: t.admin, method: http.MethodPut, path: t.path("/users/eve/enforcement"), body: e}).ok(t.t)
	}
	return map[string]func(t *tenant, p phone){
		"a reset": func(t *tenant, _ phone) {
			t.call(t.admin, t.path("/users/eve/reset"), fields{"reason": "phone lost"}).ok(t.t)
		},
		"a switch-off": func(t *tenant, p phone) {
			t.call(t.app, t.path("/users/eve/disable"), fields{"proof": proofOf(p.code(0))}).ok(t.t)
		},
		"a changed password": func(t *tenant, _ phone) { t.call(t.app, t.path("/users/eve/password-changed"), fields{}).ok(t.t) },
		"a requirement":      func(t *tenant, _ phone) { put(t, fields{"enforcement": "required"}) },
		"an exemption that was ended": func(t *tenant, _ phone) {
			put(t, fields{"enforcement": "exempt", "until": t.clock.Now().AddDate(0, 0, 7), "reason": "on leave"})
			put(t, fields{"enforcement": "inherit"})
		},
		"a revocation": func(t *tenant, p phone) { t.send(t.managing("revoke", p.code(0))).ok(t.t) },
		"a withdrawal": func(t *tenant, _ phone) { t.send(t.takingAway()).ok(t.t) },
		"a new factor after a reset": func(t *tenant, _ phone) {
			t.call(t.admin, t.path("/users/eve/reset"), fields{"reason": "phone lost"}).ok(t.t)
			e := t.enrolling(eve, atConfirm)
			t.step(e.token, fields{"code": e.phone.code(0)}).ok(t.t)
		},
		"its service taken off the policy": func(t *tenant, _ phone) { t.rules(fields{"app_password_services": []string{"smtp"}}) },
		"app passwords taken away": func(t *tenant, _ phone) {
			t.send(request{key: t.system, method: http.MethodPut, path: t.path(""), body: fields{"name": "Acme", "entitlements": fields{"two_factor": true}}}).ok(t.t)
		},
		"two-factor authentication taken away": func(t *tenant, _ phone) {
			t.send(request{key: t.system, method: http.MethodPut, path: t.path(""), body: fields{"name": "Acme", "entitlements": fields{"two_factor": false}}}).ok(t.t)
		},
		"a policy that is off": func(t *tenant, _ phone) {
			t.rules(fields{"status": "disabled", "app_password_services": []string{"imap"}})
		},
		"its method, not allowed any more": func(t *tenant, _ phone) { t.decree(func(p *org.Policy) { p.Methods = []org.Method{org.Email} }) },
	}
}

func TestAnAppPasswordIsRefusedAfterWhateverEndsIt(t *testing.T) {
	for name, end := range appPasswordEndings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			p, password := ten.withMailClient()
			ten.rules(fields{"app_password_services": []string{"imap", "smtp", "pop"}})
			ten.got("before", ten.checks(eve, "imap", password), true)
			ten.clock.Advance(30 * time.Second)
			end(ten, p)
			ten.got(name, ten.checks(eve, "imap", password), false)
			ten.clock.Advance(24 * time.Hour)
			ten.got(name+", a day later", ten.checks(eve, "imap", password), false)
		})
	}
}

// What was sealed of a user who is reset or switched off is not kept.
func TestAResetLeavesNoSealedAppPassword(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.withMailClient()
	ten.call(ten.admin, ten.path("/users/eve/reset"), fields{"reason": "phone lost"}).ok(t)
	for key := range ten.dump() {
		if strings.HasSuffix(key, "APPPASSWORDS") {
			t.Errorf("%s is kept", key)
		}
	}
}

// Attack 33: each with a fresh proof, an event, and a notice at every verified address; and a guess at the proof is one at the second factor.
func TestWhatIsDoneToAppPasswordsIsProvenRecordedAndTold(t *testing.T) {
	ten := newProduct(t).tenant()
	p, first := ten.withMailClient()
	asks := map[string]func(code string) request{
		"created": func(code string) request { return ten.making("smtp", code) },
		"viewed":  func(code string) request { return ten.managing("view", code) },
		"revoked": func(code string) request { return ten.managing("revoke", code) },
	}
	for _, done := range []string{"created", "viewed", "revoked"} {
		ask, kind := asks[done], audit.Kind("app_password."+done)
		ten.send(ask(p.wrong())).want(t, 422, "code_refused")
		without := ask(p.code(0))
		delete(without.body.(fields), "proof")
		if r := ten.send(without); r.status != 422 || ten.events(kind) != 0 {
			t.Errorf("%s without a proof: answered %d %s", done, r.status, r.code())
		}
		ten.clock.Advance(30 * time.Second)
		ten.brink(eve, 0)
		r := ten.send(ask(p.code(0))).ok(t)
		if done == "viewed" && r.text("password") != first {
			t.Errorf("shown as %q", r.text("password"))
		}
		again := ask(p.code(0))
		again.idempotency = "another"
		ten.send(again).want(t, 422, "code_refused")
		ten.clock.Advance(30 * time.Second)
		if n := ten.events(kind); n != 1 {
			t.Errorf("%s: %d events", kind, n)
		}
		if to := ten.told("notice-app_password-" + done); !slices.Equal(to, []string{recoveryAddress(eve), loginAddress(eve)}) {
			t.Errorf("%s: told %v", kind, to)
		}
	}
	ten.send(ten.takingAway()).ok(t)
	if n := ten.events(audit.AppPasswordRevoked); n != 2 {
		t.Errorf("%d revocations are recorded", n)
	}
}

// Neither a login's assertion, nor a device, nor a recovery code is a fresh proof.
func TestNothingElseIsAFreshProofForAppPasswords(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.withMailClient()
	for _, proof := range []any{
		proofOf(ten.recoveryCode(eve, 0)), fields{"method": "recovery_code", "code": ten.recoveryCode(eve, 0)}, fields{"code": "000000"},
		fields{"method": "totp", "code": "000000", "login": ten.login(eve)}, fields{}, "000000",
	} {
		r := ten.making("smtp", "")
		r.body.(fields)["proof"] = proof
		if got := ten.send(r); got.status < 400 || got.text("password") != "" {
			t.Errorf("%v: answered %d", proof, got.status)
		}
	}
	if n := ten.events(audit.AppPasswordCreated); n != 0 {
		t.Errorf("%d were made", n)
	}
}

// An enrolment brings one for each service; a reply that was lost brings the same, and somebody else's retry none.
func TestAnEnrolmentBringsAppPasswordsOnce(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.mailServices("imap", "smtp")
	e := ten.enrolling(eve, atConfirm)
	r := ten.asked("/v1/enrollments/answers", fields{"login": e.token, "code": e.phone.code(0)})
	r.idempotency = "mine"
	ten.signer.down.Store(true)
	ten.send(r).want(t, 503, "unavailable")
	ten.signer.down.Store(false)
	first, again := ten.send(r).ok(t), ten.send(r).ok(t)
	given, _ := first.at("app_passwords").([]any)
	if len(given) != 2 || fmt.Sprint(given) != fmt.Sprint(again.at("app_passwords")) {
		t.Fatalf("first %v, again %v", given, again.at("app_passwords"))
	}
	for _, one := range given {
		a := one.(fields)
		ten.got(a["service"].(string), ten.checks(eve, a["service"].(string), a["password"].(string)), true)
	}
	r.idempotency = "thief"
	if got := ten.send(r).want(t, 409, "already_enrolled"); got.at("app_passwords") != nil {
		t.Error("somebody else's retry shows app passwords")
	}
	ten.holdsNone(given)
}

// holdsNone looks for app passwords wherever they must not be: the table, the mail, the audit, and lists.
func (t *tenant) holdsNone(given []any) {
	t.t.Helper()
	t.post()
	places := map[string]string{
		"the audit": t.send(t.read(t.path("/audit?limit=200"))).ok(t.t).raw,
		"the list":  t.send(request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/app-passwords")}).ok(t.t).raw,
	}
	for key, row := range t.dump() {
		places[key] = row
	}
	for _, m := range t.outbox.sent {
		places["a mail"] += m.Subject + m.Text + m.HTML
	}
	for _, one := range given {
		password := one.(fields)["password"].(string)
		for place, text := range places {
			if strings.Contains(text, password) || strings.Contains(text, strings.ReplaceAll(password, "-", "")) {
				t.t.Errorf("%s holds an app password", place)
			}
		}
	}
	if len(places) < 5 || places["a mail"] == "" || len(given) == 0 {
		t.t.Error("nothing was searched, which proves nothing")
	}
}
