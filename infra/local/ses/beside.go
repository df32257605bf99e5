package ses

import (
	"slices"
	"time"
)

// maxBeside is how much of each other way the page shows.
const maxBeside = 20

// Sent is something that went out another way than by mail or SMS, to a machine.
type Sent struct {
	What   string // "user.reset"
	To     string
	Answer string // what its receiver said; empty where it says nothing
	Text   string
	At     time.Time
}

// way is one of those ways.
type way struct {
	Title string
	list  func() []Sent
}

// Shown is one of them, as the page has it.
type Shown struct {
	Title string
	Sent  []Sent // newest first
}

// Beside has the page show, below the mails, what went out another way. list gives it oldest first. It is no mail: Messages does not have it.
func (s *SES) Beside(title string, list func() []Sent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ways = append(s.ways, way{title, list})
}

func (s *SES) shown() []Shown {
	s.mu.Lock()
	ways := slices.Clone(s.ways)
	s.mu.Unlock()
	var all []Shown
	for _, w := range ways {
		sent := w.list()
		slices.Reverse(sent)
		all = append(all, Shown{w.Title, sent[:min(len(sent), maxBeside)]})
	}
	return all
}
