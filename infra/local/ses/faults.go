package ses

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

// Outcome is what becomes of a message to an address. Zero delivers it; an HTTP status refuses it as the service does; those below accept it.
type Outcome int

// The outcomes of a message that was accepted.
const (
	LoseReply     Outcome = -1 // it is delivered, and the connection is cut: the sender cannot know
	Bounce        Outcome = -2 // the address does not exist
	BounceForNow  Outcome = -3 // the mailbox is full
	Complain      Outcome = -4 // it is delivered, and its reader calls it unwanted
	Virus         Outcome = -5 // the service finds one and does not pass it on
	WouldSuppress Outcome = -6 // as if the address were on the list
)

// Fault decides what becomes of a message to an address.
type Fault func(to string) Outcome

// SetFault makes messages fail from now on; nil ends that.
func (s *SES) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// outcomeFor is a fault that somebody has asked for, or what the service's own mailbox simulator does with an address.
func (s *SES) outcomeFor(to string) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		if o := s.fault(to); o != 0 {
			return o
		}
	}
	if o := s.played(to); o != 0 {
		return o
	}
	return simulated(to)
}

// simulated is the mailbox simulator: addresses that AWS keeps for tests, each with a label behind a plus sign if one likes.
// https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
func simulated(to string) Outcome {
	local, found := strings.CutSuffix(strings.ToLower(to), "@simulator.amazonses.com")
	if !found {
		return 0
	}
	local, _, _ = strings.Cut(local, "+")
	return map[string]Outcome{"bounce": Bounce, "complaint": Complain, "suppressionlist": WouldSuppress}[local]
}

// played is one fault of those that were asked for over HTTP.
type played struct {
	to      string // empty: every address
	outcome Outcome
	left    int // how many messages it is for; below zero: all
}

func (s *SES) played(to string) Outcome {
	for i := range s.faults {
		f := &s.faults[i]
		if f.left != 0 && (f.to == "" || strings.EqualFold(f.to, to)) {
			f.left--
			return f.outcome
		}
	}
	return 0
}

// named are the faults that a developer can ask for.
var named = map[string]Outcome{
	"throttle": http.StatusTooManyRequests, "broken": http.StatusInternalServerError, "unavailable": http.StatusServiceUnavailable,
	"reject": http.StatusBadRequest, "lose-reply": LoseReply, "bounce": Bounce, "bounce-for-now": BounceForNow, "complaint": Complain,
	"virus": Virus, "suppressed": WouldSuppress,
}

// ask is POST /faults with the form fields fault, to (empty: everybody) and times (empty: until DELETE /faults): by which a person makes
// something go wrong. Pages of others must not.
func (s *SES) ask(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		http.Error(w, "this is for the mailbox page and for programs on this machine", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	f := played{to: r.FormValue("to"), left: -1}
	if blank(f.to) {
		http.Error(w, "to "+noBlank, http.StatusBadRequest)
		return
	}
	var known bool
	f.outcome, known = named[r.FormValue("fault")]
	if times := r.FormValue("times"); times != "" {
		n, err := strconv.Atoi(times)
		known = known && err == nil && n > 0
		f.left = n
	}
	if !known {
		http.Error(w, "no such fault, or times is no number above zero", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	w.WriteHeader(http.StatusNoContent)
}

// noBlank tells whoever typed an address that nothing can ever match what arrived.
const noBlank = "holds a blank: send it with --data-urlencode, since a + in a form stands for one"

func blank(name string) bool { return strings.ContainsFunc(name, unicode.IsSpace) }

// heal is DELETE /faults: all is well again.
func (s *SES) heal(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	w.WriteHeader(http.StatusNoContent)
}
