package httpapi_test

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/pkg/httpapi"
)

func TestBodiesRefused(t *testing.T) {
	long := strings.Repeat("x", 65)
	nested := func(n int) string {
		return `{"code":"12","free":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	tests := []struct {
		name, body string
		status     int
		code, at   string
	}{
		{"empty", ``, 400, "missing_body", ""},
		{"no JSON", marker, 400, "invalid_json", ""},
		{"white space only", "  \n", 400, "invalid_json", ""},
		{"unfinished", `{"code":"` + marker, 400, "invalid_json", "code"},
		{"unfinished list", `{"free":[`, 400, "invalid_json", "free[0]"},
		{"mismatched brackets", `{"free":[}`, 400, "invalid_json", "free[0]"},
		{"comma at the end", `{"code":"12",}`, 400, "invalid_json", ""},
		{"comment", `{"code":"12"/*` + marker + `*/}`, 400, "invalid_json", ""},
		{"single quotes", `{'code':'` + marker + `'}`, 400, "invalid_json", ""},
		{"NaN", `{"code":"12","days":NaN}`, 400, "invalid_json", "days"},
		{"byte order mark", "\xef\xbb\xbf" + `{"code":"12"}`, 400, "invalid_json", ""},
		{"invalid UTF-8 in a value", `{"code":"` + marker + "\xff" + `"}`, 400, "invalid_json", "code"},
		{"invalid UTF-8, as the API Gateway hands it over", `{"code":"` + marker + "\ufffd" + `"}`, 422, "invalid_field", "code"},
		{"invalid UTF-8 in a list", `{"code":"12","methods":["\ufffd"]}`, 422, "invalid_field", "methods[0]"},
		{"invalid UTF-8 in a part", `{"code":"12","steps":[{"until":1}],"labels":{"a":"` + marker + `\ufffd"}}`, 422, "invalid_field", "labels.a"},
		{"invalid UTF-8, escaped", `{"code":"` + `\u` + `FFFD"}`, 422, "invalid_field", "code"},
		{"invalid UTF-8 in a free value", `{"code":"12","free":{"a":["\ufffd"]}}`, 422, "invalid_field", "free[0]"},
		{"invalid UTF-8 in a free name", `{"code":"12","free":{"\ufffd":1}}`, 422, "invalid_field", "free"},
		{"invalid UTF-8 in an unknown name", `{"code":"12","\ufffd":1}`, 400, "unknown_field", "body"},
		{"invalid UTF-8 in a name", "{\"\xff\":1}", 400, "invalid_json", ""},
		{"lone surrogate", `{"code":"\ud800"}`, 400, "invalid_json", "code"},
		{"control character", "{\"code\":\"1\x002\"}", 400, "invalid_json", "code"},
		{"duplicate", `{"code":"12","code":"` + marker + `"}`, 400, "duplicate_key", "code"},
		{"duplicate, escaped", `{"code":"12","c\u006fde":"` + marker + `"}`, 400, "duplicate_key", "code"},
		{"duplicate, nested", `{"code":"12","grace":{"until":1,"until":2}}`, 400, "duplicate_key", "grace.until"},
		{"duplicate, in a map", `{"code":"12","labels":{"a":"` + marker + `","a":""}}`, 400, "duplicate_key", "labels.a"},
		{"duplicate, in a free value", `{"code":"12","free":{"a":{"` + marker + `":1,"` + marker + `":2}}}`, 400, "duplicate_key", "free"},
		{"trailing value", `{"code":"12"}{"code":"` + marker + `"}`, 400, "trailing_data", ""},
		{"trailing rubbish", `{"code":"12"} ` + marker, 400, "trailing_data", ""},
		{"too deep", nested(32), 400, "too_deep", ""},
		{"far too deep, unfinished", strings.Repeat("[", 2000), 400, "too_deep", ""},
		{"unknown field", `{"code":"12","unheard":"` + marker + `"}`, 400, "unknown_field", "unheard"},
		{"unknown nested field", `{"code":"12","grace":{"until":1,"of.it":"` + marker + `"}}`, 400, "unknown_field", "grace.of.it"},
		{"unknown in a list", `{"code":"12","steps":[{"until":1},{"until":1,"zz":1}]}`, 400, "unknown_field", "steps[1].zz"},
		{"unknown field, other case", `{"Code":"12"}`, 400, "unknown_field", "Code"},
		{"unknown field, folding to ours", `{"code":"12","ſteps":[]}`, 400, "unknown_field", "body"},
		{"unknown field, not presentable", `{"code":"12","` + marker + ` <b>":1}`, 400, "unknown_field", "body"},
		{"unknown field, too long", `{"code":"12","` + marker + long + `":1}`, 400, "unknown_field", "body"},
		{"unknown field, empty", `{"code":"12","":1}`, 400, "unknown_field", "body"},
		{"map with an unpresentable name", `{"code":"12","labels":{"` + marker + `.x":"1"}}`, 400, "unknown_field", "labels." + marker + ".x"},
		{"unknown before invalid", `{"code":7,"unheard":1}`, 400, "unknown_field", "unheard"},
		{"missing", `{"days":3}`, 422, "missing_field", "code"},
		{"missing, nested", `{"code":"12","grace":{"warn":true}}`, 422, "missing_field", "grace.until"},
		{"missing, in a list", `{"code":"12","steps":[{"until":1},{}]}`, 422, "missing_field", "steps[1].until"},
		{"wrong type", `{"code":` + `{"a":"` + marker + `"}}`, 422, "invalid_field", "code"},
		{"list for a string", `{"code":["` + marker + `"]}`, 422, "invalid_field", "code"},
		{"string for a number", `{"code":"12","days":"` + marker + `"}`, 422, "invalid_field", "days"},
		{"fraction for a whole number", `{"code":"12","days":1.5}`, 422, "invalid_field", "days"},
		{"number out of range", `{"code":"12","days":31}`, 422, "invalid_field", "days"},
		{"number beyond any", `{"code":"12","free":1e999}`, 422, "invalid_field", "free"},
		{"number beyond any, for a text", `{"code":1e99999}`, 422, "invalid_field", "code"},
		{"number beyond any, within", `{"code":"12","grace":{"until":1,"warn":-1e999}}`, 422, "invalid_field", "grace.warn"},
		{"whole number beyond its type", `{"code":"12","grace":{"until":1e30}}`, 422, "invalid_field", "grace.until"},
		{"digits beyond its type", `{"code":"12","steps":[{"until":9223372036854775808}]}`, 422, "invalid_field", "steps[0].until"},
		{"exponent beyond any", `{"code":"12","days":1e999}`, 422, "invalid_field", "days"},
		{"null in a list", `{"code":"12","methods":["totp",null]}`, 422, "invalid_field", "methods[1]"},
		{"pattern", `{"code":"` + marker + `"}`, 422, "invalid_field", "code"},
		{"too short", `{"code":"1"}`, 422, "invalid_field", "code"},
		{"not of the enumeration", `{"code":"12","methods":["` + marker + `"]}`, 422, "invalid_field", "methods[0]"},
		{"list too long", `{"code":"12","methods":["totp","totp","totp"]}`, 422, "invalid_field", "methods"},
		{"address", `{"code":"12","email":"` + marker + `"}`, 422, "invalid_field", "email"},
		{"map with a wrong value", `{"code":"12","labels":{"a":5}}`, 422, "invalid_field", "labels.a"},
		{"null for a required field", `{"code":null}`, 422, "invalid_field", "code"},
		{"null for an optional field", `{"code":"12","days":null}`, 422, "invalid_field", "days"},
		{"null for a list", `{"code":"12","methods":null}`, 422, "invalid_field", "methods"},
		{"null for an object", `{"code":"12","grace":null}`, 422, "invalid_field", "grace"},
		{"null altogether", `null`, 422, "invalid_field", "body"},
		{"list altogether", `["` + marker + `"]`, 422, "invalid_field", "body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.body = test.body
			w := s.send(c)
			p := problem(t, w, test.status, test.code)
			if p.Field != test.at {
				t.Errorf("field %q, want %q", p.Field, test.at)
			}
			if s.calls != 0 {
				t.Error("the handler was called")
			}
			// An unknown name may be repeated where it is presentable, so it is no secret there.
			if !strings.Contains(test.at, marker) {
				silent(t, s, w)
			}
		})
	}
}

