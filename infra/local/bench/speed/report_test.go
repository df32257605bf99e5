package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// at is a phase of 100 calls at a rate.
func at(rate float64) phase {
	return phase{calls: 100, elapsed: time.Duration(100 / rate * float64(time.Second)), cpu: time.Second, allocs: 50_000, bytes: 1 << 20}
}

// seriesOf has one pair for each ratio.
func seriesOf(o operation, clients int, ratios ...float64) series {
	s := series{operation: o, clients: clients}
	for _, r := range ratios {
		s.pairs = append(s.pairs, pair{bare: at(1000), product: at(1000 * r)})
	}
	return s
}

func reportOf(ratio float64) report {
	return report{
		machine: "a machine", size: usual,
		handler: []series{seriesOf(rightAnswer, one, 0.2, 0.2, 0.2), seriesOf(rightAnswer, many, ratio, ratio+0.1, ratio-0.1, ratio+0.05, ratio-0.05)},
		local:   []series{seriesOf(login, one, 0.3), seriesOf(login, many, 0.4)},
		units:   map[string]units{rightAnswer.name: {4, 1}},
	}
}

func TestTheMedianIsNotMovedByOneRound(t *testing.T) {
	s := seriesOf(login, many, 0.9, 0.1, 0.8, 0.7, 5)
	rounded := func(p pair) float64 { return float64(int(p.ratio()*100 + 0.5)) }
	if got := s.median(rounded); got != 80 {
		t.Errorf("median %v", got)
	}
	if got := s.of(rounded); !slices.Equal(got, []float64{10, 70, 80, 90, 500}) {
		t.Errorf("ratios %v", got)
	}
	if low, high := s.quantile(rounded, 0.25), s.quantile(rounded, 0.75); low != 70 || high != 90 {
		t.Errorf("the middle half lies between %v and %v", low, high)
	}
	if got := seriesOf(login, many, 0.9, 0.7).median(rounded); got != 70 {
		t.Errorf("median of two %v", got)
	}
}

func TestTheReportSaysWhatWasMeasured(t *testing.T) {
	got := reportOf(0.9).String()
	for _, want := range []string{
		"a machine\nEach turn: 100 operations at 8 clients, 37 at 1.",
		"right TOTP answer   8         1000           900         0.90    0.85–0.95     5",
		"login       1         1000           300             0.30    0.30–0.30     1",
		"right TOTP answer        500 (500)            10 (10)     10000 (10000)   10000 (10000)                4            1",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestTheGoalIsMissedBelowIt(t *testing.T) {
	if err := reportOf(0.86).missed(); err != nil {
		t.Error(err)
	}
	if err := reportOf(0.84).missed(); err == nil {
		t.Error("0.84 reaches the goal")
	}
	if missed(false, reportOf(0.84)) != nil || missed(true, reportOf(0.84)) == nil {
		t.Error("the flag does not decide")
	}
}

func TestOtherUnitsThanTheDesignsAreAnError(t *testing.T) {
	if err := reportOf(0.9).costly(); err != nil {
		t.Error(err)
	}
	for _, u := range []units{{4, 2}, {8, 1}, {0, 0}} {
		r := reportOf(0.9)
		r.units[rightAnswer.name] = u
		if r.costly() == nil {
			t.Errorf("%+v is no error", u)
		}
	}
}

func TestThisMachineIsNamed(t *testing.T) {
	if got := machine(); !strings.HasPrefix(got, "go1.") || !strings.Contains(got, "processors") {
		t.Errorf("machine %q", got)
	}
}
