package attack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/faults"
)

// trial is one sample, to be run again and again from the same beginning.
type trial struct {
	*tenant
	sample  sample
	request request
	before  moment
	sound   outcome
}

// outcome is how an operation goes.
type outcome struct {
	status  int
	said    string
	changes []string
	calls   []string
}

// trial runs a sample once with nothing in its way, and goes back to the beginning.
func (p *product) trial(s sample) *trial {
	p.t.Helper()
	t := &trial{tenant: p.tenant(), sample: s}
	t.request = s.make(t.tenant)
	t.before = t.moment()
	t.wire.Record()
	r := t.send(t.request).ok(p.t)
	t.sound = outcome{r.status, r.said(), t.changes(), t.wire.Calls()}
	t.rewind(t.before)
	return t
}

// changes are the items that the trial has changed.
func (t *trial) changes() []string {
	t.t.Helper()
	return t.moment().since(t.before)
}

// For every operation, every call of the store and every fault: nobody is told what is not so, nothing is lost, nothing
// is done twice, and the same request again does what it would have done. An operation reads first, whatever it is asked for: of several
// samples of one, the first alone meets faults there, and elsewhere the others meet one fault of each effect, since what differs within
// an effect is the SDK's and the store's to cope with, and is the same for all of them.
func TestEveryCallOfTheStoreMayFail(t *testing.T) {
	alone(t)
	seen := map[string]bool{}
	for _, s := range samples() {
		another := seen[s.operation]
		seen[s.operation] = true
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			x := newProduct(t).trial(s)
			for n, operation := range x.sound.calls {
				if n == 0 && another && operation == "BatchGetItem" && len(x.sound.calls) > 1 {
					continue
				}
				faulty := outages(operation)
				switch {
				case slices.Contains(thorough, s.name):
					faulty = append(faulty, alike()...)
				case another:
					faulty = oneOfEach(faulty)
				}
				for _, o := range faulty {
					x.meets(n, operation, o)
				}
			}
		})
	}
}

// meets runs the sample with a fault at one of its calls, and again without.
func (t *trial) meets(n int, operation string, o outage) {
	t.t.Helper()
	t.wire.ArmEach(func(at int, name string) (faults.Fault, bool) {
		return o.Fault, at == n || o.rest && at > n && name == operation
	})
	r := t.patiently(o)
	met := t.wire.Met()
	t.wire.Disarm()
	complain := func(format string, args ...any) {
		t.t.Helper()
		t.t.Errorf("call %d, %s, %s: "+format, append([]any{n, operation, o.Name}, args...)...)
	}
	if met == 0 {
		complain("nothing met the fault: the test proves nothing")
	}
	changes := t.changes()
	t.judge(o, r, changes, complain)
	again := t.send(t.request)
	t.rewindFrom(t.judgeAgain(o, again, complain), t.before)
	t.wire.Record()
}

// patiently sends the request with a deadline, which passes when a call hangs.
func (t *trial) patiently(o outage) reply {
	t.t.Helper()
	deadline := faults.WithDeadline(t.t.Context())
	t.patience = deadline
	defer func() { t.patience = nil }()
	if o.hangs == nil {
		return t.send(t.request)
	}
	answer := make(chan reply, 1)
	go func() { answer <- t.send(t.request) }()
	t.await(o.hangs)
	deadline.Pass()
	return <-answer
}

// await polls until something holds.
func (p *product) await(holds func() bool) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			p.t.Error("it did not come about")
			return
		}
	}
}

type complaint func(format string, args ...any)

// judge holds the answer that met a fault to the fault's effect.
func (t *trial) judge(o outage, r reply, changes []string, complain complaint) {
	t.t.Helper()
	want := t.sound.changes
	switch o.effect {
	case unnoticed, rerun:
		if r.status != t.sound.status || r.said() != t.sound.said {
			complain("answered %d %s, want %d %s", r.status, r.said(), t.sound.status, t.sound.said)
		}
	case beaten:
		want = nil
		if r.status != 409 || r.code() != "conflict" {
			complain("answered %d %s, want 409 conflict", r.status, r.code())
		}
	default:
		if o.effect == refused {
			want = nil
		}
		if r.status != 503 || r.code() != "unavailable" || r.header.Get("Retry-After") == "" {
			complain("answered %d %s, want 503 unavailable", r.status, r.code())
		}
		if o.effect == done && len(want) > 0 && strings.Contains(r.text("detail"), "Nothing was changed") {
			complain("the answer claims that nothing was changed, but it was")
		}
	}
	if !slices.Equal(changes, want) {
		complain("changed\n%s\nwant\n%s", strings.Join(changes, "\n"), strings.Join(want, "\n"))
	}
}

// judgeAgain holds the answer to the same request, sent again, to what is promised, and returns the table as it is then.
func (t *trial) judgeAgain(o outage, again reply, complain complaint) moment {
	t.t.Helper()
	status, more, exact := t.sound.status, 0, true
	if o.effect != refused && o.effect != beaten && t.sample.repeated != 0 {
		status, more, exact = t.sample.repeated, t.sample.again, !t.sample.renews()
	}
	if o.late {
		if sent, err := t.wire.Deliver(); sent == 0 || err != nil {
			complain("%d requests were late, %v: the test proves nothing", sent, err)
		}
	}
	if again.status != status {
		complain("the next try is answered %d %s, want %d", again.status, again.code(), status)
	}
	now := t.moment()
	changes := now.since(t.before)
	if exact && more == 0 && !slices.Equal(changes, t.sound.changes) || len(changes) != len(t.sound.changes)+more {
		complain("the next try leaves\n%s\nwant\n%s\nand %d more", strings.Join(changes, "\n"), strings.Join(t.sound.changes, "\n"), more)
	}
	return now
}
