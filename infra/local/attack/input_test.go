package attack_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// marker stands in for a secret that somebody sent to the wrong place: no answer may repeat it.
const marker = "S3cretMarker"

// malformed is one way of sending a body wrongly.
type malformed struct {
	name   string
	spoil  func(r *request, good string)
	status int
	codes  []string // empty: any
}

func malformations() []malformed {
	body := func(change func(good string) string) func(*request, string) {
		return func(r *request, good string) { r.body = change(good) }
	}
	media := func(value string) func(*request, string) {
		return func(r *request, good string) { r.body, r.mediaType = good, value }
	}
	return []malformed{
		{"as text", media("text/plain"), 415, []string{"unsupported_media_type"}},
		{"as a form", media("application/x-www-form-urlencoded"), 415, []string{"unsupported_media_type"}},
		{"in another charset", media("application/json; charset=utf-16"), 415, []string{"unsupported_media_type"}},
		{"too large", body(func(good string) string { return good + strings.Repeat(" ", 1<<20) }), 413, []string{"body_too_large"}},
		{"empty", body(func(string) string { return "" }), 400, []string{"missing_body"}},
		{"cut off", body(func(good string) string { return good[:len(good)-1] }), 400, []string{"invalid_json"}},
		{"with more after it", body(func(good string) string { return good + `{"x":"` + marker + `"}` }), 400, []string{"trailing_data"}},
		{"with an unknown field", body(func(good string) string { return `{"unknown_thing":"` + marker + `",` + good[1:] }), 400, []string{"unknown_field"}},
		{"with a secret as a field's name", body(func(good string) string { return `{"` + marker + ` \n":1,` + good[1:] }), 400, []string{"unknown_field"}},
		{"not in UTF-8", body(func(good string) string { return good[:2] + "\xff" + good[2:] }), 400, []string{"invalid_json", "unknown_field"}},
		{"nested too deeply", body(func(string) string { return strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40) }), 400, []string{"too_deep"}},
		{"a list", body(func(good string) string { return "[" + good + "]" }), 422, nil},
		{"a text", body(func(string) string { return `"` + marker + `"` }), 422, nil},
		{"null", body(func(string) string { return "null" }), 422, nil},
	}
}

// Every operation with a body, every malformation: the right refusal, nothing repeated, nothing done.
func TestMalformedBodies(t *testing.T) {
	alone(t)
	p := newProduct(t)
	documented := p.documented()
	for _, s := range samples() {
		if !documented[s.operation].body {
			continue
		}
		ten := p.tenant()
		r := s.make(ten)
		encoded, err := json.Marshal(r.body)
		p.must(err)
		good, first := string(encoded), ""
		for name := range r.body.(fields) {
			if first == "" || name < first {
				first = name
			}
		}
		before := p.dump()
		twice := malformed{"with a field twice", func(r *request, good string) {
			r.body = `{"` + first + `":"` + marker + `",` + good[1:]
		}, 400, []string{"duplicate_key"}}
		for _, m := range append(malformations(), twice) {
			bad := r
			m.spoil(&bad, good)
			got := ten.send(bad)
			if got.status != m.status || m.codes != nil && !slices.Contains(m.codes, got.code()) {
				t.Errorf("%s, %s: answered %d %s, want %d %v", s.name, m.name, got.status, got.code(), m.status, m.codes)
			}
			if strings.Contains(got.raw, marker) {
				t.Errorf("%s, %s: the answer repeats what was refused", s.name, m.name)
			}
		}
		p.unchanged(before)
	}
}

// Every field of every body, with a value of every wrong kind.
func TestWrongValues(t *testing.T) {
	alone(t)
	p := newProduct(t)
	documented := p.documented()
	wrong := []any{nil, []any{marker}, fields{"address": marker}, 1.5, marker + "\r\nBcc: thief@elsewhere.example", marker + "\ufffd", strings.Repeat(marker, 1000)}
	for _, s := range samples() {
		if !documented[s.operation].body {
			continue
		}
		ten := p.tenant()
		r := s.make(ten)
		good := r.body.(fields)
		before := p.dump()
		for name := range good {
			for _, value := range wrong {
				body := fields{}
				for other, kept := range good {
					body[other] = kept
				}
				body[name] = value
				bad := r
				bad.body = body
				got := ten.send(bad)
				if _, text := value.(string); text && name == "device_token" && got.status == 200 && got.text("assertion") == "" && !strings.Contains(got.raw, marker) {
					continue // a browser may keep anything there, and what is no token is as if there were none
				}
				if name == "password" && got.status == 200 && got.text("status") != "accepted" && !strings.Contains(got.raw, marker) {
					continue // a password may be anything, and where none of ours is needed it is not judged
				}
				if got.status != 400 && got.status != 422 && got.status != 404 { // 404: a name that nothing has
					t.Errorf("%s, %s as %.20v: answered %d %s", s.name, name, value, got.status, got.code())
				}
				if strings.Contains(got.raw, marker) || strings.Contains(got.raw, "thief@") {
					t.Errorf("%s, %s as %.20v: the answer repeats what was refused", s.name, name, value)
				}
			}
		}
		p.unchanged(before)
	}
}

// An operation without a body refuses one, and does nothing.
func TestBodiesWhereThereIsNone(t *testing.T) {
	alone(t)
	p := newProduct(t)
	documented := p.documented()
	for _, s := range samples() {
		if documented[s.operation].body || documented[s.operation].lines || strings.HasSuffix(s.operation, "opt-out") {
			continue // pages look at no body: a mail program sends what it likes
		}
		ten := p.tenant()
		r := s.make(ten)
		before := p.dump()
		r.body = fields{marker: 1}
		if got := ten.send(r).want(t, 400, "unexpected_body"); strings.Contains(got.raw, marker) {
			t.Errorf("%s: the answer repeats what was refused", s.name)
		}
		p.unchanged(before)
		r.body, r.mediaType = "", "application/json" // an empty one is none
		ten.send(r).ok(t)
	}
}

func TestQueries(t *testing.T) {
	ten := newProduct(t).tenant()
	nowhere := "?cursor=" + base64.RawURLEncoding.EncodeToString([]byte(`{"o":"events","v":"zzz"}`))
	for query, want := range map[string]string{
		nowhere:    "invalid_cursor",
		"?limit=0": "invalid_field", "?limit=201": "invalid_field", "?limit=": "invalid_field", "?order=up": "invalid_field",
		"?limit=1&limit=2": "repeated_parameter", "?" + marker + "=1": "unknown_parameter", "?cursor=" + marker: "invalid_cursor",
		"?cursor=": "invalid_field", "?cursor": "invalid_field", "?cursor=%EF%BF%BD": "invalid_query",
		"?limit=%zz": "invalid_query", "?limit=" + marker: "invalid_field",
	} {
		for _, path := range []string{"/report", "/audit", "/policy/dry-run/users?outcome=verify"} {
			if strings.Contains(path, "?") {
				if strings.Contains(query, "order") {
					continue // they have one order only
				}
				query = strings.Replace(query, "?", "&", 1)
			}
			r := ten.send(ten.read(ten.path(path + query)))
			if r.status < 400 || r.status >= 500 || r.code() != want {
				t.Errorf("%s%s: answered %d %s, want %s", path, query, r.status, r.code(), want)
			}
			if field := r.text("field"); strings.HasPrefix(query[1:], "cursor") && field != "query.cursor" {
				t.Errorf("%s%s: the field %q is named", path, query, field)
			}
			if strings.Contains(r.text("detail"), marker) {
				t.Errorf("%s%s: the answer repeats the value", path, query)
			}
		}
	}
}
