package mail

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// account is a provider's rate as one token bucket of a second's worth, which all share.
type account struct {
	rate, tokens float64
	at           time.Time
	sent, denied int
}

func (a *account) take(n int, now time.Time) bool {
	a.tokens = min(max(a.rate, 1), a.tokens+now.Sub(a.at).Seconds()*a.rate)
	a.at = now
	if a.tokens < float64(n) {
		a.denied++
		return false
	}
	a.tokens -= float64(n)
	a.sent += n
	return true
}

// instance sends batches as fast as its pace allows, and comes back after a random part of a second when it is throttled.
type instance struct {
	pace  Pace
	ready time.Time
}

func (i *instance) step(a *account, now time.Time, r *rand.Rand) {
	if now.Before(i.ready) {
		return
	}
	var wait time.Duration
	n := i.pace.Batch()
	i.pace, wait = i.pace.Take(n, now)
	if wait > 0 {
		i.pace.tokens += float64(n) // not taken yet
		i.ready = now.Add(wait)
		return
	}
	if !a.take(n, now) {
		i.pace.tokens += float64(n)
		i.pace = i.pace.Throttled(now)
		i.ready = now.Add(time.Duration(r.Float64() * float64(time.Second)))
	}
}

// n instances, which know nothing of each other, share an account's rate for ten minutes with codes that take a fifth of it. What is
// stated: how much of the rate was used, how many calls of instances were throttled for each hundred mails, and how many codes were
// even after two retries within three seconds.
func TestInstancesShareARate(t *testing.T) {
	for _, c := range []struct {
		rate             float64
		instances        int
		used             [2]float64 // at least, at most
		throttled        float64    // calls for a hundred mails, at most
		codesLost, codes float64    // in percent, at most; share of the rate
	}{
		{1, 1, [2]float64{0.40, 0.75}, 25, 12, 0.2}, // the sandbox
		{14, 1, [2]float64{0.65, 0.75}, 0.1, 0, 0.2},
		{14, 2, [2]float64{0.90, 1}, 2, 0, 0.2},
		{14, 5, [2]float64{0.95, 1}, 10, 0, 0.2},
		{100, 1, [2]float64{0.65, 0.75}, 0.1, 0, 0.2},
		{100, 2, [2]float64{0.90, 1}, 0.5, 0, 0.2},
		{100, 20, [2]float64{0.95, 1}, 12, 0, 0.2},
		{500, 5, [2]float64{0.95, 1}, 0.5, 0, 0.2},
	} {
		r := rand.New(rand.NewPCG(7, uint64(c.rate)*100+uint64(c.instances)))
		a := &account{rate: c.rate, at: noon}
		all := make([]instance, c.instances)
		for i := range all {
			all[i] = instance{NewPace(c.rate, noon), noon.Add(time.Duration(r.Float64() * float64(time.Second)))}
		}
		waiting := map[int][]int{} // codes by the step at which they are tried (again), as how often they were
		codes, lost, throttled := 0, 0, 0
		const steps, each = 60_000, 10 * time.Millisecond
		for s := range steps {
			now := noon.Add(time.Duration(s) * each)
			if r.Float64() < c.rate*c.codes*each.Seconds() {
				codes++
				waiting[s] = append(waiting[s], 0)
			}
			for _, tried := range waiting[s] {
				switch {
				case a.take(1, now):
				case tried == 2:
					lost++
				default:
					again := s + 1 + r.IntN(100<<tried) // full jitter over one and two seconds
					waiting[again] = append(waiting[again], tried+1)
				}
			}
			delete(waiting, s)
			before := a.denied
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for i := range all {
				all[i].step(a, now, r)
			}
			throttled += a.denied - before
		}
		used := float64(a.sent) / (c.rate * steps * each.Seconds())
		calls := 100 * float64(throttled) / float64(a.sent)
		gone := 100 * float64(lost) / float64(max(codes, 1))
		t.Logf("%3.0f a second, %2d instances: %.0f %% used, %.1f throttled calls for 100 mails, %.2f %% of %d codes not within two retries", c.rate, c.instances, 100*used, calls, gone, codes)
		if used < c.used[0] || used > c.used[1] || calls > c.throttled || gone > c.codesLost {
			t.Errorf("%v a second, %d instances: out of what is stated", c.rate, c.instances)
		}
	}
}

func TestAPaceGivesWayAndRecovers(t *testing.T) {
	p := NewPace(100, noon)
	if p.ceiling != 50 || p.rate != 25 || p.Batch() != 25 || (Pace{}).Known() || !p.Known() {
		t.Fatalf("begins as %+v", p)
	}
	at := noon.Add(time.Minute)
	if p = p.advance(at); p.rate != 50 || p.tokens > 50 {
		t.Errorf("after a minute: %+v", p)
	}
	slow := p.Throttled(at).Throttled(at.Add(time.Millisecond))
	if math.Abs(slow.rate-25) > 1 || slow.tokens > 1 {
		t.Errorf("throttled twice in a second: %+v", slow)
	}
	for i := range 100 {
		slow = slow.Throttled(at.Add(time.Duration(i) * 2 * time.Second))
	}
	if slow.rate <= 0 || slow.Batch() != 1 && slow.Batch() > 10 {
		t.Errorf("throttled for ever: %+v", slow)
	}
	if _, wait := slow.Take(1, at.Add(300*time.Second)); wait != 0 {
		t.Errorf("a hundred seconds later one waits %v", wait)
	}
	one := NewPace(1, noon)
	one, first := one.Take(1, noon)
	if _, second := one.Take(1, noon); first != 0 || second < 2*time.Second || second > 5*time.Second {
		t.Errorf("in the sandbox: %v, %v", first, second)
	}
	if _, wait := p.Take(1, noon); wait != 0 { // a clock that goes back
		t.Errorf("an earlier time: %v", wait)
	}
}

func TestTheDaysReserve(t *testing.T) {
	for q, want := range map[Quota]int{{PerDay: 200}: 160, {PerDay: 200, Sent: 159}: 1, {PerDay: 200, Sent: 200}: 0, {PerDay: 0}: 0} {
		if got := q.Left(); got != want {
			t.Errorf("%+v leaves %d", q, got)
		}
	}
	if (Quota{PerDay: -1, Sent: 1e6}).Left() < 1e9 {
		t.Error("no limit is one")
	}
}
