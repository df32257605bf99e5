package attack_test

import (
	"fmt"
	"slices"
	"testing"

	"twofold/infra/local/faults"
)

// storm gives every call of the store, by its number, one of the faults of the network that it can meet, or none: so that of many requests
// that race some are never carried out, some are and nobody hears of it, and some are slow.
func (p *product) storm() {
	p.t.Helper()
	reads := []faults.Fault{
		{}, faults.Once("reset before", p.toxic("reset before")), faults.Always("latency", p.toxic("latency")), {},
		faults.Always("cut headers", p.toxic("cut headers")),
	}
	writes := []faults.Fault{
		faults.Always("reset after", p.toxic("reset after")), faults.Once("cut headers", p.toxic("cut headers")), {},
		faults.Always("reset before", p.toxic("reset before")), faults.Always("latency", p.toxic("latency")),
	}
	p.wire.ArmEach(func(n int, operation string) (faults.Fault, bool) {
		of := reads
		if writing(operation) {
			of = writes
		}
		f := of[n%len(of)]
		return f, f.Name != ""
	})
}

// insists repeats a request, the same with the same key, until its answer is one that says what became of it.
func (t *tenant) insists(r request) reply {
	t.t.Helper()
	for range 40 {
		got := t.send(r)
		if got.status != 503 && got.code() != "conflict" {
			return got
		}
	}
	t.t.Errorf("%s: no answer says what became of it", r.path)
	return reply{}
}

// contested are requests with a code, of which one may succeed.
func contested() []sample {
	names := []string{
		"a right code", "a mailed recovery", "a saved recovery code", "a code by mail", "a bypass code used", "a right code on a device to be trusted",
		"the first code", "the first code on a device to be trusted", "the first code of a new authenticator", "another app", "mail confirmed",
		"an authenticator removed", "new recovery codes", "another recovery email", "another recovery email confirmed", "a switch-off",
	}
	var found []sample
	for _, s := range samples() {
		if slices.Contains(names, s.name) {
			found = append(found, s)
		}
	}
	if len(found) != len(names) {
		panic("a sample has another name now")
	}
	return found
}

// Invariants 1 and 4, attack 44: twelve callers submit one code at once while connections to the table break before and after it has carried
// a write out. Each asks again until it knows. One of them has succeeded, and asking once more gives it the very same.
func TestOneSuccessWhileConnectionsBreak(t *testing.T) {
	alone(t)
	for _, s := range contested() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			r := s.make(ten)
			ten.storm()
			keyOf := func(i int) request {
				mine := r
				mine.idempotency = fmt.Sprintf("caller-%02d", i)
				return mine
			}
			replies := together(12, func(i int) reply { return ten.insists(keyOf(i)) })
			met := ten.wire.Met()
			ten.wire.Disarm()
			var winners []int
			for i, got := range replies {
				if got.status < 300 {
					winners = append(winners, i)
				}
			}
			if len(winners) != 1 || met == 0 {
				t.Fatalf("%d of 12 callers succeeded, and %d tries met a fault", len(winners), met)
			}
			before := ten.dump()
			again := ten.send(keyOf(winners[0]))
			if again.status != replies[winners[0]].status || again.said() != replies[winners[0]].said() {
				t.Errorf("asked again, the winner is answered %d %s, and was %d %s", again.status, again.said(), replies[winners[0]].status, replies[winners[0]].said())
			}
			ten.unchanged(before)
		})
	}
}
