package ledger

import "hash/maphash"

// Use names one use of one code without telling the code: the TOTP step of an authenticator, the place of a saved
// recovery code, the number of a mailed one.
type Use struct {
	Organization, User string
	Code               string // "totp 2/59812345"
}

// Succeeded notes an assertion: what it was given for, and its id. A retry gives the same id again; another id for
// the same code, or the same id for another code, is the double success that must not be. Both are remembered by
// hashes of 64 bits: a run has some hundred thousand, and the memory of their names would be taken for a leak.
func (l *Ledger) Succeeded(u Use, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	code, assertion := maphash.Comparable(l.seed, u), maphash.String(l.seed, id)
	before, known := l.successes[code]
	l.check(OneSuccess, !known || before == assertion, "%s of %s in %s: two assertions", u.Code, u.User, u.Organization)
	other, taken := l.uses[assertion]
	l.check(OneSuccess, !taken || other == code, "%s of %s in %s and another code: one assertion", u.Code, u.User, u.Organization)
	l.successes[code], l.uses[assertion] = assertion, code
}

type (
	version struct {
		organization string
		number       int64
	}
	proposal struct{ organization, id string }
)

// Confirmed notes the acknowledgement of a policy change: the proposal, and the version that it became.
func (l *Ledger) Confirmed(organization, id string, number int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, p := version{organization, number}, proposal{organization, id}
	other, taken := l.versions[v]
	l.check(OneVersion, !taken || other == id, "%s: version %d is of two proposals", organization, number)
	before, applied := l.proposals[p]
	l.check(OneVersion, !applied || before == number, "%s: one proposal became versions %d and %d", organization, before, number)
	l.versions[v], l.proposals[p] = id, number
}

// Versions checks that an organisation's policy stands at the version that its confirmed changes have led to.
func (l *Ledger) Versions(organization string, now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	confirmed := int64(0)
	for v := range l.versions {
		if v.organization == organization {
			confirmed++
		}
	}
	l.check(OneVersion, now == confirmed+1, "%s: version %d after %d confirmed changes", organization, now, confirmed)
}
