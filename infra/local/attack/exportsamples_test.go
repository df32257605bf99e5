package attack_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"twofold/pkg/export"
	"twofold/pkg/sign"
	"twofold/pkg/user"
)

func exportSamples() []sample {
	of := func(path string) func(t *tenant) request {
		return func(t *tenant) request {
			t.enrolled(eve)
			return t.read(t.path(path))
		}
	}
	asks := func(query string) func(t *tenant) request { return of("/report/export" + query) }
	return []sample{
		{"an export", "export-report", asks(""), 0, 0},
		{"an export of NDJSON in another order", "export-report", asks("?format=ndjson&sort=enrolled_at&order=desc"), 0, 0},
		{"an export of all organisations", "export-system-report", func(t *tenant) request {
			t.enrolled(eve)
			return request{key: t.system, method: http.MethodGet, path: "/v1/report/export?format=ndjson"}
		}, 0, 0},
		{"an export of an audit", "export-audit", of("/audit/export?format=ndjson&kind=user.registered&kind=user.enrolled"), 0, 0},
		{"an export of the system's audit", "export-system-audit", func(t *tenant) request {
			return request{key: t.system, method: http.MethodGet, path: "/v1/audit/export"}
		}, 0, 0},
		{"an export of sign-ins", "export-sign-ins", of("/sign-ins/export?from=2026-01-01T00:00:00Z"), 0, 0},
		{"the keys of exports", "get-export-keys", func(*tenant) request {
			return request{method: http.MethodGet, path: "/.well-known/exports/jwks.json"}
		}, 0, 0},
	}
}

// registered writes a user who has nothing yet.
func (t *tenant) registered(id, email string) {
	t.t.Helper()
	p := user.Profile{Organization: t.id, User: id, Email: email, RegisteredAt: t.clock.Now()}.Next()
	t.must(t.store.Write(t.t.Context(), user.Change{Profile: &p}))
}

// verifier is who checks the product's exports.
func (p *product) verifier() *sign.PageVerifier {
	p.t.Helper()
	jwks := p.send(request{method: http.MethodGet, path: "/.well-known/exports/jwks.json"}).ok(p.t)
	v, err := sign.NewPageVerifier([]byte(jwks.raw))
	p.must(err)
	return v
}

// exported is a page, checked.
func (t *tenant) exported(v *sign.PageVerifier, chain *export.Chain, r reply) {
	t.t.Helper()
	h, err := v.Verify(r.header.Get("X-JWS-Signature"), []byte(r.raw))
	t.must(err)
	t.must(chain.Add(h, r.header.Get("X-JWS-Signature"), []byte(r.raw)))
}

// follows is the query of the next page, empty where there is none.
func (r reply) follows() string {
	link := r.header.Get("Link")
	return strings.TrimPrefix(strings.TrimSuffix(link, `>; rel="next"`), "<")
}

func TestAnExportIsAFileThatCanBeChecked(t *testing.T) {
	ten := newProduct(t).tenant()
	for _, id := range []string{"=1+1", "bo", "x;@y", "Zoë\"", "<&>"} {
		ten.registered(id, strings.ToLower(fmt.Sprintf("user%x@login.example", id)))
	}
	v := ten.verifier()
	for query, want := range map[string]struct{ kind, file, first string }{
		"":               {"text/csv; charset=utf-8; header=present", "enrollment-" + ten.id + "-0001.csv", "organization,user,email,status,has_two_factor,methods,default_method,registered_at,enrolled_at,last_verified,recovery_codes_left,exempt_until,grace_until,undeliverable,policy_version\r\n" + ten.id + ",<&>,"},
		"?format=ndjson": {"application/x-ndjson", "enrollment-" + ten.id + "-0001.ndjson", `{"organization":"` + ten.id + `","user":"<&>","email":"user`},
	} {
		got := ten.send(request{key: ten.reader, method: http.MethodGet, path: ten.path("/report/export" + query)}).ok(t)
		var chain export.Chain
		ten.exported(v, &chain, got)
		if err := chain.End(); err != nil || chain.Lines != 5 || chain.First.Organization != ten.id || got.follows() != "" {
			t.Errorf("%q: %+v, %v", query, chain, err)
		}
		if got.header.Get("Content-Type") != want.kind || got.header.Get("Content-Disposition") != `attachment; filename="`+want.file+`"` || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %v", query, got.header)
		}
		if !strings.HasPrefix(got.raw, want.first) {
			t.Errorf("%q: %s", query, got.raw)
		}
		if formula := strings.Contains(got.raw, ",=1+1,") || strings.Contains(got.raw, ";@"); formula == (query == "") {
			t.Errorf("%q: %s", query, got.raw)
		}
	}
	const q = "format=csv&order=asc&sort=user"
	if got := ten.send(ten.read(ten.path("/report/export"))); got.header.Get("X-JWS-Signature") == "" {
		t.Error("no signature")
	} else if h, err := v.Verify(got.header.Get("X-JWS-Signature"), []byte(got.raw)); err != nil || h.Query != q {
		t.Errorf("the query is %q, %v", h.Query, err)
	}
}

