package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const long = time.Hour // than any test

// reaching is a client that takes this machine's addresses for public ones, and trusts the server. Every name below example.com is there.
func reaching(t *testing.T, s *httptest.Server) *Client {
	t.Helper()
	roots := x509.NewCertPool()
	if s != nil && s.Certificate() != nil {
		roots.AddCert(s.Certificate())
	}
	n := &names{answers: map[string][][]string{"hooks.example.com.": {{"127.0.0.1"}}, "other.example.net.": {{"127.0.0.1"}}}}
	return &Client{resolver: resolving(t, n), allowed: func(a netip.Addr) bool { return a.IsLoopback() }, roots: roots, limit: long, courtesy: long}
}

func serving(t *testing.T, h http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return reaching(t, s), s
}

// at is a URL of the server below a name.
func at(s *httptest.Server, host, rest string) string {
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	return "https://" + host + ":" + port + rest
}

func TestAPostArrivesAsItIs(t *testing.T) {
	var got *http.Request
	var body []byte
	c, s := serving(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "thanks")
	})
	header := map[string]string{"webhook-id": "msg_1", "webhook-signature": "v1,abc v1,def"}
	for range 2 { // a cookie would come with the second
		status, err := c.Post(t.Context(), at(s, "hooks.example.com", "/in%2fto?key=1"), header, []byte(`{"a":1}`))
		if status != http.StatusAccepted || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
		if got.Method != http.MethodPost || got.RequestURI != "/in%2fto?key=1" || string(body) != `{"a":1}` || got.ContentLength != 7 || !got.Close {
			t.Errorf("%s %s %q", got.Method, got.RequestURI, body)
		}
		want := http.Header{
			"Webhook-Id": {"msg_1"}, "Webhook-Signature": {"v1,abc v1,def"}, "User-Agent": {"Twofold"}, "Content-Type": {"application/json"},
			"Content-Length": {"7"}, "Connection": {"close"},
		}
		for name := range got.Header {
			if got.Header.Get(name) != want.Get(name) {
				t.Errorf("header %s: %q", name, got.Header.Get(name))
			}
		}
		if len(got.Header) != len(want) || !strings.HasPrefix(got.Host, "hooks.example.com:") {
			t.Errorf("headers %v of %s", got.Header, got.Host)
		}
	}
}

func TestARedirectionIsAnAnswer(t *testing.T) {
	var posts atomic.Int32
	c, s := serving(t, func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if status, err := c.Post(t.Context(), at(s, "hooks.example.com", "/"), nil, nil); status != http.StatusTemporaryRedirect || err != nil || posts.Load() != 1 {
		t.Errorf("%d, %v, %d posts", status, err, posts.Load())
	}
}

// What is refused is never connected to: the server would count it.
func TestNothingIsDialledThatIsNotPublic(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	n := &names{answers: map[string][][]string{
		"loop.example.com.": {{"127.0.0.1"}}, "loop6.example.com.": {{"::1"}}, "both.example.com.": {{"127.0.0.1", "::1", "10.0.0.1"}},
		"mapped.example.com.": {{"::ffff:127.0.0.1"}}, "meta.example.com.": {{"169.254.169.254"}}, "nat.example.com.": {{"64:ff9b::7f00:1"}},
	}}
	hosts := slices.Collect(maps.Keys(n.answers))
	c, err := Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.resolver = resolving(t, n)
	for _, name := range hosts {
		if _, err := c.Post(t.Context(), "https://"+strings.TrimSuffix(name, ".")+":"+port+"/", nil, nil); !errors.Is(err, NotPublic) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"https://127.0.0.1:" + port + "/", "http://hooks.example.com/", "https://localhost:" + port + "/", "https://a@loop.example.com/"} {
		if _, err := c.Post(t.Context(), address, nil, nil); !errors.Is(err, BadURL) {
			t.Errorf("%s: %v", address, err)
		}
	}
	_ = l.(*net.TCPListener).SetDeadline(time.Now())
	if conn, err := l.Accept(); err == nil {
		conn.Close()
		t.Error("somebody connected")
	}
}

// A name that was public may stand for something else at the next attempt: nothing of the first serves the second.
func TestANameThatMoves(t *testing.T) {
	var posts atomic.Int32
	c, s := serving(t, func(http.ResponseWriter, *http.Request) { posts.Add(1) })
	n := &names{answers: map[string][][]string{"hooks.example.com.": {{"127.0.0.1"}, {"127.0.0.2"}}}}
	c.resolver, c.allowed = resolving(t, n), func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }
	address := at(s, "hooks.example.com", "/")
	if status, err := c.Post(t.Context(), address, nil, nil); status != http.StatusOK || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	if _, err := c.Post(t.Context(), address, nil, nil); !errors.Is(err, NotPublic) || posts.Load() != 1 {
		t.Errorf("%v, %d posts", err, posts.Load())
	}
}

