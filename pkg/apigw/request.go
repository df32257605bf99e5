package apigw

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// event is the part of payload format 2.0 that a request is made of.
type event struct {
	Version         string            `json:"version"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  struct {
		DomainName string `json:"domainName"`
		RequestID  string `json:"requestId"`
		HTTP       struct {
			Method   string `json:"method"`
			Protocol string `json:"protocol"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
}

func (e *event) body() ([]byte, error) {
	if e.IsBase64Encoded {
		return base64.StdEncoding.DecodeString(e.Body)
	}
	return []byte(e.Body), nil
}

func (e *event) request(ctx context.Context, body []byte) *http.Request {
	seen := e.RequestContext.HTTP
	r := &http.Request{
		Method: seen.Method,
		// The path comes decoded: parsing it as a URL would decode it twice, or fail at a percent sign.
		URL:           &url.URL{Path: e.RawPath, RawQuery: e.RawQueryString},
		Proto:         seen.Protocol,
		Header:        e.header(),
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
		Host:          e.RequestContext.DomainName,
		RemoteAddr:    net.JoinHostPort(seen.SourceIP, "0"),
	}
	r.RequestURI = r.URL.RequestURI()
	r.ProtoMajor, r.ProtoMinor, _ = http.ParseHTTPVersion(seen.Protocol)
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return r.WithContext(withOrigin(ctx, origin{requestID: e.RequestContext.RequestID, sourceIP: seen.SourceIP}))
}

// header keeps every value whole: the API Gateway has joined repeated headers
// with commas, and a comma inside one value looks the same. As in net/http, the
// host is not among them: only the domain that the API Gateway saw counts.
func (e *event) header() http.Header {
	header := make(http.Header, len(e.Headers)+1)
	for name, value := range e.Headers {
		header.Set(name, value)
	}
	header.Del("Host")
	if len(e.Cookies) > 0 {
		header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return header
}
