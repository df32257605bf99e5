// Package sqs stands in for Amazon SQS and for Lambda's poller of a queue: standard queues with delays, visibility timeouts and redrive,
// the two operations that functions call (SendMessage, ChangeMessageVisibility), and the invocations of a function with what is in one. It
// keeps messages in memory: what waits when the stack ends is lost. It may not be imported by anything that is deployed.
package sqs

import (
	"crypto/md5" // which the service answers with, and the SDK compares
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/template"
)

// URL is a queue's, as the service writes it; the last part alone counts here.
func URL(region, account, id string) string {
	return "https://sqs." + region + ".amazonaws.com/" + account + "/" + id
}

// maxMessage is the service's limit of a message, in bytes (1 MiB since August 2025).
const maxMessage = 1 << 20

// message is one in a queue.
type message struct {
	id       string
	body     string
	sent     time.Time
	visible  time.Time // from then on it can be received
	first    time.Time // when it was first received; zero: never
	received int
	receipt  string // of the latest receipt
}

// SQS is an http.Handler: the service's endpoint. It is safe for concurrent use.
type SQS struct {
	now func() time.Time

	mu     sync.Mutex
	queues map[string]template.Queue
	lying  map[string][]*message // by the queue's id
	woken  chan struct{}         // closed, and made anew, when something may have become visible
}

// New makes the queues.
func New(queues []template.Queue, now func() time.Time) *SQS {
	s := &SQS{now: now, queues: map[string]template.Queue{}, lying: map[string][]*message{}, woken: make(chan struct{})}
	for _, q := range queues {
		s.queues[q.ID] = q
	}
	return s
}

// Messages are the bodies of what lies in a queue, visible or not, oldest first.
func (s *SQS) Messages(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var bodies []string
	for _, m := range s.lying[id] {
		bodies = append(bodies, m.body)
	}
	return bodies
}

// Hurry makes everything in a queue visible now, as if its delays were over: tests need not wait for them.
func (s *SQS) Hurry(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.lying[id] {
		m.visible = s.now()
	}
	s.wake()
}

func (s *SQS) wake() {
	close(s.woken)
	s.woken = make(chan struct{})
}

type input struct {
	QueueURL          string `json:"QueueUrl"`
	MessageBody       *string
	DelaySeconds      int
	ReceiptHandle     string
	VisibilityTimeout *int
}

// ServeHTTP answers in the protocol AWS JSON 1.0.
func (s *SQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in input
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxMessage)).Decode(&in); err != nil {
		refuse(w, "InvalidParameterValue")
		return
	}
	id := path.Base(in.QueueURL)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.queues[id]; !known {
		refuse(w, "QueueDoesNotExist")
		return
	}
	switch r.Header.Get("X-Amz-Target") {
	case "AmazonSQS.SendMessage":
		s.send(w, id, in)
	case "AmazonSQS.ChangeMessageVisibility":
		s.hide(w, id, in)
	default:
		refuse(w, "UnsupportedOperation")
	}
}

func (s *SQS) send(w http.ResponseWriter, id string, in input) {
	if in.MessageBody == nil || *in.MessageBody == "" || len(*in.MessageBody) > maxMessage || in.DelaySeconds < 0 || in.DelaySeconds > 900 {
		refuse(w, "InvalidParameterValue")
		return
	}
	now := s.now()
	m := &message{id: uuid.NewString(), body: *in.MessageBody, sent: now, visible: now.Add(time.Duration(in.DelaySeconds) * time.Second)}
	s.lying[id] = append(s.lying[id], m)
	s.wake()
	sum := md5.Sum([]byte(m.body))
	write(w, map[string]string{"MessageId": m.id, "MD5OfMessageBody": hex.EncodeToString(sum[:])})
}

func (s *SQS) hide(w http.ResponseWriter, id string, in input) {
	const longest = 12 * 60 * 60
	if in.VisibilityTimeout == nil || *in.VisibilityTimeout < 0 || *in.VisibilityTimeout > longest {
		refuse(w, "InvalidParameterValue")
		return
	}
	at := slices.IndexFunc(s.lying[id], func(m *message) bool { return m.receipt != "" && m.receipt == in.ReceiptHandle })
	if at < 0 || !s.now().Before(s.lying[id][at].visible) {
		refuse(w, "MessageNotInflight")
		return
	}
	s.lying[id][at].visible = s.now().Add(time.Duration(*in.VisibilityTimeout) * time.Second)
	s.wake()
	w.WriteHeader(http.StatusOK)
}

// receive takes up to n visible messages of a queue. What was received as often as the queue allows goes to the dead letters instead.
// The last answers say when the next one becomes visible, and what to wait for until then.
func (s *SQS) receive(id string, n int) (got []*message, next time.Time, woken <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, now := s.queues[id], s.now()
	var staying []*message
	for _, m := range s.lying[id] {
		switch {
		case now.Before(m.visible):
			if next.IsZero() || m.visible.Before(next) {
				next = m.visible
			}
		case q.MaxReceive > 0 && m.received >= q.MaxReceive:
			s.lying[q.DeadLetter] = append(s.lying[q.DeadLetter], &message{id: m.id, body: m.body, sent: m.sent, visible: now})
			continue
		case len(got) < n:
			m.received++
			m.receipt, m.visible = uuid.NewString(), now.Add(q.Visibility)
			if m.first.IsZero() {
				m.first = now
			}
			seen := *m
			got = append(got, &seen)
		}
		staying = append(staying, m)
	}
	s.lying[id] = staying
	return got, next, s.woken
}

// remove deletes messages, by the receipts of their latest receptions: whoever received one again keeps it.
func (s *SQS) remove(id string, done []*message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lying[id] = slices.DeleteFunc(s.lying[id], func(m *message) bool {
		return slices.ContainsFunc(done, func(d *message) bool { return d.receipt == m.receipt })
	})
}

func refuse(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws.sqs#" + kind, "message": "refused"})
}

func write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
