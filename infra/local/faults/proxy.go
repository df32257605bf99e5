package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Toxic is one of toxiproxy's: what happens to the bytes of a connection on their way. Attributes are in milliseconds,
// bytes and kilobytes a second, as toxiproxy has them.
type Toxic struct {
	Type       string           `json:"type"`   // "reset_peer", "limit_data", "timeout", "latency", "bandwidth", "slow_close", "slicer"
	Stream     string           `json:"stream"` // "upstream": what the client sends, "downstream": what the service answers
	Attributes map[string]int64 `json:"attributes"`
}

// Proxy is a TCP proxy on loopback that spoils every connection that goes through it, always in the same way. Which
// calls go through it is for Through and the Wire to say: toxiproxy would have to be told anew for each call, while
// connections are open, and then nobody knows what a toxic still hits.
type Proxy struct {
	proxy *toxiproxy.Proxy
}

// NewProxy starts a proxy before the service at endpoint, a URL.
func NewProxy(endpoint string, toxics ...Toxic) (*Proxy, error) {
	service, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{proxy: toxiproxy.NewProxy(server, "faults", "127.0.0.1:0", service.Host)}
	for _, toxic := range toxics {
		raw, err := json.Marshal(toxic)
		if err != nil {
			return nil, fmt.Errorf("faults: %w", err)
		}
		if _, err := p.proxy.Toxics.AddToxicJson(bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("faults: toxic %s: %w", toxic.Type, err)
		}
	}
	if err := p.proxy.Start(); err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	return p, nil
}

// Address is the host and port at which it listens.
func (p *Proxy) Address() string { return p.proxy.Listen }

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() { p.proxy.Stop() }
