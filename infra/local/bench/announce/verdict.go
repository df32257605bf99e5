package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// verdict is what came of a run.
type verdict struct {
	lines, broken []string
	slow          []string // what depends on what else the machine does
}

func (v verdict) String() string {
	text := strings.Join(v.lines, "\n") + "\n"
	for _, b := range append(v.broken, v.slow...) {
		text += "BROKEN: " + b + "\n"
	}
	return text
}

func (v *verdict) say(format string, args ...any) {
	v.lines = append(v.lines, fmt.Sprintf(format, args...))
}

func (v *verdict) must(holds bool, format string, args ...any) {
	if !holds {
		v.broken = append(v.broken, fmt.Sprintf(format, args...))
	}
}

// What must hold: how much longer codes may take beside an announcement, and how large a mailer may be, which has 256 MB.
const (
	slowest = 1.5
	mostMB  = 128
)

func (b *bench) judge(a announcement, took time.Duration) (v verdict) {
	p := a.Progress
	mailed, twice := b.receipts.mailed()
	v.say("announcement: %s in %v; total %d, sent %d, failed %d, unknown %d; %d mailed, %d more than once; %d kills",
		a.State, took.Round(time.Second), p.Total, p.Sent, p.Failed, p.Unknown, mailed, twice, b.kills)
	v.must(a.State == "ended", "it has not ended")
	v.must(twice == 0, "%d were mailed more than once", twice)
	v.must(p.Sent+p.Failed+p.Unknown == b.users && p.Seen == b.users && p.Total == b.users && p.Remaining == 0, "the progress does not add up: %+v", p)
	v.must(mailed >= p.Sent && mailed <= p.Sent+p.Unknown, "%d were mailed", mailed)
	v.must(p.Unknown <= 50*b.kills, "%d are unknown", p.Unknown)
	early, ever := b.memory.largest()
	v.say("mailer: at most %d MB in the first minute, %d MB ever", early, ever)
	v.must(ever <= mostMB, "a mailer of %d MB", ever)
	if len(b.with) == 0 {
		return v
	}
	for _, q := range []struct {
		name string
		at   float64
	}{{"median", 0.5}, {"95th percentile", 0.95}} {
		with, without := quantile(b.with, q.at), quantile(b.without, q.at)
		ratio := float64(with) / float64(without)
		v.say("code, ordered to handed over, %s: %v with, %v without, ratio %.2f (%d and %d orders)", q.name,
			with.Round(time.Millisecond), without.Round(time.Millisecond), ratio, len(b.with), len(b.without))
		if ratio > slowest {
			v.slow = append(v.slow, fmt.Sprintf("the %s is %.2f times as long", q.name, ratio))
		}
	}
	return v
}

func quantile(all []time.Duration, at float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(at*float64(len(sorted)-1))]
}
