package export_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/pkg/export"
)

// half is an export that has begun, and the request of its next page.
func half(t testing.TB) (*population, export.Request) {
	t.Helper()
	p := &population{texts: strings.Fields("ana bo cy"), pick: func(int) int { return 1 }}
	r := asked(export.CSV)
	first, err := page(r, noon, p)
	if err != nil {
		t.Fatal(err)
	}
	r.Cursor = first.Next
	return p, r
}

func TestACursorGoesOnWithItsOwnExportOnly(t *testing.T) {
	p, good := half(t)
	if next, err := page(good, noon.Add(export.Life), p); err != nil || next.Header.Page != 2 || !next.Header.Began.Equal(noon) {
		t.Fatalf("%+v, %v", next.Header, err)
	}
	if _, err := page(good, noon.Add(export.Life+time.Second), p); !errors.Is(err, export.ErrOver) {
		t.Errorf("after a day: %v", err)
	}
	keys, _ := keyring()
	for name, change := range map[string]func(*export.Request){
		"of another organisation": func(r *export.Request) { r.Organization = "globex" }, "of the system": func(r *export.Request) { r.Organization = "" },
		"of another query": func(r *export.Request) { r.Query += "&sort=email" }, "with more": func(r *export.Request) { r.Cursor += "AA" },
		"cut off": func(r *export.Request) { r.Cursor = r.Cursor[:len(r.Cursor)-2] }, "none of ours": func(r *export.Request) { r.Cursor = "AAAA" }, "no base64": func(r *export.Request) { r.Cursor = "!" },
		"in another base64": func(r *export.Request) { r.Cursor += "=" },
	} {
		r := good
		change(&r)
		if _, err := export.Begin(keys, texts, r, noon); !errors.Is(err, export.ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := export.Kind[string]{Name: "other", Columns: texts.Columns}
	if _, err := export.Begin(keys, other, good, noon); !errors.Is(err, export.ErrCursor) {
		t.Errorf("of another kind: %v", err)
	}
	// Another version, with another column, does not go on below the old header.
	wider := export.Kind[string]{Name: texts.Name, Columns: append(texts.Columns[:2:2], export.Column[string]{Name: "more", Value: func(string) any { return nil }})}
	if _, err := export.Begin(keys, wider, good, noon); !errors.Is(err, export.ErrCursor) {
		t.Errorf("with another column: %v", err)
	}
}

// Nothing of what a cursor carries can be read from it: addresses are where pages end, and cursors stand in logs of requests.
func TestACursorTellsNothing(t *testing.T) {
	p := &population{texts: []string{"a", "b"}, pick: func(int) int { return 1 }}
	r := asked(export.CSV)
	first, err := page(r, noon, p)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(first.Next)
	if err != nil || strings.Contains(string(raw), first.Header.Export) || strings.Contains(string(raw), "{") && strings.Contains(string(raw), `"p"`) {
		t.Errorf("%q, %v", raw, err)
	}
	second, err := page(r, noon, p)
	if err != nil || second.Header.Export == first.Header.Export || len(first.Header.Export) < 26 {
		t.Errorf("two exports are called %s and %s, %v", first.Header.Export, second.Header.Export, err)
	}
}

// No cursor but ours goes on with anything, whatever is done to it.
func FuzzCursors(f *testing.F) {
	_, good := half(f)
	raw, _ := base64.RawURLEncoding.DecodeString(good.Cursor)
	f.Add(raw)
	f.Add([]byte(`{"e":"x","p":9,"h":"","b":1800000000,"a":"","q":""}`))
	f.Add(raw[:20])
	f.Add(append([]byte{raw[0] ^ 1}, raw[1:]...))
	keys, _ := keyring()
	f.Fuzz(func(t *testing.T, cursor []byte) {
		r := good
		for _, text := range []string{base64.RawURLEncoding.EncodeToString(cursor), string(cursor)} {
			if r.Cursor = text; text == "" || text == good.Cursor {
				continue
			}
			if _, err := export.Begin(keys, texts, r, noon); !errors.Is(err, export.ErrCursor) {
				t.Errorf("%q goes on: %v", text, err)
			}
		}
	})
}
