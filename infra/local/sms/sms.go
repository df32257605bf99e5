// Package sms stands in for AWS End User Messaging SMS: the one operation SendTextMessage of the API "Pinpoint SMS Voice V2", with the
// list of numbers that have opted out and the events of a configuration set. It refuses what the service refuses of it, and
// hands the rest on instead of sending it. What a number or its carrier does, whoever plays says, in Go or by HTTP. It may not be imported by
// anything that is deployed.
package sms

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/google/uuid"

	"twofold/infra/local/loopback"
)

// maxRequest is more than any request of the operation can hold, in bytes.
const maxRequest = 64 << 10

// Message is one that was accepted.
type Message struct {
	ID      string
	To      string // E.164
	From    string // the origination identity, as it was named
	Body    string
	Context map[string]string
}

// Failure is one of the service's errors, by its name and its reason; LoseReply as the name accepts the message and then cuts the
// connection. The zero value accepts.
type Failure struct{ Name, Reason string }

// LoseReply leaves the sender without an answer.
const LoseReply = "lose reply"

// SMS is an http.Handler: the service's endpoint. It is safe for concurrent use.
type SMS struct {
	account string // what ARNs begin with
	accept  func(Message)
	mux     *http.ServeMux

	mu         sync.Mutex
	fault      func(to string) Failure
	identities map[string]map[string]string // ARN → tags
	sets       map[string]func(event string)
	numbers    map[string]Number
}

// New makes an endpoint that knows one origination identity, by its ARN, and hands what it accepts to accept.
func New(origination string, accept func(Message)) *SMS {
	s := &SMS{
		account: origination[:strings.LastIndexByte(origination, ':')+1], accept: accept, mux: http.NewServeMux(),
		identities: map[string]map[string]string{origination: nil}, sets: map[string]func(string){}, numbers: map[string]Number{},
	}
	s.mux.HandleFunc("POST /{$}", s.send)
	s.mux.HandleFunc("POST /numbers", s.play)
	s.mux.HandleFunc("GET /numbers", s.list)
	return s
}

// SetFault makes messages fail from now on; nil ends that.
func (s *SMS) SetFault(f func(to string) Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *SMS) faultFor(to string) Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch played := s.numbers[to]; {
	case s.fault != nil:
		return s.fault(to)
	case played.OptedOut:
		return Failure{"ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT"}
	case played.Fails != "":
		name, reason, _ := strings.Cut(played.Fails, " ")
		return Failure{name, reason}
	}
	return Failure{}
}

type input struct {
	DestinationPhoneNumber, OriginationIdentity, MessageBody, MessageType, MaxPrice, ConfigurationSetName string
	TimeToLive                                                                                            *int
	Context                                                                                               map[string]string
}

// The patterns of the API reference.
var (
	number = regexp.MustCompile(`^\+?[1-9][0-9]{1,18}$`)
	price  = regexp.MustCompile(`^[0-9]{0,2}\.[0-9]{1,5}$`)
)

// check names the reason for which the service refuses a request; empty: it does not.
func (in input) check() string {
	ttl := in.TimeToLive == nil || *in.TimeToLive >= 5 && *in.TimeToLive <= 259_200
	switch {
	case in.DestinationPhoneNumber == "":
		return "MISSING_PARAMETER"
	case !number.MatchString(in.DestinationPhoneNumber), in.MessageBody == "" || len(in.MessageBody) > 1600, !ttl, len(in.Context) > 5,
		in.MaxPrice != "" && !price.MatchString(in.MaxPrice), in.MessageType != "TRANSACTIONAL" && in.MessageType != "PROMOTIONAL":
		return "FIELD_VALIDATION_FAILED"
	}
	return ""
}

// ServeHTTP answers requests that were meant for this machine only: no web page is to play here, nor to read numbers.
func (s *SMS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback.Only(w, r, "service") {
		return
	}
	s.mux.ServeHTTP(w, r)
}

// send is the operation SendTextMessage, in the protocol AWS JSON 1.0.
func (s *SMS) send(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "PinpointSMSVoiceV2.SendTextMessage" {
		refuse(w, Failure{"ValidationException", "UNKNOWN_OPERATION"})
		return
	}
	var in input
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&in); err != nil {
		refuse(w, Failure{"ValidationException", "CANNOT_PARSE"})
		return
	}
	if why := in.check(); why != "" {
		refuse(w, Failure{"ValidationException", why})
		return
	}
	publish, failed := s.terms(in)
	if failed.Name != "" {
		refuse(w, failed)
		return
	}
	fault := s.faultFor(in.DestinationPhoneNumber)
	if fault.Name != "" && fault.Name != LoseReply {
		refuse(w, fault)
		return
	}
	m := Message{ID: uuid.NewString(), To: in.DestinationPhoneNumber, From: in.OriginationIdentity, Body: in.MessageBody, Context: in.Context}
	s.accept(m)
	if publish != nil {
		s.happen(m, publish)
	}
	if fault.Name == LoseReply {
		panic(http.ErrAbortHandler) // which net/http answers by closing the connection
	}
	write(w, http.StatusOK, map[string]string{"MessageId": m.ID})
}

func refuse(w http.ResponseWriter, f Failure) {
	status := http.StatusBadRequest
	if f.Name == "InternalServerException" {
		status = http.StatusInternalServerError
	}
	write(w, status, map[string]string{"__type": "com.amazonaws.pinpointsmsvoicev2#" + f.Name, "Message": "refused", "Reason": f.Reason})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
