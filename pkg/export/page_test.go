package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/apigw"
	"twofold/pkg/export"
	"twofold/pkg/fault"
	"twofold/pkg/seal"
	"twofold/pkg/sign"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// keyring is what the product exports with, made once.
var keyring = sync.OnceValues(func() (export.Keys, *sign.PageVerifier) {
	raw, err := seal.NewBlob(seal.Exports)
	if err != nil {
		panic(err)
	}
	ring, err := seal.Load(seal.Exports, raw)
	if err != nil {
		panic(err)
	}
	signer, err := sign.NewPages(ring.SigningKeys())
	if err != nil {
		panic(err)
	}
	verifier, err := sign.NewPageVerifier(signer.JWKS())
	if err != nil {
		panic(err)
	}
	return export.Keys{Cursors: ring, Signer: signer}, verifier
})

// texts is a kind whose lines are texts.
var texts = export.Kind[string]{Name: "texts", Columns: []export.Column[string]{
	{Name: "text", Value: func(s string) any { return s }}, {Name: "length", Value: func(s string) any { return int64(len(s)) }},
}}

// population reads texts in pages of as many as pick says, at most what is asked for.
type population struct {
	texts []string
	pick  func(limit int) int
	asked int
}

func (p *population) read(_ context.Context, after string, limit int) ([]string, string, error) {
	p.asked++
	from := 0
	if after != "" {
		if _, err := fmt.Sscan(after, &from); err != nil {
			return nil, "", err
		}
	}
	to := min(len(p.texts), from+min(limit, p.pick(limit)))
	if to == len(p.texts) {
		return p.texts[from:], "", nil
	}
	return p.texts[from:to], fmt.Sprint(to), nil
}

func all(limit int) int { return limit }

// page asks for one.
func page(r export.Request, now time.Time, p *population) (export.Page, error) {
	keys, _ := keyring()
	at, err := export.Begin(keys, texts, r, now)
	if err != nil {
		return export.Page{}, err
	}
	return export.Write(context.Background(), keys, texts, at, now, p.read)
}

// whole asks for page after page.
func whole(t *testing.T, r export.Request, p *population) []export.Page {
	t.Helper()
	var pages []export.Page
	for now := noon; ; now = now.Add(time.Second) {
		next, err := page(r, now, p)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, next)
		if r.Cursor = next.Next; next.Next == "" {
			return pages
		}
	}
}

// check is what an auditor does.
func check(pages []export.Page) (export.Chain, error) {
	_, verifier := keyring()
	var c export.Chain
	for i, p := range pages {
		h, err := verifier.Verify(p.Signature, p.Body)
		if err != nil {
			return c, export.Flaw{Page: i + 1, Why: err.Error()}
		}
		if err := c.Add(h, p.Signature, p.Body); err != nil {
			return c, err
		}
	}
	return c, c.End()
}

func asked(f export.Format) export.Request {
	return export.Request{Organization: "acme", Format: f, Query: "format=" + string(f)}
}

// Random populations in random pages, some of them empty: the pages together are all lines, in their order, and an auditor agrees.
func TestPagesTogetherAreAllLines(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 4))
	alphabet := []rune("ab=+-@;,\"' \t\r\n\x00é＝<")
	for range 150 {
		p := &population{pick: func(limit int) int { return random.IntN(min(limit, 40)) }}
		for range random.IntN(200) {
			text := make([]rune, random.IntN(12))
			for i := range text {
				text[i] = alphabet[random.IntN(len(alphabet))]
			}
			p.texts = append(p.texts, string(text))
		}
		for _, f := range []export.Format{export.CSV, export.NDJSON} {
			pages := whole(t, asked(f), p)
			var together []byte
			for _, page := range pages {
				together = append(together, page.Body...)
			}
			chain, err := check(pages)
			if err != nil || chain.Lines != len(p.texts) || chain.Bytes != len(together) || chain.Pages != len(pages) {
				t.Fatalf("%+v of %d lines, %v", chain, len(p.texts), err)
			}
			if got := read(t, f, together); !slices.Equal(got, p.shown(f)) {
				t.Fatalf("%q came as %q", p.shown(f), got)
			}
		}
	}
}

func read(t *testing.T, f export.Format, text []byte) (got []string) {
	t.Helper()
	if f == export.CSV {
		records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(records) == 0 || records[0][0] != "text" {
			t.Fatalf("%q, %v", text, err)
		}
		for _, record := range records[1:] {
			got = append(got, record[0])
		}
		return got
	}
	for line := range strings.Lines(string(text)) {
		var object struct{ Text string }
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		got = append(got, object.Text)
	}
	return got
}

func (p *population) shown(f export.Format) []string {
	if f == export.NDJSON {
		return p.texts
	}
	var cells []string
	for _, text := range p.texts {
		cells = append(cells, export.Cell(text))
	}
	return cells
}

