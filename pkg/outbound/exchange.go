package outbound

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// request is a post that asks for nothing but a status.
func request(ctx context.Context, u *url.URL, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Close = true
	r.Header.Set("User-Agent", "Twofold")
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}

func fill(header http.Header, with map[string]string) {
	for name, value := range with {
		header.Set(name, value)
	}
}

// exchange sends the request and reads the status, and closes the connection. It ends when ctx does.
func (c *Client) exchange(ctx context.Context, conn net.Conn, r *http.Request) (int, error) {
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end) // a connection that has none fails by itself
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	sent := r.Write(conn)
	reply := &io.LimitedReader{R: conn, N: maxReply}
	response, err := head(bufio.NewReaderSize(reply, 4<<10), r)
	if err != nil {
		return 0, slow(err, NoAnswer)
	}
	if sent != nil && response.StatusCode < 300 {
		return 0, slow(sent, NoAnswer) // nobody can have taken what was not all there
	}
	reply.N = maxReply
	c.take(ctx, conn, response)
	return response.StatusCode, nil
}

// head reads past interim answers (RFC 9110 §15.2), of which there are as many as fit into the bound of the reply.
func head(from *bufio.Reader, r *http.Request) (*http.Response, error) {
	for {
		response, err := http.ReadResponse(from, r)
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, nil
		}
	}
}

// take lets an honest receiver finish its answer, which was given already. Nothing of it is kept, and what fails here counts for nothing.
func (c *Client) take(ctx context.Context, conn net.Conn, response *http.Response) {
	until := time.Now().Add(c.courtesy)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	_ = conn.SetReadDeadline(until)
	_, _ = io.Copy(io.Discard, response.Body)
}
