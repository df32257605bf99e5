// Package outbound posts to a URL that a customer's administrator chose, which means: to anybody, from inside the vendor's account. It decides
// neither what is posted nor whether again; it sees to it that the post goes to the internet and nowhere else, that whoever answers costs no
// more than a bounded time and memory, and that nothing they say gets further than the status.
//
// It is not http.Transport: that keeps connections, follows its environment's proxies, and writes what a server says unasked into the process's log.
// Here a post is a connection of its own, which is looked at when it is made.
package outbound

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"twofold/pkg/webhook"
)

// The bounds of one post.
const (
	limit    = 10 * time.Second // for all of it
	maxReply = 16 << 10         // bytes of the head of the reply, and as many of its body
	courtesy = time.Second      // to take the body in, of which nothing is kept
)

// Client posts. It is safe for concurrent use.
type Client struct {
	resolver *net.Resolver
	allowed  func(netip.Addr) bool
	roots    *x509.CertPool // nil: the system's, which package x509 reads at the first use
	limit    time.Duration
	courtesy time.Duration
	local    *url.URL // where everything goes instead
}

// Open makes a client. endpoint is where everything is posted instead, nil on AWS: a receiver on this machine, over plain HTTP, which gets
// <endpoint>/<host>/<path> and the URL itself in the header URLHeader. What is not on this machine is an error, so whatever finds its way into
// a deployed function's environment, no event goes elsewhere or in the clear.
func Open(endpoint *string) (*Client, error) {
	c := &Client{resolver: &net.Resolver{PreferGo: true}, allowed: webhook.Public, limit: limit, courtesy: courtesy}
	if endpoint == nil {
		return c, nil
	}
	var err error
	c.local, err = onThisMachine(*endpoint)
	return c, err
}

// Post sends body, once, and gives the status of the answer, whatever it is: a redirection is an answer too, and not followed. An error is
// one of this package's, or ctx's own where that ended first; neither says anything of the URL or of the reply. The receiver may have
// got the post in either case.
func (c *Client) Post(ctx context.Context, address string, header map[string]string, body []byte) (status int, err error) {
	if webhook.Allowed(address) != nil {
		return 0, BadURL
	}
	u, err := url.Parse(address)
	if err != nil {
		return 0, BadURL
	}
	within, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	conn, r, err := c.reach(within, u, body)
	if err == nil {
		fill(r.Header, header)
		status, err = c.exchange(within, conn, r)
	}
	if err != nil && ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return status, err
}

// reach connects to where the URL says, and begins a request for it.
func (c *Client) reach(ctx context.Context, u *url.URL, body []byte) (net.Conn, *http.Request, error) {
	if c.local != nil {
		return c.reachLocal(ctx, u, body)
	}
	r, err := request(ctx, u, body)
	if err != nil {
		return nil, nil, BadURL
	}
	conn, err := c.dial(ctx, u)
	return conn, r, err
}
