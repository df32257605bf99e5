package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"twofold/pkg/report"
)

// rows are on a page.
const rows = 50

// page is one kind of page that is measured.
type page struct {
	everyone bool
	sort     report.Sort
	middle   bool
}

func (p page) String() string {
	whose, where := "an organisation's", "the first"
	if p.everyone {
		whose = "everybody's"
	}
	if p.middle {
		where = "one in the middle"
	}
	return fmt.Sprintf("%s users by %s, %s", whose, p.sort, where)
}

func pages() (all []page) {
	for _, middle := range []bool{false, true} {
		for _, s := range report.Sorts() {
			all = append(all, page{sort: s, middle: middle})
		}
		for _, s := range report.SystemSorts() {
			all = append(all, page{everyone: true, sort: s, middle: middle})
		}
	}
	return all
}

// taken is what a page took of one size.
type taken struct {
	units float64
	calls int
	times []time.Duration
}

// series are what each page took, size by size.
type series map[page][]taken

// measure lets the sizes take turns, so that whatever else the machine does meets all of them.
func measure(ctx context.Context, tables []*table, rounds int) (series, error) {
	all := series{}
	for _, p := range pages() {
		all[p] = make([]taken, len(tables))
		for round := range rounds {
			for i, t := range tables {
				began := time.Now()
				t.meter.reset()
				err := t.read(ctx, p)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", p, err)
				}
				if round > 0 { // the first one opens connections and looks for the middle
					all[p][i].times = append(all[p][i].times, time.Since(began))
					all[p][i].units, all[p][i].calls = t.meter.units, t.meter.calls
				}
			}
		}
	}
	return all, nil
}

func (t *table) read(ctx context.Context, p page) error {
	q := report.Query{Sort: p.sort, Limit: rows}
	if p.middle {
		at := fmt.Sprint(p.everyone, p.sort)
		if t.sorts[at] == "" {
			if err := t.walk(ctx, q, p.everyone, at); err != nil {
				return err
			}
		}
		q.Cursor = t.sorts[at]
	}
	_, err := t.ask(ctx, q, p.everyone)
	return err
}

// walk goes a page on. In an index a place is found by its value, so the middle is as far as any.
func (t *table) walk(ctx context.Context, q report.Query, everyone bool, at string) error {
	q.Limit = report.MaxLimit
	found, err := t.ask(ctx, q, everyone)
	t.sorts[at] = found.Cursor
	return err
}

func (t *table) ask(ctx context.Context, q report.Query, everyone bool) (report.Page, error) {
	if everyone {
		return t.reports.SystemEnrollment(ctx, t.caller, q)
	}
	return t.reports.Enrollment(ctx, t.caller, crowd, q)
}

// lines are what there is to say: medians, units and the ratio to the smallest size.
func lines(all series, sizes []int) (out []string) {
	for _, p := range pages() {
		took := all[p]
		line := p.String() + ":"
		for i, size := range sizes {
			line += fmt.Sprintf(" %d users %.1f units, %d calls, %.1f ms;", size, took[i].units, took[i].calls, milliseconds(took[i].times))
		}
		last := len(sizes) - 1
		out = append(out, fmt.Sprintf("%s ratio %.2f of units, %.2f of time", line, took[last].units/took[0].units,
			milliseconds(took[last].times)/milliseconds(took[0].times)))
	}
	return out
}

// milliseconds is the median.
func milliseconds(times []time.Duration) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[len(sorted)/2].Microseconds()) / 1000
}
