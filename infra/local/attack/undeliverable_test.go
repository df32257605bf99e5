package attack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// bounces tells the mailer that mail about a user to an address came back, as SES does.
func (t *tenant) bounces(id, address string, outcome mail.Outcome) {
	t.t.Helper()
	t.must(t.mailer.Hear(t.t.Context(), mail.Feedback{
		Of: mail.Of{Organization: t.id, User: id, Delivery: delivery.ID("any")}, Outcome: outcome, Recipients: []string{address}, At: t.clock.Now(),
	}))
}

// undeliverable makes an enrolled user whom no mail reaches.
func (t *tenant) undeliverable(id string) {
	t.t.Helper()
	t.enrolled(id)
	t.bounces(id, loginAddress(id), mail.OutcomeBounced)
	t.bounces(id, recoveryAddress(id), mail.OutcomeBounced)
}

// onlyMail leaves an enrolled user codes by mail and nothing else.
func (t *tenant) onlyMail(id string) {
	t.t.Helper()
	f := t.factors(id).Next()
	f.Authenticators = slices.DeleteFunc(f.Authenticators, func(a user.Authenticator) bool { return a.Method != org.Email })
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
}

func (t *tenant) codeBy(token, way string) reply {
	t.t.Helper()
	return t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": way})
}

func (r reply) list(path ...string) []string {
	var all []string
	found, _ := r.at(path...).([]any)
	for _, one := range found {
		all = append(all, fmt.Sprint(one))
	}
	return all
}

// Attack line 42: where mail comes back codes are offered by another method, ordered by none, and sent nowhere; an administrator sees it,
// and says when it is over.
func TestCodesOfferAnotherMethodWhereMailComesBack(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.mailing()
	other := ten.product.tenant()
	other.enrolled(eve)
	out := ten.login(eve)
	ten.codeBy(out, "email").ok(t)
	late := ten.product.orders()
	other.bounces(eve, recoveryAddress("mallory"), mail.OutcomeBounced) // nobody's
	for range 2 {                                                       // SNS says it at least once
		ten.bounces(eve, recoveryAddress(eve), mail.OutcomeBounced)
	}
	r := ten.begin(eve).ok(t)
	if got := r.list("next", "methods"); !slices.Equal(got, []string{"totp"}) || !slices.Equal(r.list("next", "ways_back"), []string{"recovery_code"}) {
		t.Errorf("offered %v, ways back %v", got, r.list("next", "ways_back"))
	}
	for _, way := range []string{"email", "recovery_email"} {
		ten.codeBy(r.text("login"), way).want(t, 422, "email_undeliverable")
	}
	ten.call(ten.app, ten.path("/users/eve/proofs"), fields{"for": "disable", "method": "email"}).want(t, 422, "email_undeliverable")
	ten.send(ten.changed("/recovery-email", "totp", p.code(0), fields{"recovery_email": recoveryAddress(eve), "recovery_email_again": recoveryAddress(eve)})).want(t, 409, "recovery_email_unchanged")
	sent := len(ten.outbox.sent)
	ten.deliver(late) // ordered before
	if len(ten.outbox.sent) != sent {
		t.Error("a code went where mail comes back from")
	}
	if told := ten.told("notice-user-undeliverable"); !slices.Equal(told, []string{loginAddress(eve)}) || ten.events(audit.UserUndeliverable) != 1 {
		t.Errorf("told %v, %d events", told, ten.events(audit.UserUndeliverable))
	}
	for _, path := range []string{"/users/eve", "/users/eve/security"} {
		if raw := ten.send(ten.read(ten.path(path))).ok(t).raw; !strings.Contains(raw, `"undeliverable":[{"address":"recovery_email","why":"bounced"`) {
			t.Errorf("%s: %s", path, raw)
		}
	}
	if raw := ten.send(request{key: ten.reader, method: http.MethodGet, path: ten.path("/report")}).ok(t).raw; !strings.Contains(raw, `"undeliverable":[{"address":"recovery_email","why":"bounced"`) {
		t.Errorf("the report: %s", raw)
	}
	if raw := other.send(request{key: other.reader, method: http.MethodGet, path: other.path("/report")}).ok(t).raw; strings.Contains(raw, "undeliverable") {
		t.Errorf("the other organisation's report: %s", raw)
	}
	ten.clock.Advance(2 * time.Minute) // the codes of before are used up
	ten.answer(ten.login(eve), "totp", p.code(0)).ok(t)
	clear := request{key: ten.admin, method: http.MethodDelete, path: ten.path("/users/eve/undeliverable")}
	for range 2 {
		ten.send(clear).want(t, 204, "")
	}
	if ten.events(audit.UserDeliverable) != 1 || !slices.Equal(ten.begin(eve).ok(t).list("next", "methods"), []string{"totp", "email"}) {
		t.Errorf("cleared: %d events, %v", ten.events(audit.UserDeliverable), ten.begin(eve).raw)
	}
}

