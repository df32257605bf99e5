package page

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// Cookie is one that only our own pages read, over TLS, from the whole of this host and no other: its name on the wire begins with
// "__Host-", which browsers hold to that (RFC 6265bis §4.1.3.2).
type Cookie struct {
	Name   string        // letters, digits, '-' and '_'
	MaxAge time.Duration // whole seconds; nought: until the browser is closed
}

// maxCookie is how long name and value may be together: browsers drop what is longer than 4,096 bytes with its attributes.
const maxCookie = 3800

var errCookie = errors.New("page: a cookie's name or value has other characters than it may, or is too long")

func (c Cookie) wire() string { return "__Host-" + c.Name }

// crowded is how many bytes of cookies leave too little room for another: API Gateway takes 10,240 bytes of headers in all.
const crowded = 4000

// MakeRoom lets go of our own cookies whose names begin so, where a browser has so many that a further one would not fit.
func MakeRoom(w http.ResponseWriter, r *http.Request, prefix string) {
	if len(r.Header.Get("Cookie")) < crowded {
		return
	}
	for _, c := range r.Cookies() {
		if id, ours := strings.CutPrefix(c.Name, Cookie{Name: prefix}.wire()); ours {
			Cookie{Name: prefix + id}.Clear(w)
		}
	}
}

// Set gives the browser a value of letters, digits, '-', '_', '.', '~', '=' and ':'.
func (c Cookie) Set(w http.ResponseWriter, value string) error {
	if c.Name == "" || !spelled(c.Name, "-_") || !spelled(value, "-_.~=:") || len(c.wire())+len(value) > maxCookie {
		return errCookie
	}
	c.write(w, value, int(c.MaxAge/time.Second))
	return nil
}

// Clear takes the value away.
func (c Cookie) Clear(w http.ResponseWriter) { c.write(w, "", -1) }

func (c Cookie) write(w http.ResponseWriter, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: c.wire(), Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Read gives the value that the browser sent, and whether it sent exactly one. Of two nobody can say which is ours.
func (c Cookie) Read(r *http.Request) (string, bool) {
	found := r.CookiesNamed(c.wire())
	if len(found) != 1 || found[0].Value == "" {
		return "", false
	}
	return found[0].Value, true
}

// spelled reports whether a text is of ASCII letters, digits and these.
func spelled(s, more string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(more, r)
	}) < 0
}
