package dynamo_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/export"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// unsigned stands for the keys of exports, which ask nobody.
type unsigned struct{}

func (unsigned) SignPage(context.Context, export.Header, []byte) (string, error) {
	return "signed", nil
}
func (unsigned) Seal(plaintext, _ []byte) ([]byte, error)  { return plaintext, nil }
func (unsigned) Open(ciphertext, _ []byte) ([]byte, error) { return ciphertext, nil }

// TestRequestsOfAnExport: a page asks once for key and organisation, once for places, and once for each hundred users, whatever page it is.
func TestRequestsOfAnExport(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	now := w.Clock.Now()
	key, text := access.NewKey(access.Reader, now)
	key.Holder, key.Organizations = "siem", []string{"exported"}
	o := org.Organization{ID: "exported", Name: "Exported", Entitlements: org.Entitlements{TwoFactor: true}, CreatedAt: now, Rev: 1, Policy: org.DefaultOrganizationPolicy(now)}
	if err := store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o, History: &o.Policy, Keys: []access.Key{key}}); err != nil {
		t.Fatal(err)
	}
	for i := range 1250 {
		p := user.Profile{Organization: o.ID, User: fmt.Sprintf("user-%04d", i), Email: "user@acme.example", RegisteredAt: now}.Next()
		if err := store.Write(t.Context(), user.Change{Profile: &p}); err != nil {
			t.Fatal(err)
		}
	}
	credential, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	e := report.Exporter{Reports: &report.Service{Store: store, Now: w.Clock.Now}, Keys: export.Keys{Cursors: unsigned{}, Signer: unsigned{}}}
	r := export.Request{Organization: o.ID, Format: export.CSV, Query: "q"}
	for _, want := range []map[string]int{{"BatchGetItem": 1 + 10, "Query": 1}, {"BatchGetItem": 1 + 3, "Query": 1}} {
		var page export.Page
		got := wire.requests(func() {
			page, err = e.Enrollment(t.Context(), access.Caller{Credential: credential}, report.Query{Sort: report.ByUser}, r)
			if err != nil {
				t.Fatal(err)
			}
		})
		if !maps.Equal(got, want) {
			t.Errorf("a page of %d lines sent %v, want %v", page.Header.Lines, got, want)
		}
		r.Cursor = page.Next
	}
	if r.Cursor != "" {
		t.Error("there is more")
	}
}
