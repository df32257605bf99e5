package eventbridge

import (
	"net/http"
	"strconv"
)

// Outcome is what becomes of a call. The zero value takes it.
type Outcome struct {
	Fails     string         // the whole of it, with an exception: "ThrottlingException"
	LoseReply bool           // it is taken, and the connection is cut: the caller cannot know
	Entries   map[int]string // entries that are refused, with a code: "InternalFailure"
}

// SetFault makes calls fail from now on, by the types of their entries; nil ends that.
func (e *EventBridge) SetFault(f func(types []string) Outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = f
}

// outcome is a fault that somebody has asked for.
func (e *EventBridge) outcome(entries []entry) Outcome {
	var types []string
	for _, in := range entries {
		name := ""
		if in.DetailType != nil {
			name = *in.DetailType
		}
		types = append(types, name)
	}
	if e.fault != nil {
		return e.fault(types)
	}
	for i := range e.faults {
		if o, hit := e.faults[i].strike(types); hit {
			return o
		}
	}
	return Outcome{}
}

// played is one fault of those that were asked for over HTTP.
type played struct {
	fault string
	kind  string // of the entries that it is for; empty: all
	left  int    // how many calls it is for; below zero: all
}

func (p *played) strike(types []string) (Outcome, bool) {
	hit := map[int]string{}
	for i, name := range types {
		if p.kind == "" || p.kind == name {
			hit[i] = "InternalFailure"
		}
	}
	if p.left == 0 || len(hit) == 0 {
		return Outcome{}, false
	}
	p.left--
	switch p.fault {
	case "throttle":
		return Outcome{Fails: "ThrottlingException"}, true
	case "broken":
		return Outcome{Fails: "InternalException"}, true
	case "lose-reply":
		return Outcome{LoseReply: true}, true
	}
	return Outcome{Entries: hit}, true
}

// ask is POST /faults with the form fields fault (throttle, broken, lose-reply; entries: those alone are refused), kind (of an event; empty: all)
// and times (empty: until DELETE /faults). Pages must not.
func (e *EventBridge) ask(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this is for programs on this machine", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	p := played{fault: r.FormValue("fault"), kind: r.FormValue("kind"), left: -1}
	known := map[string]bool{"throttle": true, "broken": true, "lose-reply": true, "entries": true}[p.fault]
	if times := r.FormValue("times"); times != "" {
		n, err := strconv.Atoi(times)
		known = known && err == nil && n > 0
		p.left = n
	}
	if !known {
		http.Error(w, "no such fault, or times is no number above zero", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, p)
	w.WriteHeader(http.StatusNoContent)
}

// heal is DELETE /faults: all is well again.
func (e *EventBridge) heal(w http.ResponseWriter) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
	w.WriteHeader(http.StatusNoContent)
}
