package console_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/export/fetch"
	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/export"
	"twofold/pkg/memstore"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
)

var carried = regexp.MustCompile(`href="data:([^"]+);base64,([^"]*)" download="([^"]+)"`)

// file is one that a page carries.
type file struct{ name, kind, content string }

// files are those of a part: the lines, and the proof.
func files(t *testing.T, p visitor.Page) (lines, proof file) {
	t.Helper()
	var all []file
	for _, m := range carried.FindAllStringSubmatch(p.Sees(200).HTML, -1) {
		content, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file{html.UnescapeString(m[3]), html.UnescapeString(m[1]), string(content)})
	}
	if len(all) != 2 || all[1].name != all[0].name+".jws" || all[1].kind != "text/plain;charset=utf-8" {
		t.Fatalf("%s carries %d files", p.Path, len(all))
	}
	return all[0], all[1]
}

// part is what a proof says of the lines, as whoever has only the published keys finds it.
func (f *fixture) part(p visitor.Page) (export.Header, file, file) {
	f.t.Helper()
	lines, proof := files(f.t, p)
	verifier, err := sign.NewPageVerifier(f.pages.JWKS())
	f.must(err)
	h, err := verifier.Verify(strings.TrimSuffix(proof.content, "\n"), []byte(lines.content))
	f.must(err)
	return h, lines, proof
}

// whole follows an export from its first part to the last, as a person does, and has the command check what was downloaded.
func (f *fixture) whole(p visitor.Page) (names []string, content string, chain export.Chain) {
	f.t.Helper()
	into := filepath.Join(f.t.TempDir(), "export")
	var lines, proofs strings.Builder
	for {
		_, l, j := f.part(p)
		names = append(names, l.name)
		lines.WriteString(l.content)
		proofs.WriteString(j.content)
		next := link(p, "Next part")
		if next == "" {
			break
		}
		p = f.Send(http.MethodGet, next, nil)
	}
	p.Sees(200, "This is the last part.")
	for ending, text := range map[string]string{"": lines.String(), ".jws": proofs.String(), ".jwks.json": string(f.pages.JWKS())} {
		f.must(os.WriteFile(into+ending, []byte(text), 0o600))
	}
	chain, err := fetch.Verify(fetch.Files{Path: into}, "")
	f.must(err)
	return names, lines.String(), chain
}

func TestAnExportIsWholeAndProven(t *testing.T) {
	f := newFixture(t)
	f.opens("/exports").Sees(http.StatusSeeOther)
	f.ann()
	for range 2100 {
		f.happened(audit.UserReset, func(e *audit.Event) { e.Reason = "=1+1" })
		f.Clock.Advance(-900 * time.Millisecond)
	}
	f.opens("/exports").Sees(200, "Who has a second factor", "The audit", "The sign-ins", "at most 1,000 lines")
	first := f.opens("/exports/parts?what=audit&format=csv&group=users&user=eve&from=2026-11-01&to=2026-11-30&order=desc").Sees(200,
		"The audit: part 1", "Lines 1000", "cat audit-acme.example-[0-9][0-9][0-9][0-9].csv > audit-acme.example.csv", "go run ./infra/export -verify -out audit-acme.example.csv", "docs/exports.md", "Download both files")
	h, lines, _ := f.part(first)
	if h.What != "audit" || h.Organization != "acme.example" || h.Page != 1 || h.Last || lines.kind != "text/csv;charset=utf-8" || !strings.HasPrefix(lines.content, "organization,id,at,kind") {
		t.Errorf("%+v %s", h, lines.kind)
	}
	names, content, chain := f.whole(first)
	if strings.Join(names, " ") != "audit-acme.example-0001.csv audit-acme.example-0002.csv audit-acme.example-0003.csv" || chain.Lines != 2100 || strings.Count(content, "\n") != 2101 || strings.Count(content, "'=1+1") != 2100 {
		t.Errorf("%v, %d lines", names, chain.Lines)
	}
	q, err := url.ParseQuery(chain.First.Query)
	f.must(err)
	if q.Get("from") != "2026-11-01T00:00:00Z" || q.Get("to") != "2026-12-01T00:00:00Z" || q.Get("format") != "csv" || q.Get("order") != "asc" || q.Get("user") != "eve" || q.Has("group") || q.Has("cursor") || q.Has("what") || len(q["kind"]) < 15 {
		t.Errorf("signed is %v", q)
	}
}

