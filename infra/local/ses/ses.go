// Package ses stands in for Amazon SES, version 2 of its API, and shows what was sent as a page in the browser. It
// refuses what the service refuses, so that a message that arrives here would be accepted there. It delivers nothing
// to anyone, keeps codes in memory for everyone on this machine to read, and may not be imported by anything that is
// deployed.
package ses

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/loopback"
)

// maxRequest is the service's limit of a message, attachments included, in bytes.
const maxRequest = 40 << 20

// SES is an http.Handler: the service's endpoint and the mailbox page. It is safe for concurrent use.
type SES struct {
	sender string
	now    func() time.Time
	box    mailbox
	mux    *http.ServeMux

	mu         sync.Mutex
	fault      Fault
	faults     []played
	identities map[string]*identity            // by domain, in lower case
	sets       map[string]func(message string) // configuration sets, with whom they tell of events
	suppressed map[string]bool                 // addresses in lower case
	quota      Quota
	bucket     float64   // what may be sent at once
	filled     time.Time // when the bucket was filled last
	sent       []time.Time
	ways       []way // what the page shows beside mails
}

// New makes an endpoint that accepts mail from the one address sender, as if only that were verified, and from domains whose
// identities are made and whose DNS records are said to be published.
func New(sender string, now func() time.Time) *SES {
	s := &SES{
		sender: sender, now: now, mux: http.NewServeMux(), identities: map[string]*identity{}, sets: map[string]func(string){},
		suppressed: map[string]bool{},
	}
	s.mux.HandleFunc("POST /v2/email/outbound-emails", s.send)
	s.mux.HandleFunc("POST /v2/email/outbound-bulk-emails", s.sendBulk)
	s.mux.HandleFunc("POST /v2/email/identities", s.create)
	s.mux.HandleFunc("GET /v2/email/identities/{identity}", s.get)
	s.mux.HandleFunc("DELETE /v2/email/identities/{identity}", s.remove)
	s.mux.HandleFunc("GET /v2/email/account", s.account)
	s.mux.HandleFunc("PUT /v2/email/suppression/addresses", s.suppress)
	s.mux.HandleFunc("DELETE /v2/email/suppression/addresses/{address}", s.release)
	s.mux.HandleFunc("POST /identities", s.play)
	s.mux.HandleFunc("GET /html", s.html)
	s.mux.HandleFunc("POST /faults", s.ask)
	s.mux.HandleFunc("DELETE /faults", s.heal)
	s.mux.HandleFunc("GET /{$}", s.page)
	s.mux.HandleFunc("GET /style.css", style)
	s.mux.HandleFunc("GET /watch.js", watch)
	s.mux.HandleFunc("GET /messages", s.list)
	return s
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
	if !loopback.Only(w, r, "mailbox") {
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
	if failed := s.checkSet(in.ConfigurationSetName); failed != nil {
		refuse(w, failed)
		return
	}
	id, outcome, failed := s.accept(in, false)
	switch {
	case failed != nil:
		refuse(w, failed)
	case outcome == LoseReply:
		panic(http.ErrAbortHandler) // which net/http answers by closing the connection
	default:
		write(w, http.StatusOK, map[string]string{"MessageId": id})
	}
}

// accept takes a message as a whole, or refuses it as a whole, and does with it what its recipients' outcomes say. One whose template
// cannot be filled is accepted, and told of later.
func (s *SES) accept(in sendInput, unrendered bool) (id string, lost Outcome, failed *failure) {
	m, recipients, failed := s.check(in)
	if failed != nil {
		return "", 0, failed
	}
	outcomes := make([]Outcome, len(recipients))
	for i, to := range recipients {
		outcomes[i] = s.outcomeFor(to)
		if outcomes[i] > 0 {
			return "", 0, injected(outcomes[i])
		}
	}
	if failed := s.count(len(recipients)); failed != nil {
		return "", 0, failed
	}
	m.ID, m.ReceivedAt = uuid.NewString(), s.now().UTC()
	for i, to := range recipients {
		if outcomes[i] == LoseReply {
			lost = LoseReply
		}
		if unrendered {
			s.unrendered(m, to, in.ConfigurationSetName)
			continue
		}
		s.arrive(m, to, in.ConfigurationSetName, outcomes[i])
	}
	return m.ID, lost, nil
}

// failure is one of the service's errors.
type failure struct {
	status     int
	kind, text string
}

func bad(text string) *failure { return &failure{http.StatusBadRequest, "BadRequestException", text} }

func refuse(w http.ResponseWriter, f *failure) {
	w.Header().Set("X-Amzn-ErrorType", f.kind)
	write(w, f.status, map[string]string{"message": f.text})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
