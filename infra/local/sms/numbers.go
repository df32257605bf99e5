package sms

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Number is what a number does, and its carrier.
type Number struct {
	OptedOut bool   `json:"opted_out"`       // its owner has answered "STOP"
	Ends     string `json:"ends,omitempty"`  // the event that its messages end with, such as TEXT_INVALID; empty: TEXT_DELIVERED
	Fails    string `json:"fails,omitempty"` // an exception that its messages are refused with, and its reason: "ValidationException PRICE_OVER_THRESHOLD"
}

// SetNumber says what a number does from now on.
func (s *SMS) SetNumber(number string, n Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[number] = n
}

var (
	ends  = regexp.MustCompile(`^(TEXT_[A-Z_]{1,40})?$`)
	fails = regexp.MustCompile(`^([A-Za-z]{1,60}( [A-Z_]{1,80})?|lose reply)?$`)
)

// play is SetNumber for whoever has a browser or curl: number, opted_out ("true"), ends and fails; what is left out is as at first.
func (s *SMS) play(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	n := Number{OptedOut: r.FormValue("opted_out") == "true", Ends: r.FormValue("ends"), Fails: r.FormValue("fails")}
	to := r.FormValue("number")
	if strings.ContainsFunc(to, unicode.IsSpace) {
		http.Error(w, "number holds a blank: send it with --data-urlencode, since a + in a form stands for one", http.StatusBadRequest)
		return
	}
	if !number.MatchString(to) || !ends.MatchString(n.Ends) || !fails.MatchString(n.Fails) {
		http.Error(w, "a number is played by number, opted_out, ends and fails", http.StatusBadRequest)
		return
	}
	s.SetNumber(to, n)
	w.WriteHeader(http.StatusNoContent)
}

// list are all numbers that somebody has said something of.
func (s *SMS) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	all := maps.Clone(s.numbers)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all) // a client that is gone hears nothing
}

// happen publishes the events of a message: that it waits, and how it ended.
func (s *SMS) happen(m Message, publish func(string)) {
	s.mu.Lock()
	end := s.numbers[m.To].Ends
	s.mu.Unlock()
	if end == "" {
		end = "TEXT_DELIVERED"
	}
	publish(Event(m, "TEXT_PENDING", false, time.Now()))
	publish(Event(m, end, true, time.Now()))
}

// Event is the text that the service publishes of a message.
// https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html
func Event(m Message, kind string, final bool, at time.Time) string {
	text, _ := json.Marshal(map[string]any{ // texts, numbers and truths: it cannot fail
		"eventType": kind, "eventVersion": "1.0", "eventTimestamp": at.UnixMilli(), "isFinal": final,
		"originationPhoneNumber": m.From, "destinationPhoneNumber": m.To, "isoCountryCode": "DE", "messageId": m.ID,
		"messageRequestTimestamp": at.UnixMilli(), "messageEncoding": "GSM", "messageType": "TRANSACTIONAL", "messageStatus": kind[len("TEXT_"):],
		"messageStatusDescription": "played", "context": m.Context, "totalMessageParts": 1, "totalMessagePrice": 0.09, "totalCarrierFee": 0.0,
	})
	return string(text)
}
