package main

import (
	"testing"
	"time"

	"twofold/infra/local/stack"
)

// A few hundred users, with the real mailer, which is killed once or twice: each time costs the half minute of its claim. How
// long codes take is measured by hand only, since other tests share the machine.
func TestAnAnnouncementWhoseMailerIsKilled(t *testing.T) {
	t.Parallel()
	p := plan{users: 400, rate: 100, turns: 1, orders: 2, kills: 2 * time.Second, seed: 3}
	s := stack.ForTest(t, func(o *stack.Options) { o.Parameters, o.Unread = p.parameters(), unread })
	v, err := p.run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range v.lines {
		t.Log(line)
	}
	for _, broken := range v.broken {
		t.Error(broken)
	}
}

// What is counted twice, lost, or does not add up is seen.
func TestWhatIsJudged(t *testing.T) {
	sound := func() (*bench, announcement) {
		b := &bench{plan: plan{users: 3}, receipts: newReceipts(3), kills: 1}
		for n := range 3 {
			b.receipts.take(address(n))
		}
		a := announcement{State: "ended"}
		a.Progress.Total, a.Progress.Seen, a.Progress.Sent = 3, 3, 3
		return b, a
	}
	for name, spoil := range map[string]func(b *bench, a *announcement){
		"":                   func(*bench, *announcement) {},
		"twice":              func(b *bench, _ *announcement) { b.receipts.take(address(1)) },
		"lost":               func(b *bench, _ *announcement) { b.receipts.mails[1] = 0 },
		"not ended":          func(_ *bench, a *announcement) { a.State = "active" },
		"not added up":       func(_ *bench, a *announcement) { a.Progress.Sent = 2 },
		"unknown for ever":   func(b *bench, a *announcement) { a.Progress.Sent, a.Progress.Unknown, b.kills = 2, 1, 0 },
		"a mailer that eats": func(b *bench, _ *announcement) { b.memory.sizes = []int64{200 << 20} },
	} {
		b, a := sound()
		spoil(b, &a)
		if v := b.judge(a, time.Second); (len(v.broken) > 0) != (name != "") {
			t.Errorf("%q: %v", name, v.broken)
		}
	}
	b, a := sound()
	b.with, b.without = []time.Duration{160}, []time.Duration{100}
	if v := b.judge(a, time.Second); len(v.slow) != 2 {
		t.Errorf("slow: %v", v.slow)
	}
}
