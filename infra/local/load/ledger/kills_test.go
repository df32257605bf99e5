package ledger

import (
	"testing"
	"time"
)

func at(ms int) time.Time { return time.UnixMilli(1_800_000_000_000 + int64(ms)) }

func failed(function string, from, to int) Failure {
	return Failure{Function: function, Status: 500, From: at(from), To: at(to), Call: "POST answer"}
}

func killed(function string, from, to int) Kill { return Kill{function, at(from), at(to)} }

func TestExplain(t *testing.T) {
	for name, c := range map[string]struct {
		failures []Failure
		kills    []Kill
		want     int
	}{
		"a kill in the middle":         {[]Failure{failed("verify", 0, 10)}, []Kill{killed("verify", 4, 6)}, 0},
		"a kill that takes longer":     {[]Failure{failed("verify", 0, 10)}, []Kill{killed("verify", 8, 20)}, 0},
		"no kill":                      {[]Failure{failed("verify", 0, 10)}, nil, 1},
		"a kill before":                {[]Failure{failed("verify", 5, 10)}, []Kill{killed("verify", 1, 4)}, 1},
		"a kill after":                 {[]Failure{failed("verify", 5, 10)}, []Kill{killed("verify", 11, 12)}, 1},
		"a kill of another":            {[]Failure{failed("verify", 0, 10)}, []Kill{killed("enroll", 4, 6)}, 1},
		"two failures of one kill":     {[]Failure{failed("verify", 0, 10), failed("verify", 1, 9)}, []Kill{killed("verify", 4, 6)}, 1},
		"two failures, two kills":      {[]Failure{failed("verify", 0, 10), failed("verify", 1, 9)}, []Kill{killed("verify", 4, 6), killed("verify", 7, 8)}, 0},
		"the earlier one to the first": {[]Failure{failed("verify", 0, 20), failed("verify", 0, 5)}, []Kill{killed("verify", 15, 16), killed("verify", 3, 4)}, 0},
	} {
		l := New()
		for _, f := range c.failures {
			l.Failed(f)
		}
		for _, k := range c.kills {
			l.Killed(k)
		}
		l.Explain()
		if got, checked := broken(l, Explained); got != c.want || checked != len(c.failures) {
			t.Errorf("%s: %d of %d unexplained, want %d of %d", name, got, checked, c.want, len(c.failures))
		}
	}
}

func TestExplainEndsItsNotes(t *testing.T) {
	l := New()
	l.Failed(failed("verify", 0, 1))
	l.Explain()
	l.Explain()
	if _, checked := broken(l, Explained); checked != 1 {
		t.Errorf("one failure is judged %d times", checked)
	}
}

func TestKillsAreCountedByFunction(t *testing.T) {
	l := New()
	l.Killed(killed("verify", 0, 1))
	l.Killed(killed("verify", 2, 3))
	l.Killed(killed("mailer", 2, 3))
	if got := l.Kills(); len(got) != 2 || got["verify"] != 2 || got["mailer"] != 1 {
		t.Errorf("%v", got)
	}
}
