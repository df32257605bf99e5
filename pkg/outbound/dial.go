package outbound

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"syscall"
)

// dial connects, and finds out that it is the host which answers.
func (c *Client) dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	d := net.Dialer{Resolver: c.resolver, ControlContext: c.look}
	plain, err := d.DialContext(ctx, "tcp", net.JoinHostPort(rooted(u.Hostname()), cmp.Or(u.Port(), "443")))
	if err != nil {
		return nil, undialled(err)
	}
	conn := tls.Client(plain, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: c.roots, NextProtos: []string{"http/1.1"}})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, slow(err, NotTrusted)
	}
	return conn, nil
}

// look refuses what is not public. It is asked for every address that a name has, after it was resolved and before anything is sent there.
func (c *Client) look(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !c.allowed(to.Addr()) {
		return NotPublic
	}
	return nil
}

// rooted is a name that no search list of this machine lengthens.
func rooted(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	return host + "."
}
