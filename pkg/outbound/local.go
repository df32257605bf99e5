package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// URLHeader holds the URL itself, where there is an endpoint.
const URLHeader = "Twofold-Webhook-Url"

var errEndpoint = errors.New("outbound: the endpoint is not http:// and a loopback address with its port")

// onThisMachine reads an endpoint. It must name the address: a name might stand for another tomorrow.
func onThisMachine(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errEndpoint
	}
	address, err := netip.ParseAddrPort(u.Host)
	if err != nil || !address.Addr().IsLoopback() {
		return nil, errEndpoint
	}
	return u, nil
}

// reachLocal connects to the endpoint. No check of the URL is left out for it; that of the address has nothing to look at.
func (c *Client) reachLocal(ctx context.Context, u *url.URL, body []byte) (net.Conn, *http.Request, error) {
	to, err := url.Parse(strings.TrimRight(c.local.String(), "/") + "/" + u.Host + u.RequestURI())
	if err != nil {
		return nil, nil, BadURL
	}
	r, err := request(ctx, to, body)
	if err != nil {
		return nil, nil, BadURL
	}
	r.Header.Set(URLHeader, u.String())
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.local.Host)
	if err != nil {
		return nil, nil, undialled(err)
	}
	return conn, r, nil
}
