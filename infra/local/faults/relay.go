package faults

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// Relay is a TCP proxy on loopback that changes nothing and knows when the service has answered. Behind a Proxy that
// swallows answers it is the only one to know: what can be seen in a table may not be finished.
type Relay struct {
	listener net.Listener
	service  string
	answers  atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// NewRelay starts one before the service at endpoint, a URL.
func NewRelay(endpoint string) (*Relay, error) {
	service, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	r := &Relay{listener: listener, service: service.Host, open: map[net.Conn]struct{}{}}
	go r.serve()
	return r, nil
}

// Endpoint is the relay as a URL.
func (r *Relay) Endpoint() string { return "http://" + r.listener.Addr().String() }

// Answers is on how many connections the service has begun to answer.
func (r *Relay) Answers() int { return int(r.answers.Load()) }

// Close ends the relay and every connection through it.
func (r *Relay) Close() {
	_ = r.listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.open {
		_ = conn.Close()
	}
}

func (r *Relay) serve() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		service, err := net.Dial("tcp", r.service)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.open[client], r.open[service] = struct{}{}, struct{}{}
		r.mu.Unlock()
		go r.copy(service, client, false)
		go r.copy(client, service, true)
	}
}

// copy ends both connections when one has ended.
func (r *Relay) copy(to, from net.Conn, answer bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	if answer {
		first := make([]byte, 1)
		if _, err := io.ReadFull(from, first); err != nil {
			return
		}
		r.answers.Add(1)
		if _, err := to.Write(first); err != nil {
			return
		}
	}
	_, _ = io.Copy(to, from) // its end is the connection's
}
