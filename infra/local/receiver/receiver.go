// Package receiver stands in for everybody who has a webhook: in the local stack all posts come here, whatever their URL. It keeps the latest
// for people to look at, and answers 204, or as somebody who plays says, in Go or by HTTP. It verifies nothing. It may not be
// imported by anything that is deployed.
package receiver

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"twofold/infra/local/loopback"
	"twofold/pkg/outbound"
)

const (
	maxPost  = 4 << 20 // bytes
	capacity = 1000    // posts that are kept; the oldest go first
)

// Post is one post, taken or not.
type Post struct {
	URL        string            `json:"url"`
	Host       string            `json:"host"` // of the URL, in lower case and without its port
	Header     map[string]string `json:"header"`
	Body       string            `json:"body"`
	Answer     string            `json:"answer"` // "204", "hang-up"
	ReceivedAt time.Time         `json:"received_at"`
}

// Taken reports whether its receiver has it, whatever the sender was told.
func (p Post) Taken() bool { return strings.HasPrefix(p.Answer, "2") || p.Answer == LoseReply }

// Kind is what a body says that it is of.
func (p Post) Kind() string {
	var body struct{ Type string }
	if err := json.Unmarshal([]byte(p.Body), &body); err != nil || body.Type == "" {
		return "Webhook"
	}
	return body.Type
}

// Shown is a post as people look at it: what it is signed with, and what it says.
func (p Post) Shown() string {
	var shown strings.Builder
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		if value := p.Header[name]; value != "" {
			shown.WriteString(name + ": " + value + "\n")
		}
	}
	return shown.String() + "\n" + p.Body
}

// Receiver is an http.Handler. It is safe for concurrent use.
type Receiver struct {
	now func() time.Time

	mu      sync.Mutex
	answers []answer
	posts   []Post // oldest first
	watch   func(Post)
}

// New makes a receiver that takes everything.
func New(now func() time.Time) *Receiver { return &Receiver{now: now} }

// Watch has somebody see every post from now on, with what it is answered.
func (r *Receiver) Watch(see func(Post)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = see
}

// Posts are what came for a host, oldest first; everything for an empty one.
func (r *Receiver) Posts(host string) []Post {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := []Post{}
	for _, p := range r.posts {
		if host == "" || p.Host == strings.ToLower(host) {
			found = append(found, p)
		}
	}
	return found
}

// ServeHTTP answers requests that were meant for this machine only. A post has a host before its path, which none of the other paths looks
// like.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if !loopback.Only(w, request, "receiver") {
		return
	}
	switch request.Method + " " + request.URL.Path {
	case "POST /answers":
		r.ask(w, request)
	case "DELETE /answers":
		r.Heal()
		w.WriteHeader(http.StatusNoContent)
	case "GET /posts":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(r.Posts(request.FormValue("host"))) // a client that is gone hears nothing
	default:
		r.take(w, request)
	}
}

func (r *Receiver) take(w http.ResponseWriter, request *http.Request) {
	u, err := url.Parse(request.Header.Get(outbound.URLHeader))
	if request.Method != http.MethodPost || err != nil || u.Host == "" {
		http.NotFound(w, request)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxPost))
	if err != nil {
		http.Error(w, "too large, or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	p := Post{URL: u.String(), Host: strings.ToLower(u.Hostname()), Header: map[string]string{}, Body: string(body)}
	for name := range request.Header {
		if name != outbound.URLHeader {
			p.Header[strings.ToLower(name)] = request.Header.Get(name)
		}
	}
	r.answer(w, r.keep(p))
}

// keep puts a post where people look, with what it is answered.
func (r *Receiver) keep(p Post) Post {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Answer, p.ReceivedAt = r.answerFor(p.Host), r.now().UTC()
	r.posts = append(r.posts, p)
	if over := len(r.posts) - capacity; over > 0 {
		r.posts = slices.Clone(r.posts[over:])
	}
	if r.watch != nil {
		r.watch(p)
	}
	return p
}
