package apigw

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// answer is the response of payload format 2.0.
type answer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers,omitempty"`
	Cookies         []string          `json:"cookies,omitempty"`
	Body            string            `json:"body,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded,omitempty"`
}

func problem(status int, body string) answer {
	return answer{StatusCode: status, Body: body, Headers: map[string]string{
		"Content-Type": "application/problem+json", "Cache-Control": "no-store",
	}}
}

// writer keeps net/http's promises: the first status wins, headers are fixed
// with it, writing without a status means 200, a missing Content-Type is guessed.
type writer struct {
	method string
	header http.Header
	status int
	sent   http.Header // as they were at the first WriteHeader
	body   bytes.Buffer
}

func newWriter(method string) *writer { return &writer{method: method, header: http.Header{}} }

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("apigw: no such status: %d", status)) // as net/http does
	}
	informational := status < 200 // a hint ahead of the answer, which a Lambda cannot send
	if w.status != 0 || informational {
		return
	}
	w.status, w.sent = status, w.header.Clone()
}

func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if w.sent.Get("Content-Type") == "" && w.body.Len() == 0 && len(p) > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(p))
	}
	if w.method == http.MethodHead {
		return len(p), nil
	}
	return w.body.Write(p)
}

func (w *writer) answer() answer {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	out := answer{StatusCode: w.status, Headers: map[string]string{}}
	for name, values := range w.sent {
		if name == "Set-Cookie" { // the one header that cannot be joined (RFC 9110 §5.3)
			for _, cookie := range values {
				out.Cookies = append(out.Cookies, oneLine.Replace(cookie))
			}
			continue
		}
		out.Headers[name] = oneLine.Replace(strings.Join(values, ", "))
	}
	if body := w.body.Bytes(); len(body) == 0 || isText(w.sent) && utf8.Valid(body) {
		out.Body = string(body)
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return out
}

// oneLine is what net/http does to values too: nobody adds a header by a line break.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// isText reports whether a body may travel as it is. Only what is known to be
// text does: base64 is always right, only longer.
func isText(header http.Header) bool {
	if header.Get("Content-Encoding") != "" {
		return false
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return false
	}
	return strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "image/svg+xml" ||
		strings.HasSuffix(kind, "+json") || kind == "application/javascript" || kind == "application/x-ndjson"
}
