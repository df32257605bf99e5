package sample

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

const (
	sessionLife = 8 * time.Hour
	pendingLife = 30 * time.Minute // as long as an enrolment may take
)

// pending is a login whose password was right and whose second factor is being asked for.
type pending struct {
	user         User
	nonce, state string // state: of the hosted prompt; empty with pages of our own
	answer       Answer // the latest, with pages of our own
	method       string // chosen last
	problem      string // what to tell the user above the next step
	until        time.Time
}

func (p pending) hosted() bool { return p.state != "" }

// session is what a browser's cookie names. It never leaves this process.
type session struct {
	user    User // the zero value: nobody is signed in
	proof   Proof
	hosted  bool   // which way was chosen
	reason  string // why there is no proof
	offered bool   // Twofold offers to set one up
	codes   []string
	apps    []AppPassword
	waiting *pending
	trace   *trace
	until   time.Time
}

// sessions are those of all browsers. Whoever has typed no right password has none.
type sessions struct {
	secure bool // the application is reached by https
	now    func() time.Time

	mu  sync.Mutex
	all map[string]*session
}

func (s *sessions) cookieName() string {
	if s.secure {
		return "__Host-larkspur"
	}
	return "larkspur"
}

func (s *sessions) cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure}
}

// live finds the session of a request; nil where there is none. mu is held.
func (s *sessions) live(r *http.Request) *session {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return nil
	}
	found := s.all[cookie.Value]
	if found == nil || !s.now().Before(found.until) {
		return nil
	}
	return found
}

// of gives a copy of a request's session; the zero value where there is none.
func (s *sessions) of(r *http.Request) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.live(r); found != nil {
		return *found
	}
	return session{}
}

// start ends a request's session, if there is one, and begins another under a new id: whoever knew the old one, or planted it, has nothing. mu is held.
func (s *sessions) start(w http.ResponseWriter, r *http.Request, next session) {
	s.drop(r)
	for id, old := range s.all {
		if !s.now().Before(old.until) {
			delete(s.all, id)
		}
	}
	next.until, next.trace = s.now().Add(sessionLife), traceOf(r.Context())
	id := rand.Text()
	s.all[id] = &next
	http.SetCookie(w, s.cookie(s.cookieName(), id))
}

func (s *sessions) drop(r *http.Request) {
	if cookie, err := r.Cookie(s.cookieName()); err == nil {
		delete(s.all, cookie.Value)
	}
}

// await keeps a login that goes on elsewhere or on another page, in the browser's session where that is of the same user.
func (s *sessions) await(w http.ResponseWriter, r *http.Request, p pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.until = s.now().Add(pendingLife)
	found := s.live(r)
	if found != nil && (found.user == p.user || found.waiting != nil && found.waiting.user == p.user && found.user == User{}) {
		found.waiting = &p
		return
	}
	s.start(w, r, session{waiting: &p})
}

// take gives the login that the browser's session waits for, once, and only for its own state.
func (s *sessions) take(r *http.Request, state string) (pending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.live(r)
	if found == nil || found.waiting == nil || !found.waiting.hosted() {
		return pending{}, false
	}
	p := *found.waiting
	if subtle.ConstantTimeCompare([]byte(p.state), []byte(state)) != 1 || !s.now().Before(p.until) {
		return pending{}, false
	}
	found.waiting = nil
	return p, true
}

// waiting gives the login that goes on with pages of our own.
func (s *sessions) waiting(r *http.Request) (pending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.live(r)
	if found == nil || found.waiting == nil || found.waiting.hosted() || !s.now().Before(found.waiting.until) {
		return pending{}, false
	}
	return *found.waiting, true
}

// signIn begins the session of somebody who is let in. A recovery code that was shown is shown until the user has kept it.
func (s *sessions) signIn(w http.ResponseWriter, r *http.Request, p pending, proof Proof, answer Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := session{
		user: p.user, proof: proof, hosted: p.hosted(), reason: answer.Reason, codes: answer.RecoveryCodes, apps: answer.AppPasswords,
		offered: answer.Next.URL != "" || answer.Next.Do == "enroll",
	}
	if answer.Next.Do == "enroll" && !p.hosted() { // offered in the place of an authenticator that was lost: it goes on with this login
		p.answer, p.problem, p.until = answer, "", s.now().Add(pendingLife)
		next.waiting = &p
	}
	s.start(w, r, next)
}

// kept forgets what was shown once.
func (s *sessions) kept(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.live(r); found != nil {
		found.codes, found.apps = nil, nil
	}
}

// forget ends a request's session on this side.
func (s *sessions) forget(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(r)
}

// end signs out.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	s.forget(r)
	gone := s.cookie(s.cookieName(), "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
}
