package attack_test

import (
	"testing"

	"twofold/infra/local/faults"
)

// A wrong code is counted once, whatever becomes of the answer; and an outage is never called a wrong code.
func TestAWrongCodeIsCountedOnceWhateverFails(t *testing.T) {
	for _, s := range surfaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			g := newGuess(newProduct(t).tenant(), s)
			for n, operation := range g.calls {
				if !writing(operation) { // which call of reading fails makes no difference to the store
					g.meets(n, operation, refuse("the table is not reached", faults.Unreached))
					continue
				}
				for _, o := range outages(operation) {
					g.meets(n, operation, o)
				}
			}
		})
	}
}

// guess is a wrong try that is made again and again from the same beginning: one was counted already.
type guess struct {
	*tenant
	surface      surface
	wrong, right func() reply
	before       moment
	counted      int
	calls        []string
}

func newGuess(t *tenant, s surface) *guess {
	g := &guess{tenant: t, surface: s}
	g.wrong, g.right = s.prepare(t)
	g.wrong().want(t.t, 422, "code_refused")
	g.before, g.counted = t.moment(), s.counted(t)
	t.wire.Record()
	g.wrong().want(t.t, 422, "code_refused")
	g.calls = t.wire.Calls()
	t.rewind(g.before)
	return g
}

// answers to a wrong code under an effect, and what is counted.
var guessed = map[effect]struct {
	status  int
	code    string
	counted int
}{
	refused: {503, "unavailable", 0}, done: {503, "unavailable", 1}, unnoticed: {422, "code_refused", 1},
	rerun: {422, "code_refused", 1}, beaten: {409, "conflict", 0},
}

func (g *guess) meets(n int, operation string, o outage) {
	g.t.Helper()
	want := guessed[o.effect]
	g.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
		return o.Fault, at == n || o.rest && at > n && name == operation
	})
	g.patience = faults.WithDeadline(g.t.Context())
	r := g.wrong()
	g.patience = nil
	g.wire.Disarm()
	if g.wire.Met() == 0 {
		g.t.Errorf("%s: nothing met the fault", o.Name)
	}
	if counted := g.surface.counted(g.tenant) - g.counted; r.status != want.status || r.code() != want.code || counted != want.counted {
		g.t.Errorf("call %d, %s, %s: answered %d %s and counted %d times, want %d %s and %d",
			n, operation, o.Name, r.status, r.code(), counted, want.status, want.code, want.counted)
	}
	if o.late {
		counted := g.surface.counted(g.tenant)
		if sent, err := g.wire.Deliver(); sent == 0 || err != nil {
			g.t.Errorf("%s: %d requests were late, %v", o.Name, sent, err)
		}
		// Alone on its way, it is counted now; behind a retry, it is too late.
		if more := g.surface.counted(g.tenant) - counted; more != 1-want.counted {
			g.t.Errorf("%s: counted %d times more", o.Name, more)
		}
	}
	g.wire.Record()
	g.right().ok(g.t)
	g.rewind(g.before)
}