// Whatever lines there are, what Lambda gives back stays below its 6 MB: with what JSON writes six times as long, and with what it does not.
func TestNoPageIsTooLargeForLambda(t *testing.T) {
	const most = 6_291_556
	for name, text := range map[string]string{
		"controls": strings.Repeat("\x01", 900), "angles": strings.Repeat("<", 4000), "quotes": strings.Repeat(`"`, 5000), "separators": strings.Repeat("\u2028", 2000),
		"long": strings.Repeat("x", 450_000), "short": "<", "nothing": "",
	} {
		for _, f := range []export.Format{export.CSV, export.NDJSON} {
			p := &population{texts: slices.Repeat([]string{text}, 2500), pick: all}
			if len(text) > 100_000 {
				p.texts = p.texts[:5]
			}
			lines := 0
			pages := whole(t, asked(f), p)
			if p.asked > 2*len(pages) {
				t.Errorf("%s as %s: %d pages took %d reads", name, f, len(pages), p.asked)
			}
			for _, page := range pages {
				lines += page.Header.Lines
				if n := asLambdaGives(t, f, page); n > most || len(page.Body) > export.MaxBytes || page.Header.Lines > export.MaxLines {
					t.Errorf("%s as %s: a page has %d lines of %d bytes, %d as Lambda gives them", name, f, page.Header.Lines, len(page.Body), n)
				}
			}
			if lines != len(p.texts) {
				t.Errorf("%s as %s: %d lines", name, f, lines)
			}
		}
	}
	p := &population{texts: []string{strings.Repeat("x", export.MaxBytes)}, pick: all}
	if _, err := page(asked(export.CSV), noon, p); err == nil || fault.As(err).Kind != fault.Internal {
		t.Errorf("a line larger than a page: %v", err)
	}
}

// asLambdaGives is the size of the invocation's answer.
func asLambdaGives(t *testing.T, f export.Format, p export.Page) int {
	t.Helper()
	event, err := os.ReadFile("../apigw/testdata/query.json")
	if err != nil {
		t.Fatal(err)
	}
	media := map[export.Format]string{export.CSV: "text/csv; charset=utf-8", export.NDJSON: "application/x-ndjson"}[f]
	answer, err := apigw.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Header().Set("X-JWS-Signature", p.Signature)
		w.Header().Set("Link", p.Next)
		_, _ = w.Write(p.Body)
	}), slog.New(slog.DiscardHandler)).Invoke(t.Context(), event)
	if err != nil || bytes.Contains(answer, []byte(`"isBase64Encoded":true`)) {
		t.Fatalf("base64, or %v", err)
	}
	return len(answer)
}

// A page asked for twice, since the reply was lost, is the same page of the same export; either goes on, and the two do not mix.
func TestAPageAskedForAgain(t *testing.T) {
	p := &population{texts: strings.Fields("a b c d e f"), pick: func(int) int { return 2 }}
	r := asked(export.NDJSON)
	first, err := page(r, noon, p)
	if err != nil {
		t.Fatal(err)
	}
	r.Cursor = first.Next
	lost, err := page(r, noon.Add(time.Minute), p)
	if err != nil {
		t.Fatal(err)
	}
	p.texts[3] = "D" // has changed meanwhile
	again, err := page(r, noon.Add(2*time.Minute), p)
	if err != nil || again.Header.Page != 2 || again.Header.Export != first.Header.Export || again.Header.Previous != lost.Header.Previous || again.Next == lost.Next {
		t.Fatalf("%+v, %v", again.Header, err)
	}
	r.Cursor = again.Next
	third, err := page(r, noon.Add(3*time.Minute), p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := check([]export.Page{first, again, third}); err != nil {
		t.Errorf("with the second reply: %v", err)
	}
	var flaw export.Flaw
	if _, err := check([]export.Page{first, lost, third}); !errors.As(err, &flaw) || flaw.Page != 3 {
		t.Errorf("with the lost reply: %v", err)
	}
}

func TestAFailureIsNoPage(t *testing.T) {
	keys, _ := keyring()
	at, err := export.Begin(keys, texts, asked(export.CSV), noon)
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("down")
	p := &population{texts: strings.Fields("a b"), pick: func(int) int { return 1 }}
	failing := func(context.Context, string, int) ([]string, string, error) { return nil, "", down }
	for name, try := range map[string]func() (export.Page, error){
		"reading": func() (export.Page, error) { return export.Write(t.Context(), keys, texts, at, noon, failing) },
		"signing": func() (export.Page, error) {
			return export.Write(t.Context(), export.Keys{Cursors: keys.Cursors, Signer: broken{}}, texts, at, noon, p.read)
		},
		"sealing": func() (export.Page, error) {
			return export.Write(t.Context(), export.Keys{Cursors: broken{}, Signer: keys.Signer}, texts, at, noon, p.read)
		},
	} {
		got, err := try()
		if err == nil || got.Body != nil || got.Signature != "" || name != "reading" && fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// broken neither signs nor seals.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) SignPage(context.Context, export.Header, []byte) (string, error) { return "", errBroken }
func (broken) Seal(_, _ []byte) ([]byte, error)                                { return nil, errBroken }
func (broken) Open(_, _ []byte) ([]byte, error)                                { return nil, errBroken }
