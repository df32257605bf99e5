package attack_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// together runs n calls that start at the same moment, and waits for all.
func together(n int, call func(i int) reply) []reply {
	replies, start := make([]reply, n), make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			replies[i] = call(i)
		})
	}
	close(start)
	wait.Wait()
	return replies
}

// successes counts; every other reply must be a refusal that tells nothing, or a conflict.
func successes(t *testing.T, replies []reply) int {
	t.Helper()
	n := 0
	for _, r := range replies {
		switch {
		case r.status == 200 && r.text("assertion") != "":
			n++
		case r.status == 422 && r.code() == "code_refused", r.status == 409 && r.code() == "conflict":
		default:
			t.Errorf("answered %d %s", r.status, r.code())
		}
	}
	return n
}

func answerRequest(t *tenant, token, method, code, idempotency string) request {
	return request{
		key: t.app, method: "POST", path: "/v1/logins/answers", idempotency: idempotency,
		body: fields{"login": token, "method": method, "code": code},
	}
}

func TestOneCodeOneSuccess(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled("eve"), ten.login("eve")
	code := p.code(0)
	replies := together(100, func(i int) reply {
		return ten.send(answerRequest(ten, token, "totp", code, fmt.Sprintf("key-%d", i)))
	})
	if n := successes(t, replies); n != 1 {
		t.Errorf("%d of 100 submissions of one code succeeded", n)
	}
}

func TestOneRecoveryCodeOneUse(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled("eve")
	code := ten.recoveryCode("eve", 4)
	tokens := make([]string, 30)
	for i := range tokens {
		tokens[i] = ten.login("eve")
	}
	replies := together(30, func(i int) reply {
		return ten.send(answerRequest(ten, tokens[i], "recovery_code", code, fmt.Sprintf("key-%d", i)))
	})
	if n := successes(t, replies); n != 1 {
		t.Errorf("%d of 30 uses of one recovery code succeeded", n)
	}
	if left := ten.factors("eve").RecoveryCodes.Left(); left != 9 {
		t.Errorf("%d codes are left, want 9", left)
	}
}

func TestParallelGuesses(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled("eve"), ten.login("eve")
	wrong := p.wrong()
	replies := together(20, func(i int) reply {
		for {
			r := ten.send(answerRequest(ten, token, "totp", wrong, fmt.Sprintf("key-%d", i)))
			if r.code() != "conflict" { // not judged: tried again
				return r
			}
		}
	})
	if n := successes(t, replies); n != 0 {
		t.Errorf("%d guesses were let in", n)
	}
	if n := ten.failures("eve"); n != freeTries {
		t.Errorf("%d guesses were evaluated, want %d", n, freeTries)
	}
}

func TestAcceptedCodesAreNotReplayed(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	older, code := p.code(-30*time.Second), p.code(0)
	ten.answer(ten.login("eve"), "totp", code).ok(t)
	for _, wait := range []time.Duration{0, 30 * time.Second} {
		ten.clock.Advance(wait)
		ten.answer(ten.login("eve"), "totp", code).want(t, 422, "code_refused")
		ten.answer(ten.login("eve"), "totp", older).want(t, 422, "code_refused")
	}
}

func TestClocksOfPhones(t *testing.T) {
	ten := newProduct(t).tenant()
	for i, c := range []struct {
		off    time.Duration
		status int
	}{{-90 * time.Second, 422}, {-30 * time.Second, 200}, {0, 200}, {30 * time.Second, 200}, {90 * time.Second, 422}} {
		id := fmt.Sprintf("user-%d", i)
		p := ten.enrolled(id)
		if r := ten.answer(ten.login(id), "totp", p.code(c.off)); r.status != c.status {
			t.Errorf("a phone %v off: answered %d %s, want %d", c.off, r.status, r.code(), c.status)
		}
	}
}

// Wrong, used, and right while locked cannot be told apart.
func TestRefusalsLookAlike(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	token, used := ten.login("eve"), p.code(-30*time.Second)
	ten.answer(token, "totp", used).ok(t)
	wrong := ten.answer(token, "totp", p.wrong())
	replayed := ten.answer(token, "totp", used)
	for range freeTries - 2 {
		ten.answer(token, "totp", p.wrong()).want(t, 422, "code_refused")
	}
	locked := ten.answer(token, "totp", p.code(0)).want(t, 422, "code_refused")
	wrongLocked := ten.answer(token, "totp", p.wrong())
	for name, r := range map[string]reply{"used": replayed, "right while locked": locked, "wrong while locked": wrongLocked} {
		if r.bare() != wrong.bare() || r.header.Get("Retry-After") != wrong.header.Get("Retry-After") {
			t.Errorf("%s is told apart from wrong: %s", name, r.bare())
		}
	}
	if n := ten.failures("eve"); n != freeTries {
		t.Errorf("%d failures are counted, want %d: tries while locked count nothing", n, freeTries)
	}
}

func TestOrderingACodeForgivesNoFailure(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	token := ten.login("eve")
	for range 4 {
		ten.answer(token, "totp", p.wrong())
	}
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t)
	again := ten.login("eve") // and neither does the right password
	if n := ten.failures("eve"); n != 4 {
		t.Errorf("%d failures are counted, want 4", n)
	}
	code := ten.mailed(recoveryAddress("eve"))
	ten.answer(again, "recovery_code", "2222-2222-2222-2222").want(t, 422, "code_refused")
	ten.answer(token, "recovery_email", code).want(t, 422, "code_refused")
}

// However a code is written, it is one try of the one budget.
func TestFormsOfACodeShareOneBudget(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	token, w := ten.login("eve"), p.wrong()
	for _, form := range []string{w, w[:3] + " " + w[3:], w[:3] + "-" + w[3:], " " + w + " ", w[:2] + "\u00a0" + w[2:]} {
		ten.answer(token, "totp", form).want(t, 422, "code_refused")
	}
	ten.answer(token, "totp", p.code(0)).want(t, 422, "code_refused")
	ten.answer(token, "totp", "not a code").want(t, 422, "code_malformed")
	if n := ten.failures("eve"); n != freeTries {
		t.Errorf("%d failures are counted, want %d", n, freeTries)
	}
}
