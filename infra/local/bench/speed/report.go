package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// goal is what the handler must reach of the ceiling with a right TOTP answer at 8 clients (issue 4).
const goal = 0.85

// report is everything that was measured.
type report struct {
	machine string
	size    size
	handler []series
	local   []series
	units   map[string]units
}

// String is the report as tables.
func (r report) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\nEach turn: %d operations at 8 clients, %d at 1. Medians of all turns; of the ratios also what the middle half lies between.\n\n",
		r.machine, r.size.many/turns, r.size.one/turns)
	rates(&out, "handler", r.handler)
	if len(r.local) > 0 {
		fmt.Fprintln(&out)
		rates(&out, "infra/local", r.local)
	}
	fmt.Fprintln(&out)
	r.costs(&out)
	return out.String()
}

// rates is the table of operations per second.
func rates(out *strings.Builder, what string, all []series) {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "operation\tclients\tbare calls/s\t%s/s\tratio\tmiddle half\tturns\n", what)
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.2f\t%.2f–%.2f\t%d\n", s.operation.name, s.clients,
			s.median(func(p pair) float64 { return p.bare.rate() }), s.median(func(p pair) float64 { return p.product.rate() }),
			s.median(pair.ratio), s.quantile(pair.ratio, 0.25), s.quantile(pair.ratio, 0.75), len(s.pairs))
	}
	_ = w.Flush() // a strings.Builder takes everything
}

// costs is the table of what one operation takes of the handler's process, and of the table.
func (r report) costs(out *strings.Builder) {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "handler, one operation\tallocations (bare)\tKB (bare)\tCPU µs (bare)\tCPU µs at 8 clients (bare)\tread units\twrite units")
	for at := 0; at+1 < len(r.handler); at += 2 {
		alone, together := r.handler[at], r.handler[at+1]
		u := r.units[alone.operation.name]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%g\t%g\n", alone.operation.name,
			both(alone, func(p phase) float64 { return float64(p.allocs) }), both(alone, func(p phase) float64 { return float64(p.bytes) / 1024 }),
			both(alone, microseconds), both(together, microseconds), u.reads, u.writes)
	}
	_ = w.Flush()
}

func microseconds(p phase) float64 { return float64(p.cpu.Nanoseconds()) / 1000 }

func both(s series, value func(phase) float64) string {
	return fmt.Sprintf("%.0f (%.0f)", s.median(each(productOf, value)), s.median(each(bareOf, value)))
}

// costly is an error where an operation costs other units than the design says.
func (r report) costly() error {
	for _, s := range r.handler {
		o, u := s.operation, r.units[s.operation.name]
		if u.reads != o.reads || u.writes != o.writes {
			return fmt.Errorf("%s: cost %g read units and %g write units, want %g and %g", o.name, u.reads, u.writes, o.reads, o.writes)
		}
	}
	return nil
}

// missed is an error where the goal is not reached.
func (r report) missed() error {
	for _, s := range r.handler {
		if got := s.median(pair.ratio); s.operation.name == rightAnswer.name && s.clients == many && got < goal {
			return fmt.Errorf("the handler reaches %.2f of the ceiling at 8 clients, not %.2f", got, goal)
		}
	}
	return nil
}
