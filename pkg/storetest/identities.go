package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"twofold/pkg/sender"
)

// Identities is the mail provider in memory. Calls are counted, and fail on demand: before they have done anything, or
// after. It is safe for use by several goroutines at once.
type Identities struct {
	mu    sync.Mutex
	known map[string]sender.Identity
	calls []string
	fail  map[string]providerFailure // by call
}

type providerFailure struct {
	after bool
	err   error
}

// FailNext makes the next "Identity", "Create" or "Delete" fail.
func (i *Identities) FailNext(call string, after bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail == nil {
		i.fail = map[string]providerFailure{}
	}
	i.fail[call] = providerFailure{after, err}
}

// Calls takes what was called since it was last asked: "Create mail.acme.example".
func (i *Identities) Calls() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	calls := i.calls
	i.calls = nil
	return calls
}

// Set makes, changes or, with nil, removes an identity past everybody.
func (i *Identities) Set(domain string, identity *sender.Identity) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil {
		i.known = map[string]sender.Identity{}
	}
	delete(i.known, domain)
	if identity != nil {
		i.known[domain] = *identity
	}
}

// Publish has the provider see the DNS records of a domain.
func (i *Identities) Publish(domain string) { i.change(domain, true, false) }

// Withdraw has it see that they are gone.
func (i *Identities) Withdraw(domain string) { i.change(domain, false, true) }

func (i *Identities) change(domain string, verified, failed bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	found := i.known[domain]
	found.Verified, found.Failed = verified, failed
	i.known[domain] = found
}

// Domains are those that have an identity, in order.
func (i *Identities) Domains() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []string
	for domain := range i.known {
		all = append(all, domain)
	}
	slices.Sort(all)
	return all
}

// Identity implements sender.Identities.
func (i *Identities) Identity(_ context.Context, domain string) (found *sender.Identity, err error) {
	err = i.do("Identity", domain, func() error {
		if known, present := i.known[domain]; present {
			found = &known
		}
		return nil
	})
	return found, err
}

// Create implements sender.Identities.
func (i *Identities) Create(_ context.Context, domain, organization string) (made sender.Identity, err error) {
	err = i.do("Create", domain, func() error {
		if _, present := i.known[domain]; present {
			return sender.ErrExists
		}
		made = sender.Identity{Organization: organization, Zone: "dkim.provider.example"}
		for n := range 3 {
			made.Tokens = append(made.Tokens, fmt.Sprintf("token%d%s", n, strings.ReplaceAll(domain, ".", "")))
		}
		if i.known == nil {
			i.known = map[string]sender.Identity{}
		}
		i.known[domain] = made
		return nil
	})
	return made, err
}

// Delete implements sender.Identities.
func (i *Identities) Delete(_ context.Context, domain string) error {
	return i.do("Delete", domain, func() error {
		delete(i.known, domain)
		return nil
	})
}

func (i *Identities) do(call, domain string, act func() error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, call+" "+domain)
	due, failing := i.fail[call]
	delete(i.fail, call)
	if failing && !due.after {
		return due.err
	}
	if err := act(); err != nil {
		return err
	}
	return due.err
}
