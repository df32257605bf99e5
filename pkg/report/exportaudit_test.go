package report_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/export"
	"twofold/pkg/memstore"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// exporting are keys of exports, and who verifies what they have signed.
func exporting(t *testing.T) (export.Keys, *sign.PageVerifier) {
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
	return export.Keys{Cursors: ring, Signer: signer}, v
}

// whole fetches an export to its end, and checks it.
func whole(t *testing.T, v *sign.PageVerifier, page func(cursor string) (export.Page, error)) (text string, pages int) {
	t.Helper()
	var chain export.Chain
	for cursor := ""; ; {
		p, err := page(cursor)
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
		text, pages = text+string(p.Body), pages+1
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if err := chain.End(); err != nil {
		t.Fatal(err)
	}
	return text, pages
}

// An export of the audit has every event of it that was asked for, once, in order, with all that the audit shows.
func TestAnExportOfTheAuditHasEveryEvent(t *testing.T) {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	keys, v := exporting(t)
	e := &report.Exporter{Reports: &report.Service{Store: store, Now: w.Clock.Now}, Keys: keys}
	var want []string
	for i := range 2_300 {
		event := audit.Event{
			ID: fmt.Sprintf("e%05d", i), At: w.Clock.Now().Add(time.Duration(i) * time.Second), Kind: audit.UserReset, Organization: storetest.Organization,
			User: "=cmd", Role: "org_admin", Actor: "ann", Key: "k", Subject: "bob", Session: "s", Reason: "lost", Seen: "192.0.2.1", Claimed: "198.51.100.1", RequestID: "r",
			Details: map[string]string{"before": "a", "after": "b"},
		}
		if i%3 == 0 {
			event.Kind = audit.UserExempted
		} else {
			want = append(want, event.ID)
		}
		if err := store.Write(t.Context(), user.Change{Events: []audit.Event{event}}); err != nil {
			t.Fatal(err)
		}
	}
	of := func(format export.Format) func(cursor string) (export.Page, error) {
		return func(cursor string) (export.Page, error) {
			q := report.EventQuery{Kinds: []audit.Kind{audit.UserReset}}
			r := export.Request{Organization: storetest.Organization, Format: format, Query: "q", Cursor: cursor}
			return e.Audit(t.Context(), w.Administrator, storetest.Organization, q, r)
		}
	}
	text, pages := whole(t, v, of(export.NDJSON))
	var got []string
	for line := range strings.Lines(text) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l["id"].(string))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || pages < 2 {
		t.Errorf("%d events in %d pages, want %d", len(got), pages, len(want))
	}
	table, _ := whole(t, v, of(export.CSV))
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) != len(want)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if first := strings.Join(rows[1], "|"); first != "acme.example|e00001|2026-11-22T12:00:08.123456Z|user.reset|'=cmd|org_admin|ann|k|bob|s|lost|192.0.2.1|198.51.100.1|r|"+`{"after":"b","before":"a"}|` {
		t.Errorf("the first row is %s", first)
	}
}

// An export of the sign-in log likewise; and neither is for whoever may not read it, with a cursor or without.
func TestAnExportOfTheSignInLog(t *testing.T) {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	keys, v := exporting(t)
	var rows []signin.Entry
	for i := range 1_200 {
		at := w.Clock.Now().Add(-time.Duration(1_200-i) * time.Minute)
		rows = append(rows, signin.Entry{
			Organization: storetest.Organization, User: "ann", At: at, ID: signin.IDOf("ann", "", int64(i)), Outcome: signin.Right, Way: "totp", For: user.SignIn, Address: "192.0.2.1",
		})
	}
	for _, err := range store.AddSignIns(t.Context(), rows, func(e signin.Entry) time.Time { return e.At.Add(signin.Retention) }) {
		if err != nil {
			t.Fatal(err)
		}
	}
	log := &signin.Exporter{Log: &signin.Service{Store: store, Now: w.Clock.Now}, Keys: keys}
	of := func(c access.Caller, cursor string) (export.Page, error) {
		r := export.Request{Organization: storetest.Organization, Format: export.NDJSON, Query: "q", Cursor: cursor}
		return log.Export(t.Context(), c, signin.Query{}, signin.Filter{}, r)
	}
	text, pages := whole(t, v, func(cursor string) (export.Page, error) { return of(w.Administrator, cursor) })
	if lines := strings.Count(text, "\n"); lines != len(rows) || pages != 2 {
		t.Errorf("%d lines in %d pages, want %d", lines, pages, len(rows))
	}
	if first, _, _ := strings.Cut(text, "\n"); first != `{"organization":"acme.example","user":"ann","at":"2026-11-21T16:00:07.123456Z","outcome":"right","reason":null,"method":"totp","purpose":"sign_in","address":"192.0.2.1","locked_until":null}` {
		t.Errorf("the first line is %s", first)
	}
	reports := &report.Exporter{Reports: &report.Service{Store: store, Now: w.Clock.Now}, Keys: keys}
	for _, cursor := range []string{"", "forged"} {
		_, signIns := of(w.Application, cursor)
		r := export.Request{Organization: storetest.Organization, Format: export.CSV, Query: "q", Cursor: cursor}
		_, events := reports.Audit(t.Context(), w.Application, storetest.Organization, report.EventQuery{}, r)
		if !errors.Is(signIns, access.ErrRole) || !errors.Is(events, access.ErrRole) {
			t.Errorf("with the cursor %q: %v, %v", cursor, signIns, events)
		}
	}
}
