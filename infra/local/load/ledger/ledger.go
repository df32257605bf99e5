// Package ledger is what a load test knows of Twofold: everything that was acknowledged to anybody, and what must
// therefore hold. It is pure: facts go in, a verdict comes out. It may not call anything, read a clock, or keep a code,
// key or token where a verdict could show it.
package ledger

import (
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
)

// Rule names one thing that must hold, in the words of the verdict.
type Rule string

// The rules.
const (
	OneSuccess    Rule = "one code, one success"
	SameClaims    Rule = "a retry has the same claims"
	RightAccepted Rule = "a fresh right code is accepted"
	WrongRefused  Rule = "a wrong or used code is refused"
	OneVersion    Rule = "one proposal, one version; one version, one proposal"
	Visible       Rule = "what was acknowledged is seen by the next call"
	Report        Rule = "the report shows every enrolment and reset"
	Audited       Rule = "each change has its audit event"
	Counted       Rule = "wrong answers are counted, each once"
	Projected     Rule = "the projector's counts equal a recount"
	Mailed        Rule = "every code and notice arrived"
	MailedOnce    Rule = "mail comes twice only after a kill of the mailer"
	Announced     Rule = "an announcement reaches nobody twice"
	Explained     Rule = "each 5xx is explained by a kill"
	Expected      Rule = "answers are those of the documents"
	Silent        Rule = "no panic and no secret in the logs"
	Delivered     Rule = "no stream record was given up"
	Hooked        Rule = "every event of the audit reached the webhook"
	Flat          Rule = "memory is flat"
)

// Rules are all, in the order of a verdict.
var Rules = []Rule{
	OneSuccess, SameClaims, RightAccepted, WrongRefused, OneVersion, Visible, Report, Audited, Counted, Projected, Mailed,
	MailedOnce, Announced, Explained, Expected, Silent, Delivered, Hooked, Flat,
}

// examples is how many breaches of a rule are described; all are counted.
const examples = 10

// Ledger gathers facts. It is safe for concurrent use.
type Ledger struct {
	mu        sync.Mutex
	findings  map[Rule]*Finding
	seed      maphash.Seed
	successes map[uint64]uint64 // by code the assertion that it gave
	uses      map[uint64]uint64 // by assertion its code
	versions  map[version]string
	proposals map[proposal]int64
	mails     map[mailing]*letters
	twice     int
	failures  []Failure
	kills     []Kill
}

// New is an empty ledger.
func New() *Ledger {
	l := &Ledger{
		findings: map[Rule]*Finding{}, seed: maphash.MakeSeed(), successes: map[uint64]uint64{}, uses: map[uint64]uint64{}, versions: map[version]string{},
		proposals: map[proposal]int64{}, mails: map[mailing]*letters{},
	}
	for _, r := range Rules {
		l.findings[r] = &Finding{Rule: r}
	}
	return l
}

// Finding says how a rule fared.
type Finding struct {
	Rule     Rule
	Checked  int
	Broken   int
	Examples []string // of breaches
}

// Check notes one application of a rule; where it does not hold, the words describe the breach.
func (l *Ledger) Check(r Rule, holds bool, format string, words ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.check(r, holds, format, words...)
}

func (l *Ledger) check(r Rule, holds bool, format string, words ...any) {
	f := l.findings[r]
	f.Checked++
	if holds {
		return
	}
	f.Broken++
	if len(f.Examples) < examples {
		f.Examples = append(f.Examples, fmt.Sprintf(format, words...))
	}
}

// Verdict lists every rule. It is good news only if no rule is broken.
func (l *Ledger) Verdict() []Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Finding
	for _, r := range Rules {
		f := *l.findings[r]
		f.Examples = slices.Clone(f.Examples)
		all = append(all, f)
	}
	return all
}

// Range is a count that is known only between bounds, because of replies that were lost.
type Range struct{ Least, Most int }

// Add adds what is certain, and besides it what may have happened.
func (r Range) Add(certain, perhaps int) Range {
	return Range{r.Least + certain, r.Most + certain + perhaps}
}

// Holds reports whether n lies within.
func (r Range) Holds(n int) bool { return r.Least <= n && n <= r.Most }

func (r Range) String() string {
	if r.Least == r.Most {
		return fmt.Sprint(r.Least)
	}
	return fmt.Sprintf("%d to %d", r.Least, r.Most)
}
