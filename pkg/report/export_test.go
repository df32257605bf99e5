package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/export"
	"twofold/pkg/org"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/user"
)

// exporter is one with real keys, and who verifies them.
func exporter(t *testing.T) (*Exporter, *shelf, access.Caller, *sign.PageVerifier) {
	t.Helper()
	raw, err := seal.NewBlob(seal.Exports)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Load(seal.Exports, raw)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.NewPages(ring.SigningKeys())
	if err != nil {
		t.Fatal(err)
	}
	v, err := sign.NewPageVerifier(signer.JWKS())
	if err != nil {
		t.Fatal(err)
	}
	s, store, c := reader(t)
	return &Exporter{Reports: s, Keys: export.Keys{Cursors: ring, Signer: signer}}, store, c, v
}

// exported is a whole export, checked.
func exported(t *testing.T, e *Exporter, c access.Caller, v *sign.PageVerifier, q Query, f export.Format) (text string, chain export.Chain) {
	t.Helper()
	r := export.Request{Organization: "acme", Format: f, Query: "q"}
	for {
		p, err := e.Enrollment(t.Context(), c, q, r)
		if err != nil {
			t.Fatal(err)
		}
		h, err := v.Verify(p.Signature, p.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := chain.Add(h, p.Signature, p.Body); err != nil {
			t.Fatal(err)
		}
		text += string(p.Body)
		if r.Cursor = p.Next; r.Cursor == "" {
			break
		}
	}
	if err := chain.End(); err != nil {
		t.Fatal(err)
	}
	return text, chain
}

// Random populations, orders and filters: an export has exactly the users that a look at everybody finds, in order.
func TestAnExportHasEverybody(t *testing.T) {
	e, store, c, v := exporter(t)
	random := rand.New(rand.NewPCG(8, 31))
	for range 12 {
		store.users = nil
		for i := range random.IntN(3200) {
			p := user.Profile{Organization: "acme", User: fmt.Sprintf("%x-%d", random.IntN(1<<20), i), Email: fmt.Sprintf("%x@acme.example", random.IntN(1<<20)), RegisteredAt: noon}
			if random.IntN(3) == 0 {
				p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, noon.Add(time.Duration(random.IntN(1000))*time.Hour)
			}
			store.users = append(store.users, p)
		}
		q := Query{Sort: Sorts()[random.IntN(len(Sorts()))]}
		if enrolled := random.IntN(2) == 0; random.IntN(2) == 0 {
			q.Filter.TwoFactor = &enrolled
		}
		if random.IntN(3) == 0 {
			q.Filter.EmailPrefix = "a"
		}
		slices.SortFunc(store.users, func(a, b user.Profile) int { return cmp.Compare(q.Sort.Value(a), q.Sort.Value(b)) })
		var want, got []string
		for _, p := range store.users {
			if q.Filter.Shows(row(*store.organization, p, noon)) {
				want = append(want, p.User)
			}
		}
		text, chain := exported(t, e, c, v, q, export.NDJSON)
		for line := range strings.Lines(text) {
			var l struct{ User string }
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			got = append(got, l.User)
		}
		if !slices.Equal(got, want) || chain.Lines != len(want) {
			t.Errorf("%+v of %d: %d lines, want %d", q, len(store.users), len(got), len(want))
		}
	}
}

// Every column of a user who has everything, and of one who has nothing.
func TestALineOfAnExport(t *testing.T) {
	e, store, c, v := exporter(t)
	store.users[1].Methods, store.users[1].EnrolledAt, store.users[1].RegisteredAt = []org.Method{org.Email, org.TOTP}, noon.Add(time.Millisecond), noon
	store.users[1].Facts = user.Facts{VerifiedOn: "2026-11-21", CodesGeneration: 1, CodesLeft: 0}
	text, _ := exported(t, e, c, v, Query{Sort: ByUser}, export.CSV)
	const want = "organization,user,email,status,has_two_factor,methods,default_method,registered_at,enrolled_at,last_verified,recovery_codes_left,exempt_until,grace_until,undeliverable,policy_version\r\n" +
		"acme,ann,ann@example.com,not_obliged,false,,,,,,,,,,1\r\n" +
		"acme,bob,bob@example.com,enrolled,true,email totp,email,2026-11-22T12:00:00Z,2026-11-22T12:00:00Z,2026-11-21,0,,,,1\r\n"
	if text != want {
		t.Errorf("%q", text)
	}
	text, _ = exported(t, e, c, v, Query{Sort: ByUser, Descending: false, Filter: Filter{UserPrefix: "ann"}}, export.NDJSON)
	if text != `{"organization":"acme","user":"ann","email":"ann@example.com","status":"not_obliged","has_two_factor":false,"methods":[],"default_method":null,"registered_at":null,"enrolled_at":null,"last_verified":null,"recovery_codes_left":null,"exempt_until":null,"grace_until":null,"undeliverable":[],"policy_version":1}`+"\n" {
		t.Errorf("%q", text)
	}
}

// With the longest ids, addresses and filters, signature and Link fit the 10 KB that API Gateway has for headers, and the next request the same 10 KB.
func TestTheLongestHeadersOfAnExport(t *testing.T) {
	e, store, c, _ := exporter(t)
	longest := strings.Repeat("<", 128)
	store.users = nil
	for i := range export.MaxLines + 1 {
		store.users = append(store.users, user.Profile{Organization: "acme", User: longest[:124] + fmt.Sprintf("%04d", i), Email: strings.Repeat("&", 64) + "@" + strings.Repeat("a", 189)})
	}
	query := url.Values{}
	for name, value := range map[string]string{
		"user_prefix": longest[:124], "email_prefix": strings.Repeat("&", 64), "status": "not_available,enrolled,suspended,exempt,not_obliged,pending,overdue,bounced", "has_two_factor": "false",
		"enrolled_from": "2026-11-11", "enrolled_before": "2026-11-11", "verified_from": "2026-11-11", "verified_before": "2026-11-11", "method": "email", "default_method": "email",
		"format": "ndjson", "order": "desc", "sort": "has_two_factor",
	} {
		query.Set(name, value)
	}
	r := export.Request{Organization: "acme", Format: export.NDJSON, Query: query.Encode()}
	p, err := e.Enrollment(t.Context(), c, Query{Sort: ByEmail}, r)
	if err != nil || p.Next == "" || p.Header.Lines != export.MaxLines {
		t.Fatalf("%+v, %v", p.Header, err)
	}
	query.Set("cursor", p.Next)
	if len(p.Next) > 4096 || len(p.Signature) > 8<<10 || len(p.Signature)+len(query.Encode()) > 9<<10 {
		t.Errorf("a cursor of %d, a signature of %d, a Link of %d bytes", len(p.Next), len(p.Signature), len(query.Encode()))
	}
	t.Logf("a cursor of %d, a signature of %d, a Link of %d bytes", len(p.Next), len(p.Signature), len(query.Encode()))
	r.Cursor = p.Next
	if last, err := e.Enrollment(t.Context(), c, Query{Sort: ByEmail}, r); err != nil || last.Header.Lines != 1 || last.Next != "" {
		t.Errorf("%+v, %v", last.Header, err)
	}
}

// Whoever may not ask learns nothing of cursors, and a store that fails makes no page.
func TestExportsRefuseFirst(t *testing.T) {
	e, store, c, _ := exporter(t)
	bad := export.Request{Organization: "acme", Format: export.CSV, Cursor: "AAAA"}
	if _, err := e.Enrollment(t.Context(), c, Query{Sort: ByUser}, bad); !errors.Is(err, export.ErrCursor) {
		t.Errorf("a cursor that is none: %v", err)
	}
	if _, err := e.SystemEnrollment(t.Context(), c, Query{Sort: ByUser}, export.Request{Format: export.CSV, Cursor: "AAAA"}); !errors.Is(err, access.ErrRole) {
		t.Errorf("a reader of one organisation, of all: %v", err)
	}
	store.key.Organizations = []string{"globex"}
	if _, err := e.Enrollment(t.Context(), c, Query{Sort: ByUser}, bad); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("who may not ask, with a cursor that is none: %v", err)
	}
	store.key.Organizations, store.err = []string{"acme"}, errDown
	if p, err := e.Enrollment(t.Context(), c, Query{Sort: ByUser}, export.Request{Organization: "acme", Format: export.CSV}); err == nil || p.Body != nil || p.Signature != "" {
		t.Errorf("a store that is down: %+v, %v", p, err)
	}
}
