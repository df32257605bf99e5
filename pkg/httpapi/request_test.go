package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"twofold/pkg/access"
)

func TestRoutes(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "", 404, ""},
		{"GET", "*", 404, ""},
		{"GET", "/v1/" + marker, 404, ""},
		{"GET", "/v1//users/ann", 404, ""},
		{"PUT", "/v1//users/ann", 404, ""},
		{"PUT", "/v1/x/../users/ann", 404, ""},
		{"PUT", "/v1/users/./ann", 404, ""},
		{"PUT", "/v1/users/..", 404, ""},
		{"PUT", "/v1/users/", 404, ""},
		{"PUT", "/v1/users/ann/", 404, ""},
		{"PUT", "/V1/users/ann", 404, ""},
		{"GET", "/keys/", 404, ""},
		{"GET", "/openapi.json", 404, ""},
		{"GET", "/openapi.yaml", 404, ""},
		{"GET", "/docs", 404, ""},
		{"GET", "/schemas/Problem.json", 404, ""},
		{"GET", "/v1/users/ann", 405, "DELETE, PUT"},
		{"OPTIONS", "/v1/users/ann", 405, "DELETE, PUT"},
		{"CONNECT", "/v1/users/ann", 405, "DELETE, PUT"},
		{strings.ToUpper(marker), "/v1/users/ann", 405, "DELETE, PUT"},
		{"POST", "/keys", 405, "GET, HEAD"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.method, c.target = test.method, test.path
			c.header = http.Header{} // a route is judged before the key
			w := s.send(c)
			code := map[int]string{404: "not_found", 405: "method_not_allowed"}[test.status]
			problem(t, w, test.status, code)
			if got := w.Header().Get("Allow"); got != test.allow {
				t.Errorf("Allow %q, want %q", got, test.allow)
			}
			if w.Header().Get("Location") != "" || s.calls != 0 {
				t.Error("redirected or handled")
			}
			silent(t, s, w)
		})
	}
}

func TestKeysRefused(t *testing.T) {
	right := good(t).header.Get("Authorization")
	for name, values := range map[string][]string{
		"none":           nil,
		"empty":          {""},
		"no scheme":      {strings.TrimPrefix(right, "Bearer ")},
		"scheme only":    {"Bearer"},
		"other scheme":   {"Basic " + marker},
		"no key":         {"Bearer " + marker},
		"cut short":      {right[:len(right)-1]},
		"one digit off":  {right[:len(right)-1] + "g"},
		"something more": {right + " "},
		"two spaces":     {strings.Replace(right, " ", "  ", 1)},
		"twice":          {right, right},
		"joined":         {right + ", " + right},
		"two kinds":      {right, "Basic " + marker},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.header["Authorization"] = values
			// Everything else is wrong too, and must not show.
			c.target, c.body = "/v1/users/ann?"+marker+"=1", marker
			c.header["Content-Type"] = []string{"text/plain"}
			w := s.send(c)
			problem(t, w, 401, "unauthenticated")
			if got := w.Header().Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("WWW-Authenticate %q", got)
			}
			if s.calls != 0 || strings.Contains(s.logged.String(), "tfk_") {
				t.Error("handled, or the key is in the log")
			}
			silent(t, s, w)
		})
	}
}

func TestCaller(t *testing.T) {
	s, c := newSample(t), good(t)
	text := strings.TrimPrefix(c.header.Get("Authorization"), "Bearer ")
	want, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c.header.Set("Authorization", "bearer "+text)
	c.header.Set("X-Request-Id", marker)
	c.header.Set("X-Forwarded-For", marker)
	if w := s.send(c); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	if !s.caller.Credential.Same(want) {
		t.Errorf("the key is %s", s.caller.Credential.ID)
	}
	s.caller.Credential = want // and with it the place for what is found
	if s.caller != (access.Caller{Credential: want, RequestID: "req-1", Seen: "192.0.2.7"}) {
		t.Errorf("caller %+v", s.caller)
	}
}

func TestMediaTypes(t *testing.T) {
	for value, ok := range map[string]bool{
		"application/json":                          true,
		"Application/JSON":                          true,
		"application/json; charset=utf-8":           true,
		`application/json;charset="UTF-8"`:          true,
		"application/json; x=\"a+b\"":               true,
		"":                                          false,
		"application/json; charset=latin1":          false,
		"application/json; charset=utf-16":          false,
		"application/json; charset":                 false,
		"application/jsonp":                         false,
		"application/problem+json":                  false,
		"application/cbor":                          false,
		"json":                                      false,
		"text/plain":                                false,
		"application/x-www-form-urlencoded":         false,
		"multipart/form-data; boundary=" + marker:   false,
		"application/json, text/plain; x=" + marker: false,
	} {
		t.Run(value, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.header["Content-Type"] = []string{value}
			if ok {
				if w := s.send(c); w.Code != 200 {
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
				return
			}
			c.body = strings.Repeat(marker, 1000) // too large as well: 415 comes first
			w := s.send(c)
			problem(t, w, 415, "unsupported_media_type")
			silent(t, s, w)
		})
	}
}

func TestMediaTypeMissingTwiceOrCompressed(t *testing.T) {
	for name, change := range map[string]func(http.Header){
		"missing":    func(h http.Header) { h.Del("Content-Type") },
		"twice":      func(h http.Header) { h.Add("Content-Type", "application/json") },
		"compressed": func(h http.Header) { h.Set("Content-Encoding", "gzip") },
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newSample(t), good(t)
			change(c.header)
			problem(t, s.send(c), 415, "unsupported_media_type")
		})
	}
}

