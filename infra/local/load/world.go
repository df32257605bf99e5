package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"twofold/infra/local/load/ledger"
	"twofold/infra/local/stack"
)

// world is what all clients share.
type world struct {
	*api
	stack   *stack.Stack
	logs    *ledger.Logs
	keys    keys
	orgs    []*organization
	secrets secrets
	hooks   hooks
	gate    sync.RWMutex // read by whoever acts; written by whoever wants the world to stand still
	began   time.Time
	length  time.Duration // of the acting
	waiting chan struct{} // holds those who wait for mail, half of the clients at most
	// announced counts the announcements that came, by address. Only post writes it.
	announced map[string]int
}

// organization is one customer with several administrators, since each may propose five changes in ten minutes only.
type organization struct {
	id      string
	key     string // of its application
	admins  []*administrator
	version atomic.Int64 // of the policy: at least this

	proposing sync.Mutex // held by the client that changes the policy; guards changed
	changed   time.Time  // when that was begun last
}

type administrator struct {
	id, email, key string
	orders         []time.Time
	seen           map[string]bool
}

const (
	application    = "webshop"
	organizations  = 4
	administrators = 4
)

// populate makes the organisations, before any kill.
func (w *world) populate(ctx context.Context) error {
	system, err := systemKey(w.stack.KeysFile)
	if err != nil {
		return err
	}
	w.secrets.add(system)
	if w.api.client == nil {
		w.api.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	}
	w.stack.Receiver.Watch(w.hooks.take)
	for n := range organizations {
		o := &organization{id: fmt.Sprintf("org-%d", n)}
		o.version.Store(1)
		for m := range administrators {
			a := &administrator{id: fmt.Sprintf("admin-%d", m), email: fmt.Sprintf("admin-%d@%s.example", m, o.id), seen: map[string]bool{}}
			var err error
			if m == 0 {
				err = w.put(ctx, system, o, a)
			} else {
				err = w.invite(ctx, o, o.admins[0], a)
			}
			if err != nil {
				return err
			}
			o.admins = append(o.admins, a)
		}
		for _, a := range o.admins {
			if err := w.allow(ctx, o, a); err != nil {
				return err
			}
		}
		if err := w.hook(ctx, o); err != nil {
			return err
		}
		w.orgs = append(w.orgs, o)
	}
	// What was mailed so far is no part of the reckoning.
	if err := w.stack.Settle(ctx); err != nil {
		return err
	}
	w.stack.SES.Clear()
	w.keys, err = readKeys(w.call(ctx, request{kind: "keys", method: http.MethodGet, path: "/.well-known/jwks.json"}))
	return err
}

// put makes the organisation with its first administrator.
func (w *world) put(ctx context.Context, system string, o *organization, a *administrator) error {
	r := w.call(ctx, request{kind: "organization", method: http.MethodPut, path: "/v1/organizations/" + o.id, key: system, body: map[string]any{
		"name": o.id, "entitlements": map[string]bool{"two_factor": true},
		"administrator": map[string]string{"id": a.id, "email": a.email}, "application": map[string]string{"id": application},
	}})
	var made struct {
		Keys []struct{ Role, Key string }
	}
	r.into(&made)
	for _, k := range made.Keys {
		w.secrets.add(k.Key)
		if k.Role == "application" {
			o.key = k.Key
		} else {
			a.key = k.Key
		}
	}
	if o.key == "" || a.key == "" {
		return fmt.Errorf("load: %s could not be made: status %d", o.id, r.status)
	}
	return nil
}

func systemKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var file struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(text, &file); err != nil || file.SystemAdmin.Key == "" {
		return "", fmt.Errorf("load: the file of the first key names none")
	}
	return file.SystemAdmin.Key, nil
}

// secrets are all that may stand in no log. There are some of each login, and this process is judged by its memory, so
// they are kept as a Bloom filter of fixed size: after a million secrets it takes one text in 300 for one of them.
type secrets struct {
	mu   sync.Mutex
	bits []uint64
}

const (
	filterWords = 1 << 19 // 4 MiB
	pageWords   = 512     // 4 KiB
)

func (s *secrets) add(all ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bits == nil {
		s.bits = make([]uint64, filterWords)
		for n := 0; n < filterWords; n += pageWords {
			s.bits[n] = 0 // so that the kernel hands the page out now, and not one by one over the run
		}
	}
	for _, one := range all {
		for _, bit := range places(one) {
			s.bits[bit/64] |= 1 << (bit % 64)
		}
	}
}

func (s *secrets) has(one string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bit := range places(one) {
		if s.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// places are the two bits of a secret.
func places(secret string) [2]uint64 {
	h := hash(secret)
	return [2]uint64{h % (filterWords * 64), h >> 32 % (filterWords * 64)}
}

// hash does not mind in which groups a code is written.
func hash(secret string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ReplaceAll(secret, "-", ""))) // never fails
	return h.Sum64()
}
