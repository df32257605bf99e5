package ledger

type mailing struct{ to, tag string }

// letters are the mails of one kind to one address: expected, and come.
type letters struct {
	expected Range
	codes    map[string]int // how often each code came; kept until the next Post
	notices  int
}

func (l *Ledger) letters(to, tag string) *letters {
	m := mailing{to, tag}
	if l.mails[m] == nil {
		l.mails[m] = &letters{codes: map[string]int{}}
	}
	return l.mails[m]
}

// Ordered expects mails: certain ones, and those that calls without a reply may have caused besides.
func (l *Ledger) Ordered(to, tag string, certain, lost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.letters(to, tag)
	m.expected = m.expected.Add(certain, lost)
}

// Received notes a mail. code is empty for a notice.
func (l *Ledger) Received(to, tag, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.letters(to, tag)
	if code == "" {
		m.notices++
		return
	}
	m.codes[code]++
}

// Post compares what came with what was expected, when everything that was ordered has been dealt with, and begins
// anew. A code may come twice, as the same code, and a notice too: where the mailer was killed between sending and
// writing so. More than kills of the mailer in all those cannot be.
func (l *Ledger) Post() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, m := range l.mails {
		came := m.notices
		for _, times := range m.codes {
			came++
			l.twice += times - 1
			l.check(MailedOnce, times <= 2, "one code came %d times as %s", times, key.tag)
		}
		if over := m.notices - m.expected.Most; over > 0 {
			came -= over
			l.twice += over
		}
		l.check(Mailed, m.expected.Holds(came), "%s to %s: %d came, not %v", key.tag, key.to, came, m.expected)
	}
	clear(l.mails)
	kills := 0
	for _, k := range l.kills {
		if k.Function == mailer {
			kills++
		}
	}
	l.check(MailedOnce, l.twice <= kills, "%d mails came twice, with %d kills of the mailer", l.twice, kills)
}

const mailer = "mailer"