// The keys of assertions and of exports are not each other's: applications believe whatever the first have signed.
func TestKeysOfExportsSignNothingElse(t *testing.T) {
	p := newProduct(t)
	ours := p.send(request{method: http.MethodGet, path: "/.well-known/exports/jwks.json"}).ok(t)
	theirs := p.send(request{method: http.MethodGet, path: "/.well-known/jwks.json"}).ok(t)
	for _, key := range ours.at("keys").([]any) {
		kid := key.(fields)["kid"].(string)
		if strings.Contains(theirs.raw, kid) || key.(fields)["d"] != nil {
			t.Errorf("%s is published as a key of assertions, or is private", kid)
		}
	}
	if n := len(ours.at("keys").([]any)); n != 2 {
		t.Errorf("%d keys", n)
	}
}

// A cursor is of one export, one organisation and one query, whoever brings it; and whoever may not ask is told so before it is looked at.
func TestCursorsOfExports(t *testing.T) {
	p := newProduct(t)
	ten, other := p.tenant(), p.tenant()
	for i := range export.MaxLines + 1 {
		ten.registered(fmt.Sprintf("user-%04d", i), fmt.Sprintf("user-%04d@login.example", i))
	}
	first := ten.send(ten.read(ten.path("/report/export?format=ndjson&status=not_obliged,pending&has_two_factor=false&email_prefix=user-"))).ok(t)
	next := first.follows()
	if !strings.HasPrefix(next, "?cursor=") || strings.Contains(next, "user-0") {
		t.Fatalf("the next page is %q", next)
	}
	v := ten.verifier()
	var chain export.Chain
	ten.exported(v, &chain, first)
	ten.exported(v, &chain, ten.send(ten.read(ten.path("/report/export"+next))).ok(t))
	if err := chain.End(); err != nil || chain.Lines != export.MaxLines+1 {
		t.Errorf("%+v, %v", chain, err)
	}
	cursor, _, _ := strings.Cut(next, "&")
	for name, r := range map[string]request{
		"another organisation": other.read(other.path("/report/export" + next)), "another format": ten.read(ten.path("/report/export" + cursor)),
		"another order": ten.read(ten.path("/report/export" + next + "x")), "the report's own": ten.read(ten.path("/report" + cursor)),
		"made up": ten.read(ten.path("/report/export?format=ndjson&cursor=AAAA")),
	} {
		if got := ten.send(r); got.status != 422 || got.code() != "invalid_cursor" && got.code() != "invalid_field" {
			t.Errorf("%s: answered %d %s", name, got.status, got.code())
		}
	}
	for name, r := range map[string]request{
		"permission_missing": {key: ten.powerless, method: http.MethodGet, path: ten.path("/report/export?cursor=AAAA")},
		"role_forbidden":     {key: ten.app, method: http.MethodGet, path: ten.path("/report/export?cursor=AAAA")},
		"not_found":          {key: other.admin, method: http.MethodGet, path: ten.path("/report/export" + next)},
	} {
		if got := ten.send(r); got.code() != name {
			t.Errorf("%s: answered %d %s", name, got.status, got.code())
		}
	}
	ten.clock.Advance(export.Life + 1)
	ten.send(ten.read(ten.path("/report/export"+next))).want(t, 422, "export_expired")
}

// All organisations together, for the vendor's own readers; the cursor of one is none of the other.
func TestAnExportOfAllOrganisations(t *testing.T) {
	p := newProduct(t)
	ten, other := p.tenant(), p.tenant()
	for i := range export.MaxLines {
		ten.registered(fmt.Sprintf("user-%04d", i), fmt.Sprintf("user-%04d@login.example", i))
	}
	other.registered("user-0000", "user-0000@login.example")
	v := p.verifier()
	var chain export.Chain
	of := map[string]int{}
	path := "?format=ndjson&sort=enrolled_at"
	for path != "" {
		r := p.send(request{key: p.system, method: http.MethodGet, path: "/v1/report/export" + path}).ok(t)
		ten.exported(v, &chain, r)
		for _, id := range []string{ten.id, other.id} {
			of[id] += strings.Count(r.raw, `"organization":"`+id+`"`)
		}
		if path = r.follows(); path != "" {
			ten.send(ten.read(ten.path("/report/export"+path))).want(t, 422, "invalid_cursor")
		}
	}
	if err := chain.End(); err != nil || chain.First.Organization != "" || chain.Pages != 2 || of[ten.id] != export.MaxLines || of[other.id] != 1 {
		t.Errorf("%+v of %v, %v", chain, of, err)
	}
	p.send(request{key: ten.reader, method: http.MethodGet, path: "/v1/report/export?cursor=AAAA"}).want(t, 403, "role_forbidden")
}