func TestSeveralFlaws(t *testing.T) {
	s, c := newSample(t), good(t)
	c.target += "?page=51"
	c.body = `{"code":"` + marker + `","days":99,"grace":{}}`
	w := s.send(c)
	p := problem(t, w, 422, "invalid_field")
	var fields []string
	for _, flaw := range p.Errors {
		fields = append(fields, flaw.Field+" "+flaw.Code)
	}
	want := "code invalid_field,days invalid_field,grace.until missing_field,query.page invalid_field"
	if got := strings.Join(fields, ","); got != want || p.Field != "" {
		t.Errorf("got %s, field %q; want %s", got, p.Field, want)
	}
	silent(t, s, w)
}

func TestBodiesAccepted(t *testing.T) {
	for name, body := range map[string]string{
		"least":                `{"code":"12"}`,
		"white space":          " \n{\"code\" :\t\"12\" }\r\n ",
		"as deep as may be":    `{"code":"12","free":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`,
		"everything":           `{"code":"12","methods":["totp"],"days":30,"email":"a@b.example","grace":{"until":1},"steps":[],"labels":{"a-b":"c"},"free":{"x":null},"note":"n"}`,
		"null where it may be": `{"code":"12","note":null,"free":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newSample(t), good(t)
			c.body = body
			if w := s.send(c); w.Code != http.StatusOK || s.calls != 1 || s.input.Body.Code != "12" {
				t.Errorf("status %d, calls %d, code %q: %s", w.Code, s.calls, s.input.Body.Code, w.Body)
			}
		})
	}
}

// TestWholeNumbersInOtherForms: JSON Schema takes them for integers, so we do.
func TestWholeNumbersInOtherForms(t *testing.T) {
	s, c := newSample(t), good(t)
	c.body = `{"days":3.0,"code":"12","grace":{"until":-1.5e1},"steps":[{"until":9223372036854775807},{"until": 2e2 },{"until":1E+3}],"free":1.50}`
	if w := s.send(c); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	in := s.input.Body
	if in.Days != 3 || in.Code != "12" || in.Grace.Until != -15 || in.Free != 1.5 || in.Steps[0].Until != math.MaxInt64 ||
		in.Steps[1].Until != 200 || in.Steps[2].Until != 1000 {
		t.Errorf("input %+v", in)
	}
}

func TestSizeLimitIsExact(t *testing.T) {
	for size, want := range map[int]int{2047: 200, 2048: 200, 2049: 413, 100_000: 413} {
		s, c := newSample(t), good(t)
		c.body = `{"code":"12"` + strings.Repeat(" ", size-13) + `}`
		if w := s.send(c); w.Code != want {
			t.Errorf("%d bytes: status %d, want %d", size, w.Code, want)
		}
	}
}

func TestSizeLimitWithoutContentLength(t *testing.T) {
	s, c := newSample(t), good(t)
	c.body = `{"code":"` + strings.Repeat(marker, 400) + `"}`
	r := s.request(c)
	r.ContentLength = -1
	w := s.serve(r)
	problem(t, w, 413, "body_too_large")
	silent(t, s, w)
}

func TestUnreadableBody(t *testing.T) {
	s, c := newSample(t), good(t)
	r := s.request(c)
	r.Body = failingBody{}
	w := s.serve(r)
	problem(t, w, 400, "body_unreadable")
	silent(t, s, w)
}

func TestOptionalBody(t *testing.T) {
	tests := []struct {
		body, media string
		status      int
	}{
		{``, "", 204},
		{``, "application/json", 204},
		{`{"until":1}`, "application/json", 204},
		{`{"until":1}`, "", 415},
		{`{"until":"x"}`, "application/json", 422},
	}
	for _, test := range tests {
		s, c := newSample(t), good(t)
		c.method, c.target, c.body = http.MethodPost, "/v1/users/ann/touch", test.body
		c.header.Del("Content-Type")
		if test.media != "" {
			c.header.Set("Content-Type", test.media)
		}
		if w := s.send(c); w.Code != test.status {
			t.Errorf("%q as %q: status %d, want %d: %s", test.body, test.media, w.Code, test.status, w.Body)
		}
	}
}

// TestABodyWhereThereIsNone: a client that says that its body is empty has none.
func TestABodyWhereThereIsNone(t *testing.T) {
	for _, test := range []struct {
		name, method, target, body string
		length                     int64
		status                     int
	}{
		{"none", http.MethodDelete, "/v1/users/ann", "", 0, 204},
		{"none, of unknown length", http.MethodDelete, "/v1/users/ann", "", -1, 204},
		{"an object", http.MethodDelete, "/v1/users/ann", `{"` + marker + `":1}`, 0, 400},
		{"an object, of unknown length", http.MethodDelete, "/v1/users/ann", "{}", -1, 400},
		{"one byte", http.MethodGet, "/keys", " ", 0, 400},
		{"none, for all", http.MethodGet, "/keys", "", 0, 200},
	} {
		s, c := newSample(t), good(t)
		c.method, c.target, c.body = test.method, test.target, test.body
		r := s.request(c) // with a Content-Type, which means nothing without a body
		if test.length != 0 {
			r.ContentLength = test.length
		}
		w := s.serve(r)
		if w.Code != test.status || (test.status < 300) != (s.calls == 1) {
			t.Errorf("%s: status %d, %d calls, want %d", test.name, w.Code, s.calls, test.status)
		}
		if test.status == 400 {
			if p := problem(t, w, 400, "unexpected_body"); p.Field != "body" {
				t.Errorf("%s: field %q", test.name, p.Field)
			}
			silent(t, s, w)
		}
	}
}

// TestOpenBodyMatchesNamesExactly: where more fields are allowed, one in another
// case is another field, and does not stand in for the one required.
func TestOpenBodyMatchesNamesExactly(t *testing.T) {
	type open struct {
		_    struct{} `additionalProperties:"true"`
		Code string   `json:"code"`
	}
	api := httpapi.New("sample", httpapi.Options{Now: time.Now, RequestID: func(context.Context) string { return "req-1" }})
	op := putPolicy()
	httpapi.Register(api, op, nothing[struct{ Body open }])
	s, c := &sample{api: api, logged: &bytes.Buffer{}}, good(t)
	c.target, c.body = "/v1/users/{user}", `{"code":"1","more":{"x":1}}`
	if w := s.send(c); w.Code != 204 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	c.body = `{"Code":"1"}`
	problem(t, s.send(c), 422, "missing_field")
}