// A part that is asked for again is signed anew, and what chains to the one does not chain to the other: neither is made to look as if it did.
func TestAPartAskedForAgainIsAnother(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for range 1001 {
		f.happened(audit.UserReset, nil)
		f.Clock.Advance(-900 * time.Millisecond)
	}
	p := f.opens("/exports/parts?what=audit&format=ndjson&user=eve").Sees(200)
	second := link(p, "Next part")
	once, again := f.Send(http.MethodGet, second, nil), f.Send(http.MethodGet, second, nil)
	a, lines, one := f.part(once)
	b, same, other := f.part(again)
	if a != b || lines != same || one == other || a.Page != 2 || !a.Last || lines.kind != "application/x-ndjson" {
		t.Errorf("%+v\n%+v", a, b)
	}
	var chain export.Chain
	_, l, j := f.part(f.opens("/exports/parts?what=audit&format=ndjson&user=eve")) // another export
	f.must(chain.Add(mustHeader(f, j, l), strings.TrimSpace(j.content), []byte(l.content)))
	if chain.Add(a, strings.TrimSpace(one.content), []byte(lines.content)) == nil {
		t.Error("parts of two exports chain")
	}
	f.Clock.Advance(10 * time.Minute)
	f.Send(http.MethodGet, strings.Replace(second, "user=eve", "user=bob", 1), nil).Sees(422, "not possible as things are")
	f.Send(http.MethodGet, strings.Replace(second, "ndjson", "csv", 1), nil).Sees(422)
	f.Send(http.MethodGet, strings.Replace(second, "what=audit", "what=sign-ins", 1), nil).Sees(422)
	f.Clock.Advance(24 * time.Hour)
	f.ann()
	f.Send(http.MethodGet, second, nil).Sees(422, "began more than a day ago", "Begin another")
}

func mustHeader(f *fixture, proof, lines file) export.Header {
	f.t.Helper()
	verifier, err := sign.NewPageVerifier(f.pages.JWKS())
	f.must(err)
	h, err := verifier.Verify(strings.TrimSpace(proof.content), []byte(lines.content))
	f.must(err)
	return h
}

func TestReportsAndSignInsAreExported(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.Enrolled(t, "eve")
	f.Enrolled(t, "=bob")
	f.tried("eve", signin.Wrong, nil)
	f.tried("bob", signin.Right, nil)
	_, content, chain := f.whole(f.opens("/exports/parts?what=enrollment"))
	if chain.Lines != 2 || !strings.Contains(content, "acme.example,'=bob,") || chain.First.Query != "format=csv&order=asc&sort=user" || chain.First.What != "enrollment" {
		t.Errorf("%+v %s", chain.First, content)
	}
	_, content, chain = f.whole(f.opens("/exports/parts?what=enrollment&format=ndjson&status=overdue&status=enrolled&method=totp&user_prefix=e&email_prefix=user%40"))
	if chain.Lines != 1 || !json.Valid([]byte(content)) || chain.First.Query != "email_prefix=user%40&format=ndjson&method=totp&order=asc&sort=user&status=enrolled%2Coverdue&user_prefix=e" {
		t.Errorf("%+v %s", chain.First, content)
	}
	_, content, chain = f.whole(f.opens("/exports/parts?what=sign-ins&format=csv&outcome=wrong&method=totp&user=eve&from=2026-11-22"))
	if chain.Lines != 1 || !strings.Contains(content, ",eve,") || chain.First.Query != "format=csv&from=2026-11-22T00%3A00%3A00Z&method=totp&order=asc&outcome=wrong&user=eve" {
		t.Errorf("%+v %s", chain.First, content)
	}
	for page, want := range map[string]string{"/audit?user=eve": "user=eve", "/sign-ins?outcome=wrong": "outcome=wrong"} {
		for text, format := range map[string]string{"CSV": "csv", "NDJSON": "ndjson"} {
			_, _, chain := f.whole(f.Send(http.MethodGet, link(f.opens(page), text), nil))
			if !strings.Contains(chain.First.Query, want) || !strings.Contains(chain.First.Query, "format="+format) {
				t.Errorf("%s: %s", page, chain.First.Query)
			}
		}
	}
}

