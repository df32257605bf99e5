package user

import "time"

// Sends are the times of mailed codes, oldest first: SendLimit of them may lie within SendWindow.
type Sends []time.Time

// Recent are those within the window before now.
func (s Sends) Recent(now time.Time) Sends {
	var recent Sends
	for _, at := range s {
		if now.Sub(at) < SendWindow {
			recent = append(recent, at)
		}
	}
	return recent
}

// FreeAt is the earliest time for another one: now, unless the window is full.
func (s Sends) FreeAt(now time.Time) time.Time {
	recent := s.Recent(now)
	if len(recent) < SendLimit {
		return now
	}
	return recent[len(recent)-SendLimit].Add(SendWindow)
}