func TestParametersRefused(t *testing.T) {
	tests := []struct {
		query, key string
		status     int
		code, at   string
	}{
		{"paeg=1", "", 400, "unknown_parameter", "query.paeg"},
		{"Page=1", "", 400, "unknown_parameter", "query.Page"},
		{"%3Cb%3E" + marker + "=1", "", 400, "unknown_parameter", "query"},
		{strings.Repeat("x", 65) + "=" + marker, "", 400, "unknown_parameter", "query"},
		{"page=1&page=2", "", 400, "repeated_parameter", "query.page"},
		{"page=1;" + marker, "", 400, "invalid_query", ""},
		{"name=%zz" + marker, "", 400, "invalid_query", ""},
		{"name=%ff" + marker, "", 400, "invalid_query", "query.name"},
		{"text=" + marker + "%EF%BF%BD", "", 400, "invalid_query", "query.text"},
		{"tag=a&tag=%EF%BF%BD", "", 400, "invalid_query", "query.tag"},
		{"page=" + marker, "", 422, "invalid_field", "query.page"},
		{"page=0", "", 422, "invalid_field", "query.page"},
		{"page=51", "", 422, "invalid_field", "query.page"},
		{"page=", "", 422, "invalid_field", "query.page"},
		{"page", "", 422, "invalid_field", "query.page"},
		{"deep=yes", "", 422, "invalid_field", "query.deep"},
		{"deep=1", "", 422, "invalid_field", "query.deep"},
		{"deep", "", 422, "invalid_field", "query.deep"},
		{"name=" + marker, "", 422, "invalid_field", "query.name"},
		{"name=", "", 422, "invalid_field", "query.name"},
		{"", marker + " with space", 422, "invalid_field", "header.Idempotency-Key"},
		{"", marker + "\u00e9", 422, "invalid_field", "header.Idempotency-Key"},
		{"", strings.Repeat(marker, 12), 422, "invalid_field", "header.Idempotency-Key"},
		{"", "-", 0, "", ""},
		{"", strings.Repeat("k", 128), 0, "", ""},
		{"page=50&deep=true&name=ann&tag=a&tag=b", "", 0, "", ""},
	}
	for _, test := range tests {
		t.Run(test.query+test.key, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.target += "?" + test.query
			if test.key != "" {
				c.header.Set("Idempotency-Key", test.key)
			}
			w := s.send(c)
			if test.status == 0 {
				if w.Code != 200 || string(s.input.Key) != test.key {
					t.Errorf("status %d, key %q: %s", w.Code, s.input.Key, w.Body)
				}
				return
			}
			if p := problem(t, w, test.status, test.code); p.Field != test.at {
				t.Errorf("field %q, want %q", p.Field, test.at)
			}
			if s.calls != 0 {
				t.Error("the handler was called")
			}
			silent(t, s, w)
		})
	}
}

func TestParametersArrive(t *testing.T) {
	s, c := newSample(t), good(t)
	c.target += "?tag=a%26b&tag=c%3Dd&page=7&deep=true&name=ann"
	if w := s.send(c); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	in := s.input
	if in.User != "ann" || in.Page != 7 || !in.Deep || in.Name != "ann" || strings.Join(in.Tags, "|") != "a&b|c=d" {
		t.Errorf("input %+v", in)
	}
}

// TestQueryIsReadOneWay ends with a name without "=", which huma's own parser reads as "true".
func TestQueryIsReadOneWay(t *testing.T) {
	s, c := newSample(t), good(t)
	c.target += "?page=7&text"
	if w := s.send(c); w.Code != 200 || s.input.Page != 7 || s.input.Text != "" {
		t.Errorf("status %d, input %+v", w.Code, s.input)
	}
}

func TestHeaderTwiceOrEmpty(t *testing.T) {
	s, c := newSample(t), good(t)
	c.header["Idempotency-Key"] = []string{marker, marker}
	w := s.send(c)
	problem(t, w, 400, "repeated_parameter")
	silent(t, s, w)
	c.header["Idempotency-Key"] = []string{""}
	problem(t, s.send(c), 422, "invalid_field")
}

// TestOrder breaks one thing more at each step; the earliest check answers.
func TestOrder(t *testing.T) {
	c := good(t)
	steps := []struct {
		name   string
		status int
		spoil  func()
	}{
		{"validation", 422, func() { c.body = `{"code":""}` }},
		{"JSON", 400, func() { c.body = `{` }},
		{"size", 413, func() { c.body = strings.Repeat(" ", 3000) }},
		{"media type", 415, func() { c.header.Set("Content-Type", "text/plain") }},
		{"key", 401, func() { c.header.Del("Authorization") }},
		{"method", 405, func() { c.method = "GET" }},
		{"path", 404, func() { c.target = "/nowhere" }},
	}
	for _, step := range steps {
		step.spoil()
		if w := newSample(t).send(c); w.Code != step.status {
			t.Errorf("%s: status %d, want %d", step.name, w.Code, step.status)
		}
	}
}

func TestQueryIsJudgedBeforeValidation(t *testing.T) {
	s, c := newSample(t), good(t)
	c.target, c.body = c.target+"?unknown=1", `{"code":""}`
	problem(t, s.send(c), 400, "unknown_parameter")
}
