// Package ses stands in for Amazon SES, version 2 of its API, and shows what was sent as a page in the browser. It
// refuses what the service refuses, so that a message that arrives here would be accepted there. It delivers nothing
// to anyone, keeps codes in memory for everyone on this machine to read, and may not be imported by anything that is
// deployed.
package ses

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxRequest is the service's limit of a message, attachments included, in bytes.
const maxRequest = 40 << 20

// LoseReply as a Fault's status accepts the message and then cuts the connection: the sender cannot know.
const LoseReply = -1

// Fault decides what becomes of a message to an address: zero accepts it, an HTTP status refuses it, LoseReply
// accepts it and loses the answer.
type Fault func(to string) (status int)

// SES is an http.Handler: the service's endpoint and the mailbox page. It is safe for concurrent use.
type SES struct {
	sender string
	now    func() time.Time
	box    mailbox
	mux    *http.ServeMux

	mu         sync.Mutex
	fault      Fault
	identities map[string]*identity // by domain, in lower case
}

// New makes an endpoint that accepts mail from the one address sender, as if only that were verified, and from domains whose
// identities are made and whose DNS records are said to be published.
func New(sender string, now func() time.Time) *SES {
	s := &SES{sender: sender, now: now, mux: http.NewServeMux(), identities: map[string]*identity{}}
	s.mux.HandleFunc("POST /v2/email/outbound-emails", s.send)
	s.mux.HandleFunc("POST /v2/email/identities", s.create)
	s.mux.HandleFunc("GET /v2/email/identities/{identity}", s.get)
	s.mux.HandleFunc("DELETE /v2/email/identities/{identity}", s.remove)
	s.mux.HandleFunc("POST /identities", s.play)
	s.mux.HandleFunc("GET /{$}", s.page)
	s.mux.HandleFunc("GET /style.css", style)
	s.mux.HandleFunc("GET /messages", s.list)
	return s
}

// SetFault makes messages fail from now on; nil ends that.
func (s *SES) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *SES) faultFor(to string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		return 0
	}
	return s.fault(to)
}

// Messages returns what the address received, oldest first; all messages for an empty address. A message to several
// recipients is there once for each.
func (s *SES) Messages(to string) []Message { return s.box.list(to) }

// Receive puts a message that came another way, such as an SMS, where people look for what was sent.
func (s *SES) Receive(m Message) {
	m.ReceivedAt = s.now().UTC()
	s.box.add(m, []string{m.To})
}

// Clear empties every mailbox.
func (s *SES) Clear() { s.box.clear() }

// ServeHTTP answers requests that were meant for this machine only: a web page whose name resolves to a loopback
// address must not read the codes in the developer's mailbox.
func (s *SES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		http.Error(w, "this mailbox is for this machine only", http.StatusMisdirectedRequest)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// send is the operation SendEmail.
func (s *SES) send(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, bad("the message is too large"))
		return
	}
	var in sendInput
	if err := json.Unmarshal(body, &in); err != nil {
		refuse(w, bad("the request is no JSON of SendEmail"))
		return
	}
	message, recipients, failed := s.check(in)
	if failed != nil {
		refuse(w, failed)
		return
	}
	message.ID = uuid.NewString()
	message.ReceivedAt = s.now().UTC()
	lost := false
	for _, to := range recipients { // all or none: the service refuses a request as a whole
		switch status := s.faultFor(to); status {
		case 0:
		case LoseReply:
			lost = true
		default:
			refuse(w, injected(status))
			return
		}
	}
	s.box.add(message, recipients)
	if lost {
		panic(http.ErrAbortHandler) // which net/http answers by closing the connection
	}
	write(w, http.StatusOK, map[string]string{"MessageId": message.ID})
}

// failure is one of the service's errors.
type failure struct {
	status     int
	kind, text string
}

func bad(text string) *failure { return &failure{http.StatusBadRequest, "BadRequestException", text} }

func injected(status int) *failure {
	switch {
	case status == http.StatusTooManyRequests:
		return &failure{status, "TooManyRequestsException", "injected"}
	case status >= 500:
		return &failure{status, "InternalServiceErrorException", "injected"}
	}
	return &failure{status, "MessageRejected", "injected"}
}

func refuse(w http.ResponseWriter, f *failure) {
	w.Header().Set("X-Amzn-ErrorType", f.kind)
	write(w, f.status, map[string]string{"message": f.text})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
