package memstore

// Operation is a call of the store that can be made to fail.
type Operation string

// The operations, named like the methods. Reading one administrator, application, reader or docket is One.
const (
	Read                      Operation = "Read"
	Write                     Operation = "Write"
	Members                   Operation = "Members"
	Registered                Operation = "Registered"
	Devices                   Operation = "Devices"
	ReadOrganization          Operation = "ReadOrganization"
	WriteOrganization         Operation = "WriteOrganization"
	One                       Operation = "One"
	Counts                    Operation = "Counts"
	Activity                  Operation = "Activity"
	Policies                  Operation = "Policies"
	Counted                   Operation = "Counted"
	Count                     Operation = "Count"
	AddFacts                  Operation = "AddFacts"
	AddSignIns                Operation = "AddSignIns"
	CountSignIn               Operation = "CountSignIn"
	Tallied                   Operation = "Tallied"
	Raise                     Operation = "Raise"
	SignIns                   Operation = "SignIns"
	Recipient                 Operation = "Recipient"
	Addressee                 Operation = "Addressee"
	Branding                  Operation = "Branding"
	WriteBranding             Operation = "WriteBranding"
	Face                      Operation = "Face"
	Pending                   Operation = "Pending"
	Administrators            Operation = "Administrators"
	Applications              Operation = "Applications"
	Readers                   Operation = "Readers"
	Keys                      Operation = "Keys"
	KnownOrganizations        Operation = "KnownOrganizations"
	Organizations             Operation = "Organizations"
	Tallies                   Operation = "Tallies"
	Days                      Operation = "Days"
	BeginRecount              Operation = "BeginRecount"
	KeepRecount               Operation = "KeepRecount"
	Standing                  Operation = "Standing"
	Recounted                 Operation = "Recounted"
	EndRecount                Operation = "EndRecount"
	NoteUse                   Operation = "NoteUse"
	WritePeople               Operation = "WritePeople"
	Arrival                   Operation = "Arrival"
	WriteArrival              Operation = "WriteArrival"
	WriteAdmission            Operation = "WriteAdmission"
	Arriving                  Operation = "Arriving"
	Claim                     Operation = "Claim"
	Spend                     Operation = "Spend"
	Told                      Operation = "Told"
	Mark                      Operation = "Mark"
	Report                    Operation = "Report"
	Users                     Operation = "Users"
	Events                    Operation = "Events"
	CreateSystemAdministrator Operation = "CreateSystemAdministrator"
	Sender                    Operation = "Sender"
	DomainClaim               Operation = "DomainClaim"
	WriteSender               Operation = "WriteSender"
	Subscription              Operation = "Subscription"
	WriteSubscription         Operation = "WriteSubscription"
	Webhook                   Operation = "Webhook"
	Webhooks                  Operation = "Webhooks"
	LoseSender                Operation = "LoseSender"
	DueAnnouncements          Operation = "DueAnnouncements"
	Announcement              Operation = "Announcement"
	Announcements             Operation = "Announcements"
	Advance                   Operation = "Advance"
	WriteAnnouncement         Operation = "WriteAnnouncement"
	Log                       Operation = "Log"
	Extend                    Operation = "Extend"
	Unsigned                  Operation = "Unsigned"
	Leaves                    Operation = "Leaves"
	Checkpoint                Operation = "Checkpoint"
	WriteCheckpoint           Operation = "WriteCheckpoint"
	Entries                   Operation = "Entries"
	Entry                     Operation = "Entry"
	LeafRange                 Operation = "LeafRange"
	EventsAt                  Operation = "EventsAt"
	Shedding                  Operation = "Shedding"
	Outdated                  Operation = "Outdated"
	Remove                    Operation = "Remove"
)

type failure struct {
	persisted bool
	err       error // nil: this call does not fail
}

// FailNext makes a coming call of an operation fail with err: before it did anything or, with persisted, after it
// was done, as when an acknowledgement is lost and nobody asks again. Failures of one operation come in the order they were asked for.
func (s *Store) FailNext(op Operation, persisted bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[op] = append(s.failures[op], failure{persisted, err})
}

// FailAfter is FailNext for the call after so many that do not fail.
func (s *Store) FailAfter(op Operation, calls int, persisted bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[op] = append(append(s.failures[op], make([]failure, calls)...), failure{persisted, err})
}

// do runs an operation alone, with the failure that is due.
func (s *Store) do(op Operation, act func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.failures[op]
	if len(due) == 0 {
		return act()
	}
	s.failures[op] = due[1:]
	if due[0].err == nil {
		return act()
	}
	if !due[0].persisted {
		return due[0].err
	}
	if err := act(); err != nil {
		return err
	}
	return due[0].err
}
