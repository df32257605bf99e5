package gateway

import (
	"net/http"
	"reflect"
	"testing"
)

// TestResponses: payload format 2.0, and what API Gateway infers where a function does not say.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func TestResponses(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		status       int
		kind, body   string
	}{
		{"problem", `{"statusCode":401,"headers":{"content-type":"application/problem+json"},"body":"{}"}`,
			401, "application/problem+json", "{}"},
		{"base64", `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"AP8=","isBase64Encoded":true}`,
			200, "image/png", "\x00\xff"},
		{"no type", `{"statusCode":200,"body":"hi"}`, 200, "text/plain;charset=UTF-8", "hi"},
		{"inferred object", `{"hello":1}`, 200, "application/json", `{"hello":1}`},
		{"inferred text", `"hello"`, 200, "application/json", "hello"},
		{"no JSON", `hello`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"status no number", `{"statusCode":"200"}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"status out of range", `{"statusCode":99}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"body no text", `{"statusCode":200,"body":{}}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"broken base64", `{"statusCode":200,"body":"%","isBase64Encoded":true}`,
			500, "application/json", `{"message":"Internal Server Error"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serve(t, &function{answer: c.answer}, "")
			res, body := fetch(t, "GET", server.URL, nil)
			if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.kind || body != c.body {
				t.Errorf("%d %s %q", res.StatusCode, res.Header.Get("Content-Type"), body)
			}
		})
	}
}

func TestResponseHeaders(t *testing.T) {
	server := serve(t, &function{answer: `{"statusCode":200,"cookies":["a=1; Path=/","b=2"],"body":"12345",
		"headers":{"retry-after":7,"x-flag":true,"x-none":null,"WWW-Authenticate":"Bearer realm=\"a\", error=\"b\"",
		"set-cookie":"c=3","content-length":"1","connection":"close","transfer-encoding":"chunked"}}`}, "")
	res, body := fetch(t, "GET", server.URL, nil)
	if got := res.Header.Values("Set-Cookie"); !reflect.DeepEqual(got, []string{"a=1; Path=/", "b=2"}) {
		t.Errorf("cookies %q", got)
	}
	for name, want := range map[string]string{
		"Retry-After": "7", "X-Flag": "true", "X-None": "", "Www-Authenticate": `Bearer realm="a", error="b"`,
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if body != "12345" || res.ContentLength != 5 {
		t.Errorf("the function frames the body: %q, length %d", body, res.ContentLength)
	}
}

func TestHead(t *testing.T) {
	server := serve(t, &function{answer: `{"statusCode":200,"body":"12345"}`}, "")
	res, body := fetch(t, http.MethodHead, server.URL, nil)
	if res.StatusCode != 200 || body != "" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
}
