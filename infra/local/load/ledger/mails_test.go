package ledger

import "testing"

func TestPost(t *testing.T) {
	const to, tag = "ann@acme.example", "code-enroll"
	for name, c := range map[string]struct {
		seen                   func(*Ledger)
		missing, twice, killed int
	}{
		"a code":             {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 0); l.Received(to, tag, "1") }},
		"two codes":          {seen: func(l *Ledger) { l.Ordered(to, tag, 2, 0); l.Received(to, tag, "1"); l.Received(to, tag, "2") }},
		"a perhaps, come":    {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 1); l.Received(to, tag, "1"); l.Received(to, tag, "2") }},
		"a perhaps, not":     {seen: func(l *Ledger) { l.Ordered(to, tag, 0, 1) }},
		"a lost code":        {seen: func(l *Ledger) { l.Ordered(to, tag, 2, 0); l.Received(to, tag, "1") }, missing: 1},
		"an unwanted code":   {seen: func(l *Ledger) { l.Received(to, tag, "1") }, missing: 1},
		"to somebody else":   {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 0); l.Received("bob@acme.example", tag, "1") }, missing: 2},
		"another kind":       {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 0); l.Received(to, "code-recover", "1") }, missing: 2},
		"twice, by a kill":   {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 0); l.Received(to, tag, "1"); l.Received(to, tag, "1") }, killed: 1},
		"twice, for nothing": {seen: func(l *Ledger) { l.Ordered(to, tag, 1, 0); l.Received(to, tag, "1"); l.Received(to, tag, "1") }, twice: 1},
		"thrice": {seen: func(l *Ledger) {
			l.Ordered(to, tag, 1, 0)
			for range 3 {
				l.Received(to, tag, "1")
			}
		}, twice: 1, killed: 2},
		"a notice":                  {seen: func(l *Ledger) { l.Ordered(to, "n", 1, 0); l.Received(to, "n", "") }},
		"a lost notice":             {seen: func(l *Ledger) { l.Ordered(to, "n", 1, 0) }, missing: 1},
		"a notice twice, by a kill": {seen: func(l *Ledger) { l.Ordered(to, "n", 1, 0); l.Received(to, "n", ""); l.Received(to, "n", "") }, killed: 1},
		"a notice twice":            {seen: func(l *Ledger) { l.Ordered(to, "n", 1, 0); l.Received(to, "n", ""); l.Received(to, "n", "") }, twice: 1},
	} {
		l := New()
		for range c.killed {
			l.Killed(Kill{Function: mailer})
		}
		l.Killed(Kill{Function: "verify"}) // explains no mail
		c.seen(l)
		l.Post()
		if got, _ := broken(l, Mailed); got != c.missing {
			t.Errorf("%s: %d missing, want %d", name, got, c.missing)
		}
		if got, _ := broken(l, MailedOnce); got != c.twice {
			t.Errorf("%s: %d too often, want %d", name, got, c.twice)
		}
	}
}

// What one round has settled does not count in the next.
func TestPostBeginsAnew(t *testing.T) {
	l := New()
	l.Ordered("ann@acme.example", "n", 0, 1)
	l.Post()
	l.Received("ann@acme.example", "n", "")
	l.Post()
	wants(t, l, Mailed, 0)
	wants(t, l, MailedOnce, 1)
}
