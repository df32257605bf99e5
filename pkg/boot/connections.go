package boot

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"sync"
	"time"
)

// The times that a call of AWS may take before it is tried again: short, since three tries must fit into a function's
// own time, and a connection that has been frozen with its instance may be dead without anybody having said so.
const (
	connectTime = 2 * time.Second         // to connect, TLS included
	answerTime  = 2500 * time.Millisecond // from the request to the answer's first byte
	freshTime   = 20 * time.Second        // that a prepared connection may wait for its first call
)

// connections opens connections to AWS, some of them before they are asked for. It is safe for concurrent use.
type connections struct {
	dialer net.Dialer
	roots  func() *x509.CertPool

	mu       sync.Mutex
	prepared map[string][]preparation // by address
	opening  sync.WaitGroup
}

// preparation gives one connection, or none where there was an error.
type preparation struct {
	began time.Time
	made  chan net.Conn
}

func newConnections() *connections {
	return &connections{
		dialer: net.Dialer{Timeout: connectTime, KeepAlive: 30 * time.Second},
		roots:  sync.OnceValue(amazonRoots), prepared: map[string][]preparation{},
	}
}

// prepare begins to open one connection over TLS, for the first call that wants one there.
func (c *connections) prepare(address string) {
	p := preparation{time.Now(), make(chan net.Conn, 1)}
	c.mu.Lock()
	c.prepared[address] = append(c.prepared[address], p)
	c.mu.Unlock()
	c.opening.Go(func() {
		defer close(p.made)
		if conn, err := c.open(context.Background(), address); err == nil {
			p.made <- conn
		}
	})
}

// wait returns when nothing is being prepared: after twice connectTime at the latest.
func (c *connections) wait() { c.opening.Wait() }

// secure is a transport's DialTLSContext: it gives a prepared connection, or opens one.
func (c *connections) secure(ctx context.Context, _, address string) (net.Conn, error) {
	p, there := c.take(address)
	if !there {
		return c.open(ctx, address)
	}
	select {
	case conn := <-p.made:
		if conn != nil && time.Since(p.began) < freshTime {
			return conn, nil
		}
		if conn != nil {
			_ = conn.Close() // the other side may have done so long ago
		}
		return c.open(ctx, address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *connections) take(address string) (preparation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.prepared[address]
	if len(list) == 0 {
		return preparation{}, false
	}
	c.prepared[address] = list[1:]
	return list[0], true
}

// plain is a transport's DialContext, for endpoints without TLS: those of this machine.
func (c *connections) plain(ctx context.Context, network, address string) (net.Conn, error) {
	return c.dialer.DialContext(ctx, network, address)
}

// open trusts Amazon's own roots at first, and the system's where a service presents a certificate of another's: the
// result is what the system trusts, and the usual case does not pay for reading all of it.
func (c *connections) open(ctx context.Context, address string) (net.Conn, error) {
	conn, err := c.openWith(ctx, address, c.roots())
	var other x509.UnknownAuthorityError
	if errors.As(err, &other) {
		return c.openWith(ctx, address, nil)
	}
	return conn, err
}

func (c *connections) openWith(ctx context.Context, address string, roots *x509.CertPool) (net.Conn, error) {
	d := tls.Dialer{NetDialer: &c.dialer, Config: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}
	return d.DialContext(ctx, "tcp", address)
}
