// Package eventbridge stands in for Amazon EventBridge: the one operation PutEvents, on one bus without rules. It refuses what the service
// refuses of it, and keeps the latest of what it took, for people to look at. What goes wrong, whoever plays says, in Go or by HTTP. It may
// not be imported by anything that is deployed.
package eventbridge

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/loopback"
)

const (
	maxRequest = 8 << 20 // bytes, more than any request of the operation can hold
	capacity   = 1000    // events that are kept; the oldest go first
)

// Event is one that was taken.
type Event struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	Type       string    `json:"detail-type"`
	Detail     string    `json:"detail"` // JSON
	Time       time.Time `json:"time"`
	ReceivedAt time.Time `json:"received_at"`
}

// EventBridge is an http.Handler: the service's endpoint. It is safe for concurrent use.
type EventBridge struct {
	bus string // a name
	now func() time.Time

	mu     sync.Mutex
	fault  func(types []string) Outcome
	faults []played
	events []Event // oldest first
}

// New makes an endpoint with one bus, by its name.
func New(bus string, now func() time.Time) *EventBridge { return &EventBridge{bus: bus, now: now} }

// Events are what the bus took, oldest first.
func (e *EventBridge) Events() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.events)
}

// ServeHTTP answers requests that were meant for this machine only: no web page is to play here, nor to read events.
func (e *EventBridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback.Only(w, r, "service") {
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /":
		e.put(w, r)
	case "POST /faults":
		e.ask(w, r)
	case "DELETE /faults":
		e.heal(w)
	case "GET /events":
		write(w, http.StatusOK, e.Events())
	default:
		http.NotFound(w, r)
	}
}

type entry struct {
	EventBusName, Source, DetailType, Detail *string
	Time                                     *float64 // seconds since 1970
	Resources                                []string
}

type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// put is the operation PutEvents, in the protocol AWS JSON 1.1.
func (e *EventBridge) put(w http.ResponseWriter, r *http.Request) {
	var in struct{ Entries []entry }
	switch err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&in); {
	case r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents":
		refuse(w, "UnknownOperationException")
		return
	case err != nil:
		refuse(w, "SerializationException")
		return
	case len(in.Entries) < 1 || len(in.Entries) > maxEntries || size(in.Entries) >= maxSize:
		refuse(w, "ValidationException")
		return
	}
	results, outcome := e.take(in.Entries)
	switch {
	case outcome.Fails != "":
		refuse(w, outcome.Fails)
	case outcome.LoseReply:
		panic(http.ErrAbortHandler) // which net/http answers by closing the connection
	default:
		taken := slices.DeleteFunc(slices.Clone(results), func(one result) bool { return one.ErrorCode != "" })
		write(w, http.StatusOK, map[string]any{"FailedEntryCount": len(results) - len(taken), "Entries": results})
	}
}

// take does with the entries what their outcome says.
func (e *EventBridge) take(entries []entry) ([]result, Outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	outcome := e.outcome(entries)
	if outcome.Fails != "" {
		return nil, outcome
	}
	results := make([]result, len(entries))
	for i, in := range entries {
		code := in.check(e.bus)
		if code == "" {
			code = outcome.Entries[i]
		}
		if code != "" {
			results[i] = result{ErrorCode: code, ErrorMessage: "refused"}
			continue
		}
		results[i].EventID = uuid.NewString()
		e.keep(Event{ID: results[i].EventID, Source: *in.Source, Type: *in.DetailType, Detail: *in.Detail, Time: in.at(e.now)})
	}
	return results, outcome
}

func (e *EventBridge) keep(event Event) {
	event.ReceivedAt = e.now().UTC()
	e.events = append(e.events, event)
	if over := len(e.events) - capacity; over > 0 {
		e.events = slices.Clone(e.events[over:])
	}
}

func (in entry) at(now func() time.Time) time.Time {
	if in.Time == nil {
		return now().UTC()
	}
	return time.UnixMilli(int64(*in.Time * 1000)).UTC()
}

// ARN is a bus's, named or by its ARN. What names none means the one that every account has.
func ARN(prefix, bus string) string {
	switch {
	case bus == "":
		return prefix + "default"
	case strings.HasPrefix(bus, "arn:"):
		return bus
	}
	return prefix + bus
}

func refuse(w http.ResponseWriter, exception string) {
	status := http.StatusBadRequest
	if exception == "InternalException" {
		status = http.StatusInternalServerError
	}
	write(w, status, map[string]string{"__type": exception, "message": "refused"})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone hears nothing
}
