package gateway

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// request is what the gateway itself knows of a request.
type request struct {
	id        string
	path      string // as deliveredPath gives it
	routeKey  string
	variables map[string]string
	body      []byte
	now       time.Time
}

// deliveredPath is the path as an HTTP API hands it on, for matching and in the event: cut at a "?" that one decoding
// brought to light, and decoded once more. net/http has decoded it the first time. It is false for what the second
// decoding cannot read, which an HTTP API refuses. Nobody documents this; live captures show it, in
// github.com/hotsock/voker's vokerhttp/testdata/ingress-paths.json and github.com/middleapi/standard-server pull 93.
func deliveredPath(decoded string) (string, bool) {
	path, _, _ := strings.Cut(decoded, "?")
	path, err := url.PathUnescape(path)
	return path, err == nil
}

// event builds the event of payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func event(r *http.Request, about request) events.APIGatewayV2HTTPRequest {
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	body, encoded := eventBody(r.Header.Get("Content-Type"), about.body)
	// The real name never has a port. This one does, so that links built from it lead back here.
	domain := r.Host
	prefix, _, _ := strings.Cut(domain, ".")
	return events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              about.routeKey,
		RawPath:               about.path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r.Header),
		Headers:               headers(r, source, about),
		QueryStringParameters: query(r.URL.RawQuery),
		PathParameters:        about.variables,
		Body:                  body,
		IsBase64Encoded:       encoded,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: about.routeKey, AccountID: "000000000000", Stage: "$default", RequestID: about.id,
			APIID: "local", DomainName: domain, DomainPrefix: prefix,
			Time:      about.now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch: about.now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: about.path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
		},
	}
}

// hopByHop headers end at the gateway (RFC 9110 section 7.6.1).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

// headers have lower-case names; values of one name are joined with commas. A caller's X-Forwarded-For is continued,
// never believed.
func headers(r *http.Request, source string, about request) map[string]string {
	kept := r.Header.Clone()
	for _, name := range append([]string{"Cookie"}, hopByHop...) {
		kept.Del(name)
	}
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	kept.Set("Content-Length", strconv.Itoa(len(about.body))) // also of a request without a body
	kept.Set("Host", r.Host)
	kept.Set("X-Forwarded-For", strings.Join(append(kept.Values("X-Forwarded-For"), source), ", "))
	kept.Set("X-Forwarded-Port", port)
	kept.Set("X-Forwarded-Proto", "http")
	if kept.Get("X-Amzn-Trace-Id") == "" {
		kept.Set("X-Amzn-Trace-Id", "Self="+about.id)
	}
	flat := make(map[string]string, len(kept))
	for name, values := range kept {
		flat[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return flat
}

// cookies takes every Cookie header apart; an event has them apart from the headers.
func cookies(h http.Header) []string {
	var list []string
	for _, line := range h.Values("Cookie") {
		for part := range strings.SplitSeq(line, ";") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	return list
}

// query is decoded, with the values of one name joined by commas. What cannot be decoded is left out, as only
// rawQueryString has it whole.
func query(raw string) map[string]string {
	parsed, _ := url.ParseQuery(raw)
	if len(parsed) == 0 {
		return nil
	}
	flat := make(map[string]string, len(parsed))
	for name, values := range parsed {
		flat[name] = strings.Join(values, ",")
	}
	return flat
}

// eventBody is text for media types that API Gateway takes for text, and base64 for all others and for none.
func eventBody(contentType string, body []byte) (text string, encoded bool) {
	if len(body) == 0 {
		return "", false
	}
	if isText(contentType) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

// isText is the split that github.com/ministackorg/ministack pull 766 found at a live HTTP API, "+json" not included.
func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}
