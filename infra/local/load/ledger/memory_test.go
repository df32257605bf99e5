package ledger

import "testing"

const mb = 1 << 20

// line are samples that grow by step with each.
func line(n int, from, step int64) []int64 {
	samples := make([]int64, n)
	for at := range samples {
		samples[at] = from + int64(at)*step
	}
	return samples
}

func TestGrowthComparesFifths(t *testing.T) {
	if before, after := Growth(line(100, 0, 1)); before != 30 || after != 90 {
		t.Errorf("%d and %d", before, after)
	}
	if before, after := Growth(line(4, 7, 0)); before != 0 || after != 0 {
		t.Errorf("of four samples: %d and %d", before, after)
	}
	spike := line(100, 20, 0)
	spike[99], spike[98] = 900, 900
	if before, after := Growth(spike); before != 20 || after != 20 {
		t.Errorf("a moment's height counts: %d and %d", before, after)
	}
}

func TestSteady(t *testing.T) {
	warming := append(line(20, 1*mb, 5*mb), line(80, 100*mb, 0)...)
	for name, c := range map[string]struct {
		samples []int64
		room    int64
		want    int
	}{
		"flat":                        {line(100, 20*mb, 0), 0, 0},
		"shrinking":                   {line(100, 200*mb, -mb), 0, 0},
		"a quarter and eight":         {append(line(50, 40*mb, 0), line(50, 58*mb, 0)...), 0, 0},
		"more than that":              {append(line(50, 40*mb, 0), line(50, 59*mb, 0)...), 0, 1},
		"a leak":                      {line(100, 20*mb, mb), 0, 1},
		"warming up":                  {warming, 0, 0},
		"goroutines, a few more":      {append(line(50, 100, 0), line(50, 140, 0)...), 20, 0},
		"goroutines, left over":       {append(line(50, 100, 0), line(50, 146, 0)...), 20, 1},
		"goroutines, one each sample": {line(300, 200, 1), 20, 1},
	} {
		l := New()
		l.Steady(name, c.samples, c.room)
		if got, checked := broken(l, Flat); got != c.want || checked != 1 {
			t.Errorf("%s: broken %d times, want %d", name, got, c.want)
		}
	}
}
