package report

import (
	"testing"
	"time"

	"twofold/pkg/ledger"
)

// A query keeps its period and its place where they are within what is kept, and begins with what is kept where they are before it.
func TestAQueryOfWhatIsKept(t *testing.T) {
	at := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	behind := func(days int) string { return at(days).Format(ledger.PlaceLayout) + "#id" }
	for name, c := range map[string]struct {
		q     EventQuery
		since time.Time
		from  time.Time
		after string
		some  bool
	}{
		"all is kept":                         {EventQuery{From: at(-9), After: behind(-8)}, time.Time{}, at(-9), behind(-8), true},
		"no period":                           {EventQuery{}, at(-5), at(-5), "", true},
		"a later period":                      {EventQuery{From: at(-4)}, at(-5), at(-4), "", true},
		"an earlier beginning":                {EventQuery{From: at(-6), To: at(-1)}, at(-5), at(-5), "", true},
		"an earlier period":                   {EventQuery{From: at(-9), To: at(-6)}, at(-5), at(-5), "", false},
		"a period that ends where it begins":  {EventQuery{To: at(-5)}, at(-5), at(-5), "", false},
		"behind what is kept":                 {EventQuery{After: behind(-3)}, at(-5), at(-5), behind(-3), true},
		"behind what is gone":                 {EventQuery{After: behind(-6)}, at(-5), at(-5), "", true},
		"backward, before what is kept":       {EventQuery{After: behind(-3), Descending: true}, at(-5), at(-5), behind(-3), true},
		"backward, before what is gone":       {EventQuery{After: behind(-6), Descending: true}, at(-5), at(-5), behind(-6), false},
		"backward, from the end":              {EventQuery{Descending: true}, at(-5), at(-5), "", true},
		"behind the very moment of the bound": {EventQuery{After: behind(-5)}, at(-5), at(-5), behind(-5), true},
	} {
		got, some := c.q.Since(c.since)
		if !got.From.Equal(c.from) || got.After != c.after || some != c.some {
			t.Errorf("%s: from %v behind %q, %t", name, got.From, got.After, some)
		}
	}
}
