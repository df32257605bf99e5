package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/export"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

// deployment is a server of exports, with keys of its own.
type deployment struct {
	t     *testing.T
	keys  export.Keys
	jwks  []byte
	lines []string
	now   time.Time
	asked []string // queries
	// turns take the place of an answer to a page, in their order; nil: the answer itself.
	turns []func(w http.ResponseWriter, p export.Page, link string)
	*httptest.Server
}

var ring = sync.OnceValue(func() *seal.Ring {
	raw, err := seal.NewBlob(seal.Exports)
	if err != nil {
		panic(err)
	}
	r, err := seal.Load(seal.Exports, raw)
	if err != nil {
		panic(err)
	}
	return r
})

var kind = export.Kind[string]{Name: "names", Columns: []export.Column[string]{{Name: "name", Value: func(s string) any { return s }}}}

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func deploy(t *testing.T) *deployment {
	t.Helper()
	signer, err := sign.NewPages(ring().SigningKeys())
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{t: t, keys: export.Keys{Cursors: ring(), Signer: signer}, jwks: signer.JWKS(), lines: strings.Fields("ana bo cy dan eve fay gil"), now: noon}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/.well-known/exports/jwks.json" {
		if r.Header.Get("Authorization") != "" {
			d.t.Error("the key is sent where none is asked for")
		}
		_, _ = w.Write(d.jwks)
		return
	}
	if r.Header.Get("Authorization") != "Bearer key" || r.Header.Get("Accept-Encoding") != "" || strings.Contains(r.URL.RawQuery, "key") {
		d.t.Errorf("asked with %v", r.Header)
	}
	d.asked = append(d.asked, r.URL.RawQuery)
	q := r.URL.Query()
	cursor := q.Get("cursor")
	q.Del("cursor")
	p := d.page("acme", q, cursor)
	link := ""
	if p.Next != "" {
		q.Set("cursor", p.Next)
		link = "<?" + q.Encode() + `>; rel="next"`
	}
	if len(d.turns) > 0 {
		turn := d.turns[0]
		d.turns = d.turns[1:]
		if turn != nil {
			turn(w, p, link)
			return
		}
	}
	give(w, p, link)
}

func give(w http.ResponseWriter, p export.Page, link string) {
	w.Header().Set("X-JWS-Signature", p.Signature)
	if link != "" {
		w.Header().Set("Link", link)
	}
	_, _ = w.Write(p.Body)
}

// page is the answer's, of two lines.
func (d *deployment) page(organization string, q url.Values, cursor string) export.Page {
	at, err := export.Begin(d.keys, kind, export.Request{Organization: organization, Format: export.Format(q.Get("format")), Query: q.Encode(), Cursor: cursor}, d.now)
	if err != nil {
		d.t.Error(err)
	}
	p, err := export.Write(context.Background(), d.keys, kind, at, d.now, func(_ context.Context, after string, _ int) ([]string, string, error) {
		from := 0
		_, _ = fmt.Sscan(after, &from)
		if from+2 >= len(d.lines) {
			return d.lines[from:], "", nil
		}
		return d.lines[from : from+2], fmt.Sprint(from + 2), nil
	})
	if err != nil {
		d.t.Error(err)
	}
	return p
}

// fetch is a run against a deployment, whose waits are noted and not waited.
func (d *deployment) fetch() (f Fetch, waits *[]time.Duration, progress *bytes.Buffer) {
	d.t.Helper()
	waits, progress = &[]time.Duration{}, &bytes.Buffer{}
	address, err := url.Parse(d.URL)
	if err != nil {
		d.t.Fatal(err)
	}
	pages := address.JoinPath("v1/organizations/acme/report/export")
	pages.RawQuery = "format=csv"
	client := d.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	return Fetch{
		Client: Client{Key: "key", HTTP: client, Note: func(string, time.Duration) {},
			Wait: func(ctx context.Context, d time.Duration) error { *waits = append(*waits, d); return ctx.Err() }},
		Pages: pages, Keys: address.JoinPath(".well-known/exports/jwks.json"), Organization: "acme",
		Files: Files{filepath.Join(d.t.TempDir(), "acme.csv")}, Progress: progress, Now: func() time.Time { return d.now },
	}, waits, progress
}

// left are the files that a run has left.
func left(t *testing.T, f Files) (names []string) {
	t.Helper()
	found, err := filepath.Glob(f.Path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		names = append(names, strings.TrimPrefix(path, f.Path))
	}
	return names
}

// flawed is the page that an error names, 0 if none.
func flawed(err error) int {
	var flaw export.Flaw
	if errors.As(err, &flaw) {
		return flaw.Page
	}
	return 0
}