func TestTheVendorExports(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	f.root()
	lacks(t, f.opensVendors("/exports").Sees(200, "Who has a second factor", "The audit"), "Every code that was judged")
	names, content, chain := f.whole(f.opensVendors("/exports/parts?what=enrollment"))
	if names[0] != "enrollment-0001.csv" || !strings.Contains(content, "acme.example,eve,") || chain.First.Organization != "" {
		t.Errorf("%v %s", names, content)
	}
	_, content, _ = f.whole(f.opensVendors("/exports/parts?what=audit&format=ndjson"))
	if !strings.Contains(content, "system.bootstrapped") || strings.Contains(content, "organization.created") {
		t.Error(content)
	}
	f.opensVendors("/exports/parts?what=sign-ins").Sees(422, "Choose what")
	if _, _, chain := f.whole(f.opens("/exports/parts?what=audit")); chain.First.Organization != "acme.example" {
		t.Errorf("%+v", chain.First)
	}
}

func TestWhoExportsWhat(t *testing.T) {
	f := newFixture(t)
	f.lesser("bea", access.ReportsRead)
	lacks(t, f.opens("/exports").Sees(200, "Who has a second factor"), "The audit", "The sign-ins")
	f.opens("/exports/parts?what=enrollment").Sees(200)
	f.opens("/exports/parts?what=audit").Sees(403)
	f.opens("/exports/parts?what=audit&cursor=x").Sees(403)
	f.opens("/exports/parts?what=sign-ins").Sees(403)
	f.lesser("cy", access.AuditRead)
	p := f.opens("/exports").Sees(200, "The audit", "The sign-ins")
	if lacks(t, p, "Who has a second factor"); link(p, "Export") != "/console/organizations/acme.example/exports" {
		t.Errorf("an auditor is not offered exports: %s", p.HTML)
	}
	f.opens("/exports/parts?what=enrollment").Sees(403)
	f.lesser("dan", access.UsersWrite)
	f.opens("/exports").Sees(403)
	lacks(t, f.opens("/sender").Sees(200), "Export")
	f.opens("/exports/parts?what=nothing").Sees(403)
	f.opensVendors("/exports").Sees(404)
	f.ann()
	f.Send(http.MethodGet, "/console/organizations/other.example/exports/parts?what=audit", nil).Sees(404)
	f.opensVendors("/exports/parts?what=audit").Sees(404)
}

func TestExportsExplainWhatTheyRefuse(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for query, want := range map[string]string{
		"": "Choose what", "what=everything": "Choose what", "what=audit&from=x": "This is no day.", "what=sign-ins&to=x": "This is no day.", "what=audit&from=2026-11-22&to=2026-11-20": "must not lie before",
		"what=audit&kind=no.such": "no events of such a kind", "what=sign-ins&from=2026-11-22&to=2026-11-20": "must come after", "what=audit&cursor=" + strings.Repeat("x", 3000): "not possible as things are",
		"what=enrollment&user_prefix=" + strings.Repeat("a", 129): "No id is as long", "what=enrollment&email_prefix=" + strings.Repeat("a", 255): "No id is as long",
	} {
		p := f.opens("/exports/parts?user=kept%22me&"+query).Sees(422, want)
		if kept := strings.Count(p.HTML, `value="kept&#34;me"`); kept != map[bool]int{true: 1}[strings.HasPrefix(query, "what=audit") || strings.HasPrefix(query, "what=sign")] {
			t.Errorf("%s: kept %d times", query, kept)
		}
	}
	p := f.opens("/exports/parts?what=audit&group=users&user=eve&format=ndjson").Sees(200)
	again := f.Send(http.MethodGet, link(p, "Another export"), nil).Sees(200)
	if !strings.Contains(again.HTML, `value="eve"`) || !strings.Contains(again.HTML, `value="users" checked`) || !strings.Contains(again.HTML, `value="ndjson" selected`) {
		t.Error(again.HTML)
	}
}

func TestExportsComeBackAfterFailures(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for path, ops := range map[string][]memstore.Operation{
		"audit": {memstore.ReadOrganization, memstore.Events}, "sign-ins": {memstore.ReadOrganization, memstore.SignIns}, "enrollment": {memstore.ReadOrganization, memstore.Users},
	} {
		for _, op := range ops {
			f.store.FailNext(op, false, errDown)
			if p := f.opens("/exports/parts?what=" + path).Sees(503); strings.Contains(p.HTML, "secret-cause") || strings.Contains(p.HTML, "data:text") {
				t.Error(p.HTML)
			}
			f.whole(f.opens("/exports/parts?what=" + path))
		}
	}
}
