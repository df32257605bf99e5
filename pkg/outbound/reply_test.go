package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// saying is a client and the URL of a server that talks as it likes. It ends the connection when talk returns; done says so.
func saying(t *testing.T, talk func(net.Conn)) (c *Client, address string, done chan struct{}) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{live}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	done = make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		talk(conn)
	}()
	c = reaching(t, nil)
	c.roots = pool(live)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return c, "https://hooks.example.com:" + port + "/?secret=in-the-url", done
}

// heard reads a request's head, so that the answer does not come before it.
func heard(conn net.Conn) {
	head := make([]byte, 4<<10)
	_, _ = conn.Read(head)
}

// forever says a text again and again until nobody listens.
func forever(conn net.Conn, text string) {
	for {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
	}
}

// Whatever is said, it costs a bounded time and memory, the status is all that is known of it, and no word of it is in an error.
func TestWhatAHostMaySay(t *testing.T) {
	const secret = "in-the-reply"
	for name, c := range map[string]struct {
		start, more string
		status      int
		err         error
	}{
		"a status":                   {"HTTP/1.1 204 No Content\r\n\r\n", "", 204, nil},
		"of HTTP/1.0":                {"HTTP/1.0 200 OK\r\n\r\nbye", "", 200, nil},
		"gone":                       {"HTTP/1.1 410 " + secret + "\r\nContent-Length: 0\r\n\r\n", "", 410, nil},
		"an interim one before":      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "", 200, nil},
		"another protocol":           {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "", 101, nil},
		"nothing":                    {"", "", 0, NoAnswer},
		"no HTTP":                    {"SSH-2.0-" + secret + "\r\n", "", 0, NoAnswer},
		"half a head":                {"HTTP/1.1 200 OK\r\nX-Secret: " + secret, "", 0, NoAnswer},
		"half a body":                {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + secret, "", 200, nil},
		"a broken chunk":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + secret, "", 200, nil},
		"two lengths":                {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + secret, "", 0, NoAnswer},
		"a header without end":       {"HTTP/1.1 200 OK\r\nX-Secret: ", secret, 0, NoAnswer},
		"headers without end":        {"HTTP/1.1 200 OK\r\n", "X-Secret: " + secret + "\r\n", 0, NoAnswer},
		"a status line without end":  {"HTTP/1.1 200 ", secret, 0, NoAnswer},
		"interim ones without end":   {"", "HTTP/1.1 100 Continue\r\n\r\n", 0, NoAnswer},
		"a body without end":         {"HTTP/1.1 200 OK\r\n\r\n", secret, 200, nil},
		"chunks without end":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 200, nil},
		"trailers without end":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-Secret: " + secret + "\r\n", 200, nil},
		"a packed body, without end": {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "\x1f\x8b", 200, nil},
	} {
		client, address, done := saying(t, func(conn net.Conn) {
			heard(conn)
			_, _ = io.WriteString(conn, c.start)
			if c.more != "" {
				forever(conn, c.more)
			}
		})
		status, err := client.Post(t.Context(), address, nil, []byte("{}"))
		if status != c.status || !errors.Is(err, c.err) || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %d, %v", name, status, err)
		}
		<-done // and the connection is closed
	}
}

// A status that came counts, though its body does not come to an end.
func TestABodyThatTakesItsTime(t *testing.T) {
	stuck := make(chan struct{})
	c, s := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "wait")
		_ = http.NewResponseController(w).Flush()
		<-stuck
	})
	defer close(stuck)
	c.courtesy = 50 * time.Millisecond
	if status, err := c.Post(t.Context(), at(s, "hooks.example.com", "/"), nil, nil); status != http.StatusOK || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

// What is left of the post's own time bounds that too.
func TestCourtesyEndsWithThePost(t *testing.T) {
	c := &Client{courtesy: long}
	ours, theirs := net.Pipe()
	defer theirs.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	c.take(ctx, ours, &http.Response{Body: ours})
	if time.Until(deadline(ctx)) > 0 {
		t.Error("it ended before its time, for another reason")
	}
}

func deadline(ctx context.Context) time.Time {
	end, _ := ctx.Deadline()
	return end
}

// Success before the whole request was out is none; a refusal is one.
func TestAnAnswerBeforeTheRequest(t *testing.T) {
	body := make([]byte, 8<<20) // more than any buffer on the way
	for status, want := range map[int]error{200: NoAnswer, 413: nil} {
		c, address, done := saying(t, func(conn net.Conn) {
			heard(conn)
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n", status)
			_ = conn.(*tls.Conn).CloseWrite()
			_ = conn.SetReadDeadline(time.Now().Add(-time.Second))
		})
		got, err := c.Post(t.Context(), address, nil, body)
		if !errors.Is(err, want) && !errors.Is(err, NoAnswer) || err == nil && got != status || got == 200 {
			t.Errorf("%d: %d, %v", status, got, err)
		}
		<-done
	}
}
