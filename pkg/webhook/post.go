package webhook

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
)

// SideBySide is how many users' events go to one webhook at once.
const SideBySide = 8

// gone is the status by which a receiver says that it wants no more (Standard Webhooks, "Handling responses").
const gone = 410

// trouble is why something was not taken; the zero value: it was.
type trouble struct {
	why  string // a status or fixed words, for administrators to read
	gone bool   // it wants no more
}

func troubleOf(err error) trouble {
	if err == nil {
		return trouble{}
	}
	return trouble{why: err.Error()}
}

// lanes are the messages of each user, as indexes, in their order; those about nobody are one more.
func lanes(messages []Message) [][]int {
	var all [][]int
	lane := map[string]int{}
	for i, m := range messages {
		at, known := lane[m.User]
		if !known {
			at = len(all)
			lane[m.User], all = at, append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// post sends to a webhook, the users side by side and each one's in order, and begins nothing more after the first that is not taken.
func (r *round) post(ctx context.Context, messages []Message) (taken []uint64, what trouble, err error) {
	url, secrets, err := r.opened()
	if err != nil {
		return nil, trouble{}, err
	}
	failures := make([]trouble, len(messages))
	delivered := make([]bool, len(messages))
	var stop atomic.Bool
	var wait sync.WaitGroup
	free := make(chan struct{}, SideBySide)
	for _, lane := range lanes(messages) {
		free <- struct{}{}
		wait.Go(func() {
			defer func() { <-free }()
			for _, i := range lane {
				if stop.Load() || r.over() {
					return
				}
				if failures[i] = r.postOne(ctx, url, secrets, messages[i]); failures[i].why != "" {
					stop.Store(true)
					return
				}
				delivered[i] = true
			}
		})
	}
	wait.Wait()
	for i, m := range messages {
		if delivered[i] {
			taken = append(taken, m.Leaf)
		}
		if what.why == "" {
			what = failures[i]
		}
	}
	return taken, what, nil
}

// opened are the URL and the secrets of the webhook, in clear.
func (r *round) opened() (url string, secrets [][]byte, err error) {
	clear, err := r.courier.Keys.Open(r.s.URL, r.s.use("url"))
	if err != nil {
		return "", nil, fmt.Errorf("webhook: its URL: %w", err)
	}
	for _, s := range r.s.signing(r.courier.Now()) {
		secret, err := r.courier.Keys.Open(s.Sealed, r.s.use("secret"))
		if err != nil {
			return "", nil, fmt.Errorf("webhook: its secret: %w", err)
		}
		secrets = append(secrets, secret)
	}
	return string(clear), secrets, nil
}

// postOne sends one message. Any status of success means that it was taken.
func (r *round) postOne(ctx context.Context, url string, secrets [][]byte, m Message) trouble {
	now, body := r.courier.Now(), m.Body()
	status, err := r.courier.Poster.Post(ctx, url, header(m, now, body, secrets), body)
	switch {
	case err != nil:
		return troubleOf(err)
	case status >= 200 && status < 300:
		return trouble{}
	}
	return trouble{why: "status " + strconv.Itoa(status), gone: status == gone}
}
