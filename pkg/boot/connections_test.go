package boot

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// system is a server whose authority stands among the system's roots, as crypto/x509 finds them in this process.
var system *httptest.Server

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	system = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer system.Close()
	dir, err := os.MkdirTemp("", "twofold-boot-*")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(file, pemOf(system.Certificate().Raw), 0o600); err != nil {
		log.Print(err)
		return 1
	}
	if err := os.Setenv("SSL_CERT_FILE", file); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

func pemOf(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }

func address(s *httptest.Server) string { return s.Listener.Addr().String() }

// trusting are connections whose first roots are these.
func trusting(roots *x509.CertPool) *connections {
	c := newConnections()
	c.roots = func() *x509.CertPool { return roots }
	return c
}

func poolOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// counted counts the connections that a server gets.
func counted(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	s, count := httptest.NewUnstartedServer(http.NotFoundHandler()), &atomic.Int64{}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			count.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s, count
}

func TestAPreparedConnectionServesOneCall(t *testing.T) {
	server, count := counted(t)
	c := trusting(poolOf(server))
	c.prepare(address(server))
	for want := int64(1); want <= 2; want++ {
		conn, err := c.secure(t.Context(), "tcp", address(server))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got := count.Load(); got != want {
			t.Errorf("%d connections after call %d", got, want)
		}
	}
}

func TestAPreparedConnectionThatWaitedTooLongIsNotUsed(t *testing.T) {
	server, count := counted(t)
	c := trusting(poolOf(server))
	c.prepare(address(server))
	c.wait()
	c.prepared[address(server)][0].began = time.Now().Add(-freshTime)
	conn, err := c.secure(t.Context(), "tcp", address(server))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if count.Load() != 2 || len(c.prepared[address(server)]) != 0 {
		t.Errorf("%d connections, %d kept", count.Load(), len(c.prepared[address(server)]))
	}
}

func TestAPreparationThatFailedIsTriedAgain(t *testing.T) {
	server, _ := counted(t)
	c := trusting(poolOf(server))
	failed := preparation{time.Now(), make(chan net.Conn)}
	close(failed.made)
	c.prepared[address(server)] = []preparation{failed}
	conn, err := c.secure(t.Context(), "tcp", address(server))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
}

func TestACallDoesNotWaitBeyondItsTime(t *testing.T) {
	c := trusting(nil)
	c.prepared["192.0.2.1:443"] = []preparation{{time.Now(), make(chan net.Conn)}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.secure(ctx, "tcp", "192.0.2.1:443"); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// Where a service is certified by somebody else than the first roots, the system's decide; and only they.
func TestTrust(t *testing.T) {
	for _, c := range []struct {
		name   string
		server *httptest.Server
		roots  *x509.CertPool
		good   bool
	}{
		{"first roots", system, poolOf(system), true},
		{"not in the first roots, but the system's", system, x509.NewCertPool(), true},
		{"no first roots", system, nil, true},
		{"in neither", selfSigned(t), x509.NewCertPool(), false},
		{"in neither, no first roots", selfSigned(t), nil, false},
	} {
		conn, err := trusting(c.roots).secure(t.Context(), "tcp", address(c.server))
		if (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

func TestNamedRoots(t *testing.T) {
	amazon, other := certificate(t, "Amazon", "Amazon Root CA of this test"), certificate(t, "Other", "Other Root")
	broken := pemOf([]byte("Amazon, but no certificate"))
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: amazon})
	for _, c := range []struct {
		name string
		file string
		want int
	}{
		{"some", string(pemOf(other)) + string(pemOf(amazon)) + string(pemOf(other)), 1},
		{"none", string(pemOf(other)), 0},
		{"a broken one", string(broken) + string(pemOf(amazon)), 1},
		{"no certificate", string(key), 0},
		{"empty", "", 0},
	} {
		pool := namedRoots([]byte(c.file))
		if c.want == 0 {
			if pool != nil {
				t.Errorf("%s: a pool, which would trust nobody; nil is the system's", c.name)
			}
			continue
		}
		want := x509.NewCertPool()
		want.AddCert(parse(t, amazon))
		if pool == nil || !pool.Equal(want) {
			t.Errorf("%s: got another pool", c.name)
		}
	}
}

func TestEveryCallSharesTheConnections(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c",
		"TABLE_NAME": "t", "KMS_KEY_ARN": "k", "ISSUER": "i", "AWS_ENDPOINT_URL_DYNAMODB": system.URL, "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
	} {
		t.Setenv(name, value)
	}
	f := Start("test")
	f.Connect("kms", 3)
	if n := len(f.connections.prepared["127.0.0.1:1"]) + len(f.connections.prepared["http://127.0.0.1:1"]); n != 0 {
		t.Errorf("%d connections are prepared where there is no TLS", n)
	}
	if n := len(f.connections.prepared[address(system)]); n != 1 {
		t.Fatalf("%d connections are prepared to DynamoDB", n)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, system.URL, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	response, err := f.AWS.HTTPClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n := len(f.connections.prepared[address(system)]); n != 0 {
		t.Error("the call did not take the prepared connection")
	}
	transport := f.AWS.HTTPClient.(*http.Client).Transport.(*http.Transport)
	if transport.ResponseHeaderTimeout == 0 || f.connections.dialer.Timeout == 0 {
		t.Error("a call may wait for ever")
	}
}

// TestTriesFitIntoAFunctionsTime: three tries that all hang must end before Lambda ends the function.
func TestTriesFitIntoAFunctionsTime(t *testing.T) {
	const function, pauses = 10 * time.Second, time.Second
	if 3*answerTime+pauses > function || connectTime > answerTime {
		t.Error("a function would be killed before it could say 503")
	}
}

func TestConnectWaitsForNobody(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ENDPOINT_URL_KMS", "https://127.0.0.1:1")
	f := &Function{connections: newConnections()}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { f.Connect("kms", 2) })
	}
	wait.Wait()
	if n := len(f.connections.prepared["127.0.0.1:1"]); n != 16 {
		t.Errorf("%d connections are being prepared", n)
	}
}

func TestWaitingEndsWhenTheConnectionIsOpen(t *testing.T) {
	server, _ := counted(t)
	c := trusting(poolOf(server))
	c.prepare(address(server))
	c.wait()
	if len(c.prepared[address(server)][0].made) != 1 {
		t.Error("it ended before")
	}
}