// Where a name has several addresses, the public one serves.
func TestOnlyThePublicOfSeveralAddresses(t *testing.T) {
	c, s := serving(t, func(http.ResponseWriter, *http.Request) {})
	n := &names{answers: map[string][][]string{"hooks.example.com.": {{"127.0.0.2", "127.0.0.1"}}}}
	c.resolver, c.allowed = resolving(t, n), func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }
	if status, err := c.Post(t.Context(), at(s, "hooks.example.com", "/"), nil, nil); status != http.StatusOK || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

// No search list lengthens a name: "hooks.example" is not "hooks.example.corp".
func TestNamesAreRooted(t *testing.T) {
	n := &names{answers: map[string][][]string{"known.example.com.": {{"127.0.0.1"}}}}
	c := reaching(t, nil)
	c.resolver = resolving(t, n)
	if _, err := c.Post(t.Context(), "https://hooks.example/", nil, nil); !errors.Is(err, NoSuchHost) {
		t.Errorf("%v", err)
	}
	if rooted("hooks.example") != "hooks.example." || rooted("::1") != "::1" || rooted("192.0.2.1") != "192.0.2.1" {
		t.Error("names have a final dot, and addresses none")
	}
}

func TestNobodyListens(t *testing.T) {
	c, s := serving(t, func(http.ResponseWriter, *http.Request) {})
	address := at(s, "hooks.example.com", "/")
	s.Close()
	if _, err := c.Post(t.Context(), address, nil, nil); !errors.Is(err, CannotConnect) {
		t.Errorf("%v", err)
	}
}

func TestTLS(t *testing.T) {
	for name, c := range map[string]struct {
		host   string
		server *tls.Config
		client func(*Client)
		want   error
	}{
		"good":             {"hooks.example.com", nil, nil, nil},
		"another's name":   {"other.example.net", nil, nil, NotTrusted},
		"of nobody known":  {"hooks.example.com", nil, func(c *Client) { c.roots = x509.NewCertPool() }, NotTrusted},
		"system's roots":   {"hooks.example.com", nil, func(c *Client) { c.roots = nil }, NotTrusted},
		"TLS 1.2":          {"hooks.example.com", &tls.Config{MaxVersion: tls.VersionTLS12}, nil, nil},
		"TLS 1.1":          {"hooks.example.com", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, nil, NotTrusted},
		"wants ours":       {"hooks.example.com", &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, nil, NotTrusted},
		"no TLS whatever":  {"hooks.example.com", nil, nil, NotTrusted},
		"of another time":  {"hooks.example.com", &tls.Config{Certificates: []tls.Certificate{over}}, func(c *Client) { c.roots = pool(over) }, NotTrusted},
		"of this time too": {"hooks.example.com", &tls.Config{Certificates: []tls.Certificate{live}}, func(c *Client) { c.roots = pool(live) }, nil},
	} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		s.Config.ErrorLog, s.TLS = log.New(io.Discard, "", 0), c.server
		if name == "no TLS whatever" {
			s.Start()
		} else {
			s.StartTLS()
		}
		client := reaching(t, s)
		if c.client != nil {
			c.client(client)
		}
		status, err := client.Post(t.Context(), at(s, c.host, "/"), nil, nil)
		if !errors.Is(err, c.want) || (err == nil) != (status == http.StatusOK) {
			t.Errorf("%s: %d, %v", name, status, err)
		}
		s.Close()
	}
}

// Whoever's time ended, it is told apart: the receiver's by ours, and the caller's own.
func TestTime(t *testing.T) {
	stuck := make(chan struct{})
	c, s := serving(t, func(_ http.ResponseWriter, r *http.Request) { <-stuck })
	defer close(stuck)
	address := at(s, "hooks.example.com", "/")
	short := *c
	short.limit = 50 * time.Millisecond
	if _, err := short.Post(t.Context(), address, nil, nil); !errors.Is(err, TimedOut) {
		t.Errorf("the receiver's: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Post(ctx, address, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller's: %v", err)
	}
	if _, err := c.Post(ctx, address, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("over before: %v", err)
	}
}

// Nobody who connects and says nothing keeps us longer, in TLS either.
func TestASilentHandshake(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepted by the kernel, and left
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := reaching(t, nil)
	c.limit = 50 * time.Millisecond
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := c.Post(t.Context(), "https://hooks.example.com:"+port+"/", nil, nil); !errors.Is(err, TimedOut) {
		t.Errorf("%v", err)
	}
}

func TestTheBoundsOfAPost(t *testing.T) {
	c, err := Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.limit != 10*time.Second || c.courtesy != time.Second || maxReply != 16<<10 || c.roots != nil || c.local != nil || c.allowed(netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("%+v", c)
	}
}
