package ses

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// capacity is how many messages are kept; the oldest go first.
const capacity = 10_000

// Message is one message in one recipient's mailbox.
type Message struct {
	ID          string            `json:"id"` // the MessageId that the sender was given
	To          string            `json:"to"`
	From        string            `json:"from"`
	Subject     string            `json:"subject"`
	Text        string            `json:"text"`
	HTML        string            `json:"html"`
	Attachments []string          `json:"attachments"` // file names
	Images      map[string]Image  `json:"-"`           // of them, those that the HTML shows, by their content id
	Headers     map[string]string `json:"headers"`     // beside those that every message has
	Tags        map[string]string `json:"tags"`
	ReceivedAt  time.Time         `json:"received_at"`
}

// Image is a picture that a message carries with it.
type Image struct {
	Type string
	Data []byte
}

type mailbox struct {
	mu       sync.Mutex
	messages []Message // oldest first
}

// add puts a copy of m into each recipient's mailbox.
func (b *mailbox) add(m Message, recipients []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, to := range recipients {
		m.To = to
		b.messages = append(b.messages, m)
	}
	if over := len(b.messages) - capacity; over > 0 {
		b.messages = slices.Clone(b.messages[over:])
	}
}

// list returns copies. Addresses are compared without regard to case, as mailboxes are in practice.
func (b *mailbox) list(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := []Message{}
	for _, m := range b.messages {
		if to == "" || strings.EqualFold(m.To, to) {
			m.Attachments = slices.Clone(m.Attachments)
			m.Tags, m.Headers, m.Images = maps.Clone(m.Tags), maps.Clone(m.Headers), maps.Clone(m.Images)
			found = append(found, m)
		}
	}
	return found
}

func (b *mailbox) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = nil
}
