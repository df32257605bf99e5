package attack_test

import (
	"testing"
)

// trial is one sample on a tenant of its own.
type trial struct {
	*tenant
	request request
	before  dump
}

func (p *product) trial(s sample) trial {
	p.t.Helper()
	t := p.tenant()
	return trial{t, s.make(t), p.dump()}
}

// changes are how many items the trial has changed.
func (t trial) changes() int {
	t.t.Helper()
	return len(t.dump().differs(t.before))
}

// sound is how an operation goes when nothing fails.
type sound struct {
	status  int
	changes int
	calls   []string
}

func (p *product) sound(s sample) sound {
	p.t.Helper()
	t := p.trial(s)
	p.wire.record()
	status := t.send(t.request).ok(p.t).status
	return sound{status, t.changes(), p.wire.made()}
}

// For every operation and every call of the store: whatever fails, nobody is told what is not so, nothing is lost, nothing
// is done twice, and the same request again does what it would have done.
func TestEveryCallOfTheStoreMayFail(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := newProduct(t)
			want := p.sound(s)
			for n, operation := range want.calls {
				p.fails(s, want, n, unreached)
				if writing(operation) {
					p.loses(s, want, n)
					p.losesOnce(s, want, n)
				}
			}
			if last := len(want.calls) - 1; last >= 0 {
				p.fails(s, want, last, throttled)
			}
			if want.changes > 0 {
				p.contends(s, want)
			}
		})
	}
}

// fails: a call that was not carried out is 503, changes nothing, and the next try is as good as the first.
func (p *product) fails(s sample, want sound, n int, f failure) {
	p.t.Helper()
	t := p.trial(s)
	p.wire.arm(n, f)
	r := t.send(t.request)
	p.wire.record()
	if r.status != 503 || r.code() != "unavailable" || r.header.Get("Retry-After") == "" {
		p.t.Errorf("call %d, %s: answered %d %s, want 503", n, f.name, r.status, r.code())
	}
	if c := t.changes(); c != 0 {
		p.t.Errorf("call %d, %s: %v has changed", n, f.name, t.dump().differs(t.before))
	}
	again := t.send(t.request)
	if changes := t.changes(); again.status != want.status || changes != want.changes {
		p.t.Errorf("call %d, %s: the next try is answered %d %s and changes %d items, want %d and %d",
			n, f.name, again.status, again.code(), changes, want.status, want.changes)
	}
}

// loses: a write that was carried out and never acknowledged may be 503; the next try gets what is promised.
func (p *product) loses(s sample, want sound, n int) {
	p.t.Helper()
	t := p.trial(s)
	p.wire.arm(n, lost)
	r := t.send(t.request)
	p.wire.record()
	if r.status != 503 || r.code() != "unavailable" {
		p.t.Errorf("call %d, %s: answered %d %s, want 503", n, lost.name, r.status, r.code())
	}
	if c := t.changes(); c != want.changes {
		p.t.Errorf("call %d, %s: %d items have changed, want %d: the test proves nothing", n, lost.name, c, want.changes)
	}
	if again := t.send(t.request); again.status != s.repeated || t.changes() != want.changes+s.again {
		p.t.Errorf("call %d, %s: the next try is answered %d %s and leaves %d items changed, want %d and %d",
			n, lost.name, again.status, again.code(), t.changes(), s.repeated, want.changes+s.again)
	}
}

// losesOnce: the SDK tries again by itself, and nobody notices.
func (p *product) losesOnce(s sample, want sound, n int) {
	p.t.Helper()
	t := p.trial(s)
	p.wire.arm(n, lostOnce)
	r := t.send(t.request)
	p.wire.record()
	if r.status != want.status || t.changes() != want.changes {
		p.t.Errorf("call %d, %s: answered %d %s, %d items changed, want %d and %d",
			n, lostOnce.name, r.status, r.code(), t.changes(), want.status, want.changes)
	}
}

// contends: one lost race is run again unseen; who loses every one is told so, and nothing has changed.
func (p *product) contends(s sample, want sound) {
	p.t.Helper()
	t := p.trial(s)
	p.wire.contend(1)
	r := t.send(t.request)
	if s.operation == "issue-key" { // nothing that it read can have moved: it is not run again
		r = t.send(t.request)
	}
	if r.status != want.status || t.changes() != want.changes {
		p.t.Errorf("one race lost: answered %d %s, %d items changed, want %d and %d", r.status, r.code(), t.changes(), want.status, want.changes)
	}
	t = p.trial(s)
	p.wire.contend(100)
	r = t.send(t.request)
	p.wire.record()
	if r.status != 409 || r.code() != "conflict" || t.changes() != 0 {
		p.t.Errorf("every race lost: answered %d %s, %d items changed", r.status, r.code(), t.changes())
	}
	if again := t.send(t.request); again.status != want.status || t.changes() != want.changes {
		p.t.Errorf("after every race was lost: answered %d %s, want %d", again.status, again.code(), want.status)
	}
}

// A wrong code is counted once, whatever becomes of the answer; and an outage is never called a wrong code.
func TestAWrongCodeIsCountedOnceWhateverFails(t *testing.T) {
	for _, s := range surfaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := newProduct(t)
			for _, c := range []struct {
				failure failure
				status  int
				counted int
			}{{unreached, 503, 0}, {throttled, 503, 0}, {lost, 503, 1}, {lostOnce, 422, 1}} {
				ten := p.tenant()
				wrong, right := s.prepare(ten)
				p.wire.record()
				wrong().want(t, 422, "code_refused")
				calls := p.wire.made()
				p.wire.arm(len(calls)-1, c.failure) // the write that counts
				r := wrong()
				p.wire.record()
				if r.status != c.status || s.counted(ten) != 1+c.counted {
					t.Errorf("%s: answered %d %s, %d failures counted, want %d and %d",
						c.failure.name, r.status, r.code(), s.counted(ten), c.status, 1+c.counted)
				}
				right().ok(t)
			}
		})
	}
}
