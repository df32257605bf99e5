package mail

import (
	"context"
	"slices"
	"strings"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// noticeOpener opens what was sealed for the notice of one event.
type noticeOpener struct{}

func (o noticeOpener) Open(ciphertext, associated []byte) ([]byte, error) {
	if string(associated) != string(user.NoticeUse("acme", "ann", "e1")) {
		return nil, errDown
	}
	return ciphertext, nil
}

// A notice with addresses of its own goes there and nowhere else, whoever the user is by now.
func TestANoticeGoesToTheAddressesThatItNames(t *testing.T) {
	for _, gone := range []bool{true, false} {
		p := newPost(t)
		p.Contacts = noticeOpener{}
		if gone {
			p.store.profile = nil
		}
		o := about(audit.UserDeleted, "ann")
		o.User, o.To = "ann", []byte("old@example.com\nOLD@example.com\nhome@home.example")
		for range 2 {
			if err := p.Deliver(context.Background(), o); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.out.recipients(); !slices.Equal(got, []string{"old@example.com", "home@home.example"}) {
			t.Errorf("told %v", got)
		}
		if m := p.out.sent[0]; !strings.Contains(m.Subject, "deleted") || !strings.Contains(m.Text, "last message") {
			t.Errorf("told %q", m.Subject)
		}
	}
	p := newPost(t)
	o := about(audit.UserDeleted, "ann")
	o.User, o.To = "ann", []byte("sealed for something else")
	if err := p.Deliver(context.Background(), o); fault.As(err).Kind != fault.Unavailable || len(p.out.sent) != 0 {
		t.Errorf("what cannot be opened: %v, %d mails", err, len(p.out.sent))
	}
}

func TestWordsOfAnImportedAuthenticator(t *testing.T) {
	e := audit.Event{ID: "e1", At: noon, Kind: audit.UserEnrolled, Organization: "acme", User: "ann", Details: map[string]string{"method": "totp", "imported": "true"}}
	if l := noticeLetter(acmeSays, "ann@example.com", e); !strings.Contains(l.content.Lead, "taken over") {
		t.Errorf("told %q", l.content.Lead)
	}
	delete(e.Details, "imported")
	if l := noticeLetter(acmeSays, "ann@example.com", e); strings.Contains(l.content.Lead, "taken over") {
		t.Errorf("told %q", l.content.Lead)
	}
}
