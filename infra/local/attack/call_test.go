package attack_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fields is a JSON object.
type fields = map[string]any

// request is one call of the API.
type request struct {
	key         string // empty: none
	method      string
	path        string
	body        any // nil: none; a string is sent as it is
	idempotency string
	ifMatch     string
	mediaType   string // empty: application/json
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	raw    string
	body   fields
}

// sent is a request's body as it goes out, and the media type that it goes out as.
func (p *product) sent(r request) (text, media string) {
	p.t.Helper()
	if media = r.mediaType; media == "" {
		media = "application/json"
	}
	text, raw := r.body.(string)
	if r.body != nil && !raw {
		encoded, err := json.Marshal(r.body)
		p.must(err)
		text = string(encoded)
	}
	return text, media
}

func (p *product) send(r request) reply {
	p.t.Helper()
	text, media := p.sent(r)
	out := httptest.NewRequest(r.method, r.path, strings.NewReader(text))
	if r.body != nil {
		out.Header.Set("Content-Type", media)
	}
	if r.key != "" {
		out.Header.Set("Authorization", "Bearer "+r.key)
	}
	if r.idempotency != "" {
		out.Header.Set("Idempotency-Key", r.idempotency)
	}
	if r.ifMatch != "" {
		out.Header.Set("If-Match", r.ifMatch)
	}
	if p.patience != nil {
		out = out.WithContext(p.patience)
	}
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, out)
	in := reply{status: recorder.Code, header: recorder.Header(), raw: recorder.Body.String()}
	kind := in.header.Get("Content-Type")
	if in.raw != "" && !strings.HasPrefix(kind, "text/") && kind != "application/x-ndjson" {
		if err := json.Unmarshal([]byte(in.raw), &in.body); err != nil {
			p.t.Errorf("%s %s answers with what is no JSON object", r.method, r.path)
		}
	}
	return in
}

// at follows names into the body; nil where there is nothing.
func (r reply) at(path ...string) any {
	var v any = r.body
	for _, name := range path {
		object, _ := v.(fields)
		v = object[name]
	}
	return v
}

func (r reply) text(path ...string) string {
	s, _ := r.at(path...).(string)
	return s
}

// code is the problem's, empty where there is none.
func (r reply) code() string {
	if r.status < 400 {
		return ""
	}
	return r.text("code")
}

// bare is the body without the number of the request, for comparison.
func (r reply) bare() string {
	return strings.ReplaceAll(r.raw, r.text("request_id"), "")
}

// want demands a status and, for a problem, its code.
func (r reply) want(t *testing.T, status int, code string) reply {
	t.Helper()
	if r.status != status || r.code() != code {
		t.Fatalf("answered %d %s, want %d %s", r.status, r.code(), status, code)
	}
	return r
}

// ok demands a success.
func (r reply) ok(t *testing.T) reply {
	t.Helper()
	if r.status >= 300 {
		t.Fatalf("answered %d %s, want a success", r.status, r.code())
	}
	return r
}
