package gateway

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/infra/local/template"
)

// TestRecordedEvents compares with what live HTTP APIs delivered; testdata/README.md names the source of each.
func TestRecordedEvents(t *testing.T) {
	names, err := filepath.Glob("testdata/recorded/*.json")
	if err != nil || len(names) != 4 {
		t.Fatalf("%d recordings, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var recorded events.APIGatewayV2HTTPRequest
			if err := json.Unmarshal(text, &recorded); err != nil {
				t.Fatal(err)
			}
			f := &function{answer: `{"statusCode":200}`}
			g, err := New([]Target{{Route: routeOf(recorded.RouteKey), Function: f}}, func() time.Time {
				return time.UnixMilli(recorded.RequestContext.TimeEpoch)
			})
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if g.ServeHTTP(w, requestBehind(t, recorded)); w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			got, want := compared(t, f.payload), compared(t, text)
			if recorded.Body == "" {
				delete(got, "isBase64Encoded")
				delete(want, "isBase64Encoded")
			}
			for field := range union(got, want) {
				if !reflect.DeepEqual(got[field], want[field]) {
					t.Errorf("%s\n got %v\nwant %v", field, got[field], want[field])
				}
			}
		})
	}
}

func routeOf(key string) template.Route {
	method, path, ok := strings.Cut(key, " ")
	if !ok {
		return template.Route{}
	}
	return template.Route{Method: method, Path: path}
}

// requestBehind is the request that a gateway must have received to deliver e.
func requestBehind(t *testing.T, e events.APIGatewayV2HTTPRequest) *http.Request {
	t.Helper()
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = string(decoded)
	}
	about := e.RequestContext
	target := url.URL{Scheme: "http", Host: about.DomainName, Path: e.RawPath, RawQuery: e.RawQueryString}
	r := httptest.NewRequest(about.HTTP.Method, target.String(), strings.NewReader(body))
	r.RemoteAddr = about.HTTP.SourceIP + ":40000"
	r.Header.Set("User-Agent", about.HTTP.UserAgent)
	for name, value := range e.Headers {
		switch {
		case strings.HasPrefix(name, "x-forwarded-"), name == "host", name == "content-length": // the gateway's own
		case name == "x-probe": // sent as several headers
			for part := range strings.SplitSeq(value, ",") {
				r.Header.Add(name, part)
			}
		default:
			r.Header.Set(name, value)
		}
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return r
}

// compared is an event without what testdata/README.md says is not compared.
func compared(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	context := e["requestContext"].(map[string]any)
	for _, name := range []string{"accountId", "apiId", "requestId", "authentication"} {
		delete(context, name)
	}
	headers := e["headers"].(map[string]any)
	delete(headers, "x-forwarded-port")
	delete(headers, "x-forwarded-proto")
	return e
}

func union(a, b map[string]any) map[string]bool {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	return names
}