// Whoever has mail alone is refused by a reason of its own, with the ways back that are left; an administrator's code leads out, to another
// address.
func TestNobodyIsLockedOutByAMailbox(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.mailing()
	ten.onlyMail(eve)
	ten.bounces(eve, recoveryAddress(eve), mail.OutcomeSuppressed)
	ten.decree(func(p *org.Policy) { p.Recovery.Reenroll = true })
	r := ten.begin(eve).ok(t)
	if r.text("status") != "denied" || r.text("reason") != "email_undeliverable" || !slices.Equal(r.list("next", "ways_back"), []string{"recovery_code"}) {
		t.Fatalf("answered %s", r.raw)
	}
	ten.codeBy(r.text("login"), "email").want(t, 422, "email_undeliverable")
	ten.answer(r.text("login"), "email", "12345678").want(t, 422, "email_undeliverable")
	bypass := ten.call(ten.admin, ten.path("/users/eve/bypass-code"), fields{"reason": "mailbox is gone"}).ok(t).text("bypass_code")
	back := ten.answer(ten.login(eve), "bypass_code", bypass).ok(t)
	token := back.text("login")
	step := ten.call(ten.app, "/v1/enrollments", fields{"login": token}).ok(t)
	if step.text("next", "do") != "recovery_email" {
		t.Fatalf("after the way back: %s", step.raw)
	}
	enter := func(address string) reply {
		return ten.step(token, fields{"recovery_email": address, "recovery_email_again": address})
	}
	enter(recoveryAddress(eve)).want(t, 422, "email_undeliverable")
	enter("eve@new.example").ok(t)
	ten.step(token, fields{"code": ten.mailed("eve@new.example")}).ok(t)
	ten.step(token, fields{"method": "email"}).ok(t)
	if done := ten.step(token, fields{"code": ten.mailed("eve@new.example")}).ok(t); done.text("status") != "complete" {
		t.Errorf("enrolled anew: %s", done.raw)
	}
	if again := ten.begin(eve).ok(t); again.text("status") != "challenge" || strings.Contains(ten.send(request{key: ten.reader, method: http.MethodGet, path: ten.path("/report")}).raw, "undeliverable") {
		t.Errorf("with another address: %s", again.raw)
	}
}

// An enrolment does not wait for a code that cannot arrive; another login address begins without the mark.
func TestAnEnrolmentWhoseProofCannotArrive(t *testing.T) {
	ten := newProduct(t).tenant()
	token := ten.login("new")
	ten.bounces("new", loginAddress("new"), mail.OutcomeBounced)
	ten.call(ten.app, "/v1/enrollments", fields{"login": token}).want(t, 422, "email_undeliverable")
	ten.send(ten.registering(ten.admin, "new", "new@other.example")).ok(t)
	ten.call(ten.app, "/v1/enrollments", fields{"login": ten.login("new")}).ok(t)
	if code := ten.mailed("new@other.example"); len(code) != 8 {
		t.Errorf("mailed %q", code)
	}
	ten.bounces("new", loginAddress("new"), mail.OutcomeBounced) // late, of the address before
	if raw := ten.send(request{key: ten.admin, method: http.MethodGet, path: ten.path("/users/new")}).ok(t).raw; strings.Contains(raw, "undeliverable") {
		t.Errorf("the new address is marked: %s", raw)
	}
	ten.send(ten.registering(ten.admin, "gone", loginAddress("gone"))).ok(t)
	ten.send(ten.delete("gone")).want(t, 204, "")
	ten.bounces("gone", loginAddress("gone"), mail.OutcomeBounced)
	ten.send(request{key: ten.admin, method: http.MethodGet, path: ten.path("/users/gone")}).want(t, 404, "not_found")
}

// Whoever called a mail unwanted gets codes, which somebody asked for, and no announcements.
func TestAComplaintStopsAnnouncementsOnly(t *testing.T) {
	ten := newProduct(t).tenant()
	to := ten.crowd(3)
	ids := []string{"user-000", "user-001", "user-002"}
	ten.bounces(ids[0], to[0], mail.OutcomeComplained)
	ten.bounces(ids[1], to[1], mail.OutcomeBounced)
	ten.await(func() bool {
		found, _, err := ten.store.Unenrolled(t.Context(), ten.id, "", 3)
		ten.must(err)
		return found[0].EmailMark().Known() && found[1].EmailMark().Known()
	})
	ten.announcing()
	ten.must(ten.tick())
	if told := ten.told("announcement"); !slices.Equal(told, to[2:]) {
		t.Errorf("told %v", told)
	}
	ten.call(ten.app, "/v1/enrollments", fields{"login": ten.login(ids[0])}).ok(t)
	if code := ten.mailed(to[0]); len(code) != 8 {
		t.Errorf("mailed %q", code)
	}
}
