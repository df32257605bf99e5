package attack_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// proposedAll is one change of every thing that ann may propose, by the path that it is confirmed below.
func (t *tenant) proposedAll() map[string]string {
	t.t.Helper()
	ids := map[string]string{}
	for path, r := range map[string]request{
		"/policy": t.proposing(t.admin, forcing()), "/keys": t.proposingTo(t.admin, "/keys", fields{"application": "crm"}),
		"/allowances": t.many(), "/administrators": t.proposingTo(t.admin, "/administrators", bea()),
	} {
		ids[path] = t.send(r).ok(t.t).text("id")
		t.post()
	}
	return ids
}

// done counts what confirmations have brought about.
func (t *tenant) done() int {
	return t.events(audit.PolicyChanged) + t.events(audit.KeyIssued) + t.events(audit.AllowanceGranted) + t.events(audit.AdministratorInvited)
}

// One code of an authenticator, submitted for four things at once, five times each, and to a login at the same moment or afterwards: it
// does one. (At once the login mostly wins, since it reads less.)
func TestOneAuthenticatorCodeDoesOneThing(t *testing.T) {
	paths := []string{"/policy", "/keys", "/allowances", "/administrators"}
	for _, atOnce := range []int{0, 1} {
		ten := newProduct(t).tenant()
		p := ten.linked("ann", eve)
		ids, token, code := ten.proposedAll(), ten.login(eve), p.code(0)
		login := answerRequest(ten, token, "totp", code, "key")
		replies := together(20+atOnce, func(i int) reply {
			if i == 20 {
				return ten.send(login)
			}
			path := paths[i%len(paths)]
			return ten.send(ten.proving(path, ids[path], code))
		})
		for i, r := range replies {
			repeats := i < 20 && (r.status == 200 || r.code() == "secret_already_shown")
			if r.status != 200 && !repeats && r.code() != "code_refused" && r.code() != "conflict" {
				t.Errorf("answered %d %s", r.status, r.code())
			}
		}
		login.idempotency = "another"
		ten.brink(eve, 0) // a lock must not be what refuses it
		ten.send(login).want(t, 422, "code_refused")
		if n := ten.done() + len(ten.factors(eve).Successes); n != 1 {
			t.Errorf("one code confirmed %d changes and let in %d times", ten.done(), len(ten.factors(eve).Successes))
		}
	}
}

// Twenty submissions of one code for one key show one key.
func TestOneAuthenticatorCodeShowsOneKey(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.linked("ann", eve)
	id := ten.send(ten.proposingTo(ten.admin, "/keys", fields{"application": "crm"})).ok(t).text("id")
	code, shown := p.code(0), 0
	for _, r := range together(20, func(int) reply { return ten.send(ten.proving("/keys", id, code)) }) {
		switch {
		case r.status == 200:
			shown++
		case r.code() != "secret_already_shown" && r.code() != "conflict":
			t.Errorf("answered %d %s", r.status, r.code())
		}
	}
	if shown != 1 || ten.events(audit.KeyIssued) != 1 || ten.failures(eve) != 0 {
		t.Errorf("%d keys were shown and %d issued; %d failures", shown, ten.events(audit.KeyIssued), ten.failures(eve))
	}
}

func TestGuessesAtConfirmationsAndLoginsAreOneBudget(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.linked("ann", eve)
	ids, token := ten.proposedAll(), ten.login(eve)
	for i := range freeTries {
		if i%2 == 0 {
			ten.answer(token, "totp", p.wrong()).want(t, 422, "code_refused")
			continue
		}
		ten.send(ten.proving("/policy", ids["/policy"], p.wrong())).want(t, 422, "code_refused")
	}
	ten.answer(token, "totp", p.code(0)).want(t, 422, "code_refused")
	ten.send(ten.proving("/policy", ids["/policy"], p.code(0))).want(t, 422, "code_refused")
	if n := ten.failures(eve); n != freeTries {
		t.Errorf("%d failures are counted, want %d", n, freeTries)
	}
	d, err := ten.store.Docket(t.Context(), ten.id, "ann")
	ten.must(err)
	if d.Throttle.Consecutive != 2 {
		t.Errorf("%d are counted against the administrator, want those of confirmations: 2", d.Throttle.Consecutive)
	}
}

// Proposing anew buys no guesses of the authenticator, nor does guessing at one change after another.
func TestParallelGuessesAtConfirmations(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.linked("ann", eve)
	ids, wrong := ten.proposedAll(), p.wrong()
	paths := []string{"/policy", "/keys", "/allowances", "/administrators"}
	together(20, func(i int) reply {
		for {
			path := paths[i%len(paths)]
			if r := ten.send(ten.proving(path, ids[path], wrong)); r.code() != "conflict" {
				return r
			}
		}
	})
	if n := ten.failures(eve); n != freeTries || ten.done() != 0 {
		t.Errorf("%d guesses were evaluated, want %d; %d things were done", n, freeTries, ten.done())
	}
}

