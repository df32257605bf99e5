package console

import (
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

// way is what a browser keeps of somebody who is coming in: up to which step.
type way struct {
	Ticket    admission.Ticket `json:"t"`
	Who       *proven          `json:"p,omitempty"` // once the mailed code was right
	Gets      bool             `json:"g,omitempty"` // a second factor: there is none yet
	Nonce     string           `json:"n"`           // of the login in which that is proven; the browser alone has it, and cannot read it
	ExpiresAt time.Time        `json:"x"`
}

// proven is the administrator whose mailed code was right: which one, since when.
type proven struct {
	Organization  string    `json:"o"`
	Administrator string    `json:"a"`
	Since         time.Time `json:"s"`
}

func provenOf(a org.Administrator) *proven { return &proven{a.Organization, a.ID, a.CreatedAt} }

// wayLife is for how long somebody may be coming in: as long as an enrolment takes, after a code that lay in the mailbox for a while.
const wayLife = login.Life + login.EnrollingLife

// knownLife is for how long a browser is known that somebody came in with.
const knownLife = 365 * 24 * time.Hour

var (
	wayUse      = []byte("twofold console way in v1")
	wayCookie   = page.Cookie{Name: "console-way", MaxAge: wayLife}
	knownUse    = []byte("twofold console browser v1")
	knownCookie = page.Cookie{Name: "console-browser", MaxAge: knownLife}
)

// coming is the way that the browser keeps.
func (d desk) coming(r *http.Request) (way, bool) {
	var on way
	sealed, there := wayCookie.Read(r)
	if !there || !login.OpenText(d.Tokens, wayUse, sealed, &on) || !d.Now().Before(on.ExpiresAt) {
		return way{}, false
	}
	return on, true
}

func (d desk) keepWay(w http.ResponseWriter, on way) error {
	sealed, err := login.SealText(d.Tokens, wayUse, on)
	if err != nil {
		return err
	}
	return wayCookie.Set(w, sealed)
}

// known is the administrator who came in with this browser last.
func (d desk) known(r *http.Request) admission.Known {
	var known admission.Known
	sealed, there := knownCookie.Read(r)
	if !there || !login.OpenText(d.Tokens, knownUse, sealed, &known) {
		return admission.Known{}
	}
	return known
}

func (d desk) remember(w http.ResponseWriter, known admission.Known) error {
	sealed, err := login.SealText(d.Tokens, knownUse, known)
	if err != nil {
		return err
	}
	return knownCookie.Set(w, sealed)
}

// visitor is who sends a request that nobody is signed in for.
func (d desk) visitor(r *http.Request) access.Caller {
	seen := d.site.SourceIP(r)
	return access.Caller{RequestID: d.site.RequestID(r), Seen: seen, Claimed: seen, Agent: r.UserAgent()}
}

// application is the console as the application that asks for a second factor, and where a browser comes back to.
func (d desk) application(r *http.Request) (c access.Caller, returnTo string, err error) {
	returnTo = d.site.Address(r) + returnPath
	c = d.visitor(r)
	c.Credential, err = d.Admissions.Desk(r.Context(), returnTo)
	return c, returnTo, err
}
