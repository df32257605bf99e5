package console

import (
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/page"
)

// session is what a browser keeps of somebody who is signed in. Whoever has it acts as that administrator, as long as the key lives that it
// is of.
type session struct {
	Key          []byte    `json:"k"`           // access.Credential.Keep, of the administrator's own session
	Organization string    `json:"o,omitempty"` // where the administrator is at home; empty: the vendor's
	Name         string    `json:"n"`           // the administrator's id
	User         string    `json:"u"`           // who the administrator is as a user, whose second factor was proven
	Epoch        int64     `json:"e,omitempty"` // of that factor: a reset ends the session
	Seen         time.Time `json:"t"`           // when the administrator did something last, to the minute
	Acting       *acting   `json:"a,omitempty"` // in somebody else's place
}

// acting is an impersonation that is under way.
type acting struct {
	Key           []byte    `json:"k"`
	ID            string    `json:"i"`
	Organization  string    `json:"o"`
	Administrator string    `json:"n"`
	ExpiresAt     time.Time `json:"x"`
}

var sessionUse = []byte("twofold console session v1")

var sessionCookie = page.Cookie{Name: "console", MaxAge: access.ConsoleLife}

// kept is the session that a browser keeps, unless nothing was done in it for too long.
func (d desk) kept(r *http.Request) (session, bool) {
	sealed, there := sessionCookie.Read(r)
	var s session
	if !there || !login.OpenText(d.Tokens, sessionUse, sealed, &s) || d.Now().Sub(s.Seen) >= access.ConsoleIdle {
		return session{}, false
	}
	return s, true
}

// keep has the browser keep a session.
func (d desk) keep(w http.ResponseWriter, s session) error {
	s.Seen = d.Now().Truncate(time.Minute)
	sealed, err := login.SealText(d.Tokens, sessionUse, s)
	if err != nil {
		return err
	}
	return sessionCookie.Set(w, sealed)
}

// seen notes that the administrator has done something, once in some minutes.
func (d desk) seen(w http.ResponseWriter, s session) error {
	if d.Now().Sub(s.Seen) < seenEvery {
		return nil
	}
	return d.keep(w, s)
}

const seenEvery = 5 * time.Minute

// in is the impersonation where the session acts in an organisation in somebody's place.
func (s session) in(organization string) *acting {
	if s.Acting != nil && s.Acting.Organization == organization && organization != access.VendorHome {
		return s.Acting
	}
	return nil
}

// caller is who asks for something about an organisation: the administrator or, where that is so, whom the administrator acts for.
func (s session) caller(organization, requestID, seen, agent string) (access.Caller, *access.Found) {
	kept := s.Key
	if a := s.in(organization); a != nil {
		kept = a.Key
	}
	credential, found := access.Kept(kept).Finding()
	return access.Caller{Credential: credential, RequestID: requestID, Seen: seen, Agent: agent}, found
}
