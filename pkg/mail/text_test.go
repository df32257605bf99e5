package mail

import (
	"strings"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// all are one message of each kind, made from words that somebody hostile chose.
func all(name string) map[string]Message {
	messages := map[string]Message{}
	for thing := range things {
		messages["step-up "+string(thing)] = stepUpLetter(Proposal{
			Thing: thing, Organization: name, Email: "adam@example.com", Changes: map[string]string{"status": name}, Seen: name,
		}, "12345678").message()
	}
	purposes := []user.Purpose{user.ProveLogin, user.VerifyRecovery, user.Recover}
	for _, a := range append(user.Changes(), user.SignIn, user.Confirm) {
		purposes = append(purposes, user.By(a, org.Email))
	}
	for _, p := range purposes {
		messages["code "+string(p)] = codeLetter("ann@example.com", name, p, "12345678").message()
	}
	for kind := range notices {
		e := audit.Event{At: noon, Kind: kind, User: "ann", Claimed: name, Reason: name, Details: map[string]string{"way": name}}
		messages["notice "+string(kind)] = noticeLetter("ann@example.com", name, e).message()
	}
	return messages
}

func TestEveryMessageIsWhole(t *testing.T) {
	tags := map[string]string{}
	for kind, m := range all("Acme") {
		if m.To == "" || m.Subject == "" || m.Tag == "" || !strings.HasPrefix(m.HTML, "<!doctype html>") || !strings.HasSuffix(strings.TrimSpace(m.HTML), "</html>") {
			t.Errorf("%s: not whole: %+v", kind, m)
		}
		for _, body := range []string{m.Text, m.HTML} {
			if !strings.Contains(body, "Acme") || !strings.Contains(body, "ou") || strings.Contains(body, "<no value>") || strings.Contains(body, "ZgotmplZ") {
				t.Errorf("%s: a body lacks something: %q", kind, body)
			}
			if code := strings.Contains(body, "12345678"); code == strings.HasPrefix(kind, "notice") {
				t.Errorf("%s: holds a code: %v", kind, code)
			}
		}
		if before, taken := tags[m.Tag]; taken {
			t.Errorf("%s and %s have one tag", before, kind)
		}
		tags[m.Tag] = kind
		if strings.Trim(m.Tag, "abcdefghijklmnopqrstuvwxyz-_") != "" {
			t.Errorf("%s: the tag %q is none for a provider", kind, m.Tag)
		}
	}
}

// Nobody's name can end the subject and begin another header.
func TestSubjectsAreOneLine(t *testing.T) {
	for kind, m := range all("Acme\r\nBcc: eve@evil.example\x00\u2028\u2029\x7f\u0085") {
		if strings.ContainsAny(m.Subject, "\r\n\x00\u2028\u2029\x7f\u0085") {
			t.Errorf("%s: %q", kind, m.Subject)
		}
		if m.To != "ann@example.com" && m.To != "adam@example.com" {
			t.Errorf("%s: goes to %q", kind, m.To)
		}
	}
}

// Nor can it write lines of its own into the text, where they would read as ours.
func TestChosenWordsStayOnTheirLine(t *testing.T) {
	for kind, m := range all("Acme\r\n\r\nYour new code: 666") {
		for line := range strings.Lines(m.Text) {
			if strings.HasPrefix(strings.TrimSpace(line), "Your new code") {
				t.Errorf("%s: a line that somebody else wrote: %q", kind, line)
			}
		}
	}
}

func TestThePageIsEscaped(t *testing.T) {
	for kind, m := range all(`<script>alert("x")</script><a href="https://evil.example">`) {
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<a ") {
			t.Errorf("%s: markup of somebody else's: %s", kind, m.HTML)
		}
		if !strings.Contains(m.Text, "<script>") {
			t.Errorf("%s: the plain text is escaped, which nobody can read", kind)
		}
	}
}

// Mails never carry links: nobody shall learn to click in them.
func TestThereAreNoLinks(t *testing.T) {
	for kind, m := range all("Acme") {
		if strings.Contains(m.HTML, "http") || strings.Contains(m.HTML, "src=") || strings.Contains(m.Text, "http") {
			t.Errorf("%s has a link or a picture", kind)
		}
	}
}

// The change's id binds the event to its proposal and tells a reader nothing.
func TestFactsLeaveOutTheChangesID(t *testing.T) {
	got := lines(map[string]string{"status": "enabled → forced", "grace_days": "0 → 1", "change": "p1"})
	if len(got) != 2 || got[0] != "grace days: 0 → 1" || got[1] != "status: enabled → forced" {
		t.Errorf("got %q", got)
	}
}

func TestANoticeSaysWhenWhereAndWhy(t *testing.T) {
	e := audit.Event{At: noon, Kind: audit.UserReset, User: "ann", Claimed: "192.0.2.1", Reason: "lost phone"}
	m := noticeLetter("ann@example.com", "Acme", e).message()
	for _, word := range []string{"When: 22 November 2026, 12:00 UTC", "From the address: 192.0.2.1", "Reason given: lost phone"} {
		if !strings.Contains(m.Text, word) || !strings.Contains(m.HTML, word) {
			t.Errorf("the notice lacks %q", word)
		}
	}
	m = noticeLetter("ann@example.com", "Acme", audit.Event{At: noon, Kind: audit.UserReset, User: "ann"}).message()
	if strings.Contains(m.Text, "From the address") || strings.Contains(m.Text, "Reason given") {
		t.Error("the notice says what nobody knows")
	}
}

// An administrator must learn whose authenticator it is.
func TestASuspensionNamesTheUser(t *testing.T) {
	m := noticeLetter("adam@example.com", "Acme", audit.Event{At: noon, Kind: audit.UserSuspended, User: "u-4711"}).message()
	if !strings.Contains(m.Text, "u-4711") {
		t.Error("the notice does not say whose")
	}
}

// The events that the workflows notify people of all have words of their own.
func TestNoticesHaveWords(t *testing.T) {
	for _, kind := range []audit.Kind{
		audit.UserEnrolled, audit.UserDisabled, audit.UserReset, audit.RecoveryUsed, audit.UserSuspended, audit.PolicyChanged,
		audit.SenderLost, audit.SenderRemoved, audit.SenderClaimed, audit.AdministratorMoved, audit.AdministratorLinked,
	} {
		if words := notices[kind]; words[0] == "" || words[1] == "" {
			t.Errorf("%s has no words", kind)
		}
	}
}
