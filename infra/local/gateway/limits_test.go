package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestBodyLimit: "Payload size 10 MB", one byte more is refused before anything is invoked. (Lambda's own limit is
// lower; the function here has none.)
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
func TestBodyLimit(t *testing.T) {
	f := &function{answer: `{"statusCode":204}`}
	server := serve(t, f, "")
	if res, _ := fetch(t, "POST", server.URL, strings.NewReader(strings.Repeat("x", 10<<20))); res.StatusCode != 204 {
		t.Errorf("at the limit: %d", res.StatusCode)
	}
	f.payload = nil
	res, body := fetch(t, "POST", server.URL, strings.NewReader(strings.Repeat("x", 10<<20+1)))
	if res.StatusCode != http.StatusRequestEntityTooLarge || body != `{"message":"Request Entity Too Large"}` || f.payload != nil {
		t.Errorf("above the limit: %d %s, invoked: %v", res.StatusCode, body, f.payload != nil)
	}
}

// TestHeaderLimit: "Total combined size of request line and header values 10240 bytes". The requests are written by
// hand, so that nothing is in them that is not counted here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
func TestHeaderLimit(t *testing.T) {
	f := &function{answer: `{"statusCode":200,"body":"ok"}`}
	address := strings.TrimPrefix(serve(t, f, "").URL, "http://")
	const line, host, length = "POST /%s HTTP/1.1", "example.test", "2"
	others := len(line) - len("%s") + len(host) + len("close") + len(length)
	for _, c := range []struct {
		name                 string
		path, value, another int // bytes of each
		status               int
	}{
		{"at the limit, in one header", 0, 10240 - others, 0, 200},
		{"at the limit, in the path and two headers", 3000, 4000, 3240 - others, 200},
		{"one byte above, in one header", 0, 10241 - others, 0, 431},
		{"one byte above, in the path", 10241 - others, 0, 0, 431},
		{"one byte above, in sum", 3000, 4000, 3241 - others, 431},
		{"far above", 0, 100_000, 0, 431},
	} {
		f.payload = nil
		request := fmt.Sprintf(line, strings.Repeat("p", c.path)) + "\r\nHost: " + host + "\r\nConnection: close\r\nContent-Length: " + length +
			"\r\nX-Value: " + strings.Repeat("v", c.value) + "\r\nX-Another: " + strings.Repeat("w", c.another) + "\r\n\r\n{}"
		status, body := talk(t, address, request)
		if status != c.status || (f.payload != nil) != (status == 200) {
			t.Errorf("%s: %d %s, invoked: %v", c.name, status, body, f.payload != nil)
		}
		if status == 431 && body != `{"message":"Request Header Fields Too Large"}` {
			t.Errorf("%s: %s", c.name, body)
		}
	}
}

// talk sends the bytes of a request and reads the response.
func talk(t *testing.T, address, request string) (int, string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