// Wrong, used, another's, an older one, and right while locked or suspended cannot be told apart.
func TestRefusedProofsLookAlike(t *testing.T) {
	ten := newProduct(t).tenant()
	p, other := ten.linked("ann", eve), ten.enrolled("adam")
	id := ten.send(ten.proposingTo(ten.admin, "/keys", fields{"application": "crm"})).ok(t).text("id")
	ten.answer(ten.login(eve), "totp", p.code(-30*time.Second)).ok(t)
	confirm := func(code string) reply { return ten.send(ten.proving("/keys", id, code)).want(t, 422, "code_refused") }
	wrong := confirm(p.wrong())
	got := map[string]reply{
		"used at a login": confirm(p.code(-30 * time.Second)), "another's": confirm(other.code(0)), "an older one": confirm(p.code(-time.Minute)),
	}
	ten.brink(eve, freeTries-1)
	confirm(p.wrong())
	got["right while locked"] = confirm(p.code(0))
	ten.brink(eve, suspendAfter)
	got["right while suspended"] = confirm(p.code(0))
	for name, r := range got {
		if r.bare() != wrong.bare() || r.header.Get("Retry-After") != wrong.header.Get("Retry-After") {
			t.Errorf("%s is told apart from wrong: %s", name, r.bare())
		}
	}
	if wrong.text("field") != "code" || ten.events(audit.KeyIssued) != 0 {
		t.Errorf("refused as %s", wrong.bare())
	}
}

// brink gives a user so many failures in a row, without a lock.
func (t *tenant) brink(id string, consecutive int) {
	t.t.Helper()
	f := t.factors(id).Next()
	f.Throttle.Consecutive, f.Throttle.LockedUntil = consecutive, time.Time{}
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
}

// A code is good for the administrator who is that user, and for nobody in that one's place.
func TestProofsOfOthersConfirmNothing(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.linked("ann", eve)
	session := ten.impersonating("ann")
	for name, key := range map[string]string{"an administrator who is no user": ten.admin2, "an impersonator": session} {
		r := ten.proposingTo(key, "/allowances/changes", fields{"users": 40, "reason": "phones were stolen"})
		id := ten.send(r).ok(t).text("id")
		confirm := ten.proving("/allowances", id, p.code(0))
		confirm.key = key
		if got := ten.send(confirm).want(t, 422, "authenticator_unavailable"); got.text("field") != "method" {
			t.Errorf("%s: %s", name, got.bare())
		}
	}
	policy := ten.send(ten.proposing(ten.admin2, forcing())).ok(t).text("id")
	other := ten.proving("/policy", policy, p.code(0))
	other.key = ten.admin2
	if got := ten.send(other).want(t, 422, "authenticator_unavailable"); got.text("field") != "method" {
		t.Errorf("a policy: %s", got.bare())
	}
	withdraw := ten.send(ten.withdrawing()).ok(t).text("id")
	root := ten.proving("/entitlements", withdraw, p.code(0))
	root.key = ten.system
	ten.send(root).want(t, 422, "authenticator_unavailable")
	for _, r := range []request{
		ten.read(ten.path("/self")), ten.direct(http.MethodPost, "/self/changes", fields{"user": eve}), ten.read(ten.path("/self/changes/ab")),
		ten.direct(http.MethodPost, "/self/changes/ab/confirm", fields{"code": "12345678"}),
	} {
		r.key = session
		ten.send(r).want(t, 403, "impersonating")
	}
	if ten.failures(eve) != 0 || ten.done() != 0 {
		t.Error("something was counted or done")
	}
}

// log is all events of an organisation, or of the system.
func (t *tenant) log(organization string) []audit.Event {
	t.t.Helper()
	all, _, err := t.store.Events(t.t.Context(), organization, report.EventQuery{Limit: 200})
	t.must(err)
	return all
}

// ofAUser are confirmations of what a user changes, not of what an administrator proposed.
var ofAUser = []string{"confirm-authenticator", "confirm-recovery-email"}

// Whoever confirms, the audit says how.
func TestEveryConfirmationSaysHow(t *testing.T) {
	for _, s := range samples() {
		if !strings.HasPrefix(s.operation, "confirm-") || slices.Contains(ofAUser, s.operation) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			r := s.make(ten)
			want := "email"
			if r.body.(fields)["method"] != nil {
				want = "totp"
			}
			log := ten.id
			if !strings.HasPrefix(r.path, "/v1/organizations/") {
				log = "" // the system's own
			}
			before := ten.log(log)
			ten.send(r).ok(t)
			said := slices.ContainsFunc(ten.log(log), func(e audit.Event) bool {
				isNew := !slices.ContainsFunc(before, func(old audit.Event) bool { return old.ID == e.ID })
				return isNew && e.Details["confirmed_with"] == want && e.Details["change"] != ""
			})
			if !said {
				t.Errorf("no event says that it was confirmed with %s", want)
			}
		})
	}
}

// Whoever begins to force is enrolled as a user or says that it is known, at the proposal and at the confirmation.
func TestWhoForcesIsEnrolledOrKnows(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.linked("ann", eve)
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.send(request{key: ten.admin2, method: http.MethodPost, path: ten.path("/users/eve/reset"), body: fields{"reason": "lost"}}).ok(t)
	ten.clock.Advance(time.Minute)
	ten.confirm(ten.admin, id, code).want(t, 409, "not_enrolled_yourself")
	ten.send(ten.proposing(ten.admin, forcing())).want(t, 409, "not_enrolled_yourself")
	knowing := forcing()
	knowing["acknowledge_not_enrolled"] = true
	if v := ten.version(); v != 1 {
		t.Errorf("the policy has version %v", v)
	}
	anew, _ := ten.proposed(ten.admin, "ann", knowing)
	ten.confirm(ten.admin, anew, code).want(t, 422, "code_refused") // the code of the other proposal
	ten.confirm(ten.admin, anew, ten.mailed(ten.addressOf("ann"))).ok(t)
	if v := ten.version(); v != 2 {
		t.Errorf("the policy has version %v", v)
	}
}
