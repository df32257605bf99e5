package ledger

// Account is what must hold of one user. It belongs to one goroutine at a time.
type Account struct {
	Organization, User string

	Registered bool
	Enrolled   bool
	Failures   Range            // counted within the day, since the last reset
	Row        Range            // counted since the last success
	Events     map[string]Range // audit events by kind
}

// NewAccount is a user who never signed in.
func NewAccount(organization, user string) *Account {
	return &Account{Organization: organization, User: user, Events: map[string]Range{}}
}

// The budget of wrong answers (design §9): the fifth in a row locks, the thirtieth in a day does so for long. Below
// them no answer is refused unevaluated, so that the ledger can count exactly.
const (
	InRow = 5
	InDay = 30
)

// CanFail reports whether n further wrong answers leave the account unlocked, whatever lost replies did.
func (a *Account) CanFail(n int) bool { return a.Row.Most+n < InRow && a.Failures.Most+n < InDay }

// MayBeLocked reports whether answers may be refused unevaluated.
func (a *Account) MayBeLocked() bool { return a.Row.Most >= InRow || a.Failures.Most >= InDay }

// Refused notes wrong answers: how many were acknowledged as refused, and how many calls got no reply. Those that may
// have met a lock may not have been counted.
func (a *Account) Refused(acknowledged, lost int) {
	free := min(InRow-a.Row.Most, InDay-a.Failures.Most) - lost
	certain := min(acknowledged, max(0, free))
	a.Failures = a.Failures.Add(certain, acknowledged-certain+lost)
	a.Row = a.Row.Add(certain, acknowledged-certain+lost)
}

// Proved notes a right answer, and how many wrong ones may have been counted after it.
func (a *Account) Proved(after int) { a.Row = Range{0, after} }

// Note expects audit events of a kind: certain ones, and those of calls that got no reply.
func (a *Account) Note(kind string, certain, lost int) {
	a.Events[kind] = a.Events[kind].Add(certain, lost)
}

// Reset notes an acknowledged reset: nothing is enrolled any more, and no failure counts.
func (a *Account) Reset() {
	a.Enrolled, a.Failures, a.Row = false, Range{}, Range{}
}
