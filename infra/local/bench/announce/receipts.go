package main

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"twofold/infra/local/ses"
)

// receipts are what SES has taken: how often for each user of the crowd, and when for each who ordered a code. The mailbox keeps
// the latest 10,000 only.
type receipts struct {
	mu     sync.Mutex
	mails  []uint8
	codes  map[string]time.Time
	waiter chan struct{} // closed and made anew whenever a code has come
}

func newReceipts(users int) *receipts {
	return &receipts{mails: make([]uint8, users), codes: map[string]time.Time{}, waiter: make(chan struct{})}
}

// take is a fault of SES that is none.
func (r *receipts) take(to string) ses.Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	local, domain, _ := strings.Cut(to, "@")
	if domain == "codes.example" {
		if _, again := r.codes[to]; !again {
			r.codes[to] = time.Now()
		}
		close(r.waiter)
		r.waiter = make(chan struct{})
		return 0
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(local, "user-")); err == nil && domain == "crowd.example" && n < len(r.mails) {
		r.mails[n]++
	}
	return 0
}

// came gives when a code came, and something that is closed when another has.
func (r *receipts) came(to string) (time.Time, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.codes[to], r.waiter
}

// mailed is how many were mailed, and how many more than once.
func (r *receipts) mailed() (once, more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.mails {
		if n > 0 {
			once++
		}
		if n > 1 {
			more++
		}
	}
	return once, more
}
