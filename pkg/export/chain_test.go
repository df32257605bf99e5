package export_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"twofold/pkg/export"
)

// Every way of tampering with an export, and the page at which an auditor finds it.
func TestWhatAnAuditorFinds(t *testing.T) {
	people := &population{texts: strings.Fields("ana bo cy dan eve fay gil hal"), pick: func(int) int { return 2 }}
	of := func(change func(*export.Request)) []export.Page {
		r := asked(export.CSV)
		if change != nil {
			change(&r)
		}
		return whole(t, r, people)
	}
	good, another := of(nil), of(nil)
	elsewhere := of(func(r *export.Request) { r.Organization = "globex" })
	otherwise := of(func(r *export.Request) { r.Query = "format=csv&sort=email" })
	if c, err := check(good); err != nil || c.Pages != 4 || c.Lines != 8 {
		t.Fatalf("%+v, %v", c, err)
	}
	for name, c := range map[string]struct {
		page   int
		tamper func(p []export.Page) []export.Page
	}{
		"edited": {2, func(p []export.Page) []export.Page {
			p[1].Body = bytes.Replace(p[1].Body, []byte("cy"), []byte("di"), 1)
			return p
		}},
		"a line taken out": {3, func(p []export.Page) []export.Page {
			p[2].Body = p[2].Body[bytes.IndexByte(p[2].Body, '\n')+1:]
			return p
		}},
		"a line put in":         {4, func(p []export.Page) []export.Page { p[3].Body = append(p[3].Body, "joe,3\r\n"...); return p }},
		"emptied":               {2, func(p []export.Page) []export.Page { p[1].Body = nil; return p }},
		"the first left out":    {1, func(p []export.Page) []export.Page { return p[1:] }},
		"one left out":          {2, func(p []export.Page) []export.Page { return slices.Delete(p, 1, 2) }},
		"the last left out":     {4, func(p []export.Page) []export.Page { return p[:3] }},
		"all left out":          {1, func([]export.Page) []export.Page { return nil }},
		"one repeated":          {3, func(p []export.Page) []export.Page { return slices.Insert(p, 2, p[1]) }},
		"the last repeated":     {5, func(p []export.Page) []export.Page { return append(p, p[3]) }},
		"two exchanged":         {2, func(p []export.Page) []export.Page { p[1], p[2] = p[2], p[1]; return p }},
		"of another export":     {3, func(p []export.Page) []export.Page { p[2] = another[2]; return p }},
		"the end of another":    {2, func(p []export.Page) []export.Page { return append(p[:1:1], another[1:]...) }},
		"of another tenant":     {2, func(p []export.Page) []export.Page { p[1] = elsewhere[1]; return p }},
		"of another query":      {4, func(p []export.Page) []export.Page { p[3] = otherwise[3]; return p }},
		"another's signature":   {3, func(p []export.Page) []export.Page { p[2].Signature = another[2].Signature; p[2].Body = nil; return p }},
		"without a signature":   {1, func(p []export.Page) []export.Page { p[0].Signature = ""; return p }},
		"a page after the last": {5, func(p []export.Page) []export.Page { return append(p, another[3]) }},
		"the pages' own order":  {1, func(p []export.Page) []export.Page { slices.Reverse(p); return p }},
		"a line moved to before": {1, func(p []export.Page) []export.Page {
			p[0].Body, p[1].Body = append(p[0].Body, p[1].Body[:6]...), p[1].Body[6:]
			return p
		}},
	} {
		pages := slices.Clone(good)
		for i := range pages {
			pages[i].Body = slices.Clone(pages[i].Body)
		}
		var flaw export.Flaw
		if _, err := check(c.tamper(pages)); !errors.As(err, &flaw) || flaw.Page != c.page {
			t.Errorf("%s: %v, want page %d", name, err, c.page)
		}
	}
}

// A header that its own page belies is not believed, though a signer of ours would have to have been wrong.
func TestAChainJudgesEachHeader(t *testing.T) {
	body := []byte("text,length\r\na,1\r\n")
	good := export.Header{Export: "e", What: "texts", Organization: "acme", Query: "q", Page: 1, Lines: 1, Bytes: len(body), Began: noon, Read: noon, Last: true}
	for name, change := range map[string]func(*export.Header){
		"lines": func(h *export.Header) { h.Lines++ }, "bytes": func(h *export.Header) { h.Bytes-- }, "page": func(h *export.Header) { h.Page = 0 }, "previous": func(h *export.Header) { h.Previous = "x" },
	} {
		bad := good
		change(&bad)
		var c export.Chain
		var flaw export.Flaw
		if err := c.Add(bad, "s", body); !errors.As(err, &flaw) || flaw.Page != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*export.Header){
		"what": func(h *export.Header) { h.What = "x" }, "organisation": func(h *export.Header) { h.Organization = "x" }, "query": func(h *export.Header) { h.Query = "x" },
		"export": func(h *export.Header) { h.Export = "x" }, "began": func(h *export.Header) { h.Began = noon.Add(1) }, "previous": func(h *export.Header) { h.Previous = export.Digest("t") }, "as it is": nil,
	} {
		first, second := good, good
		first.Last = false
		second.Page, second.Previous, second.Lines = 2, export.Digest("s"), 2
		second.Bytes = len(body)
		if change != nil {
			change(&second)
		}
		var c export.Chain
		err := c.Add(first, "s", body)
		if err == nil {
			err = c.Add(second, "u", body)
		}
		var flaw export.Flaw
		if (change == nil) != (err == nil) || change != nil && (!errors.As(err, &flaw) || flaw.Page != 2) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var ended export.Chain
	after := good
	after.Page, after.Previous, after.Lines = 2, export.Digest("s"), 2
	if err := ended.Add(good, "s", body); err != nil {
		t.Fatal(err)
	}
	if err := ended.Add(after, "t", body); err == nil {
		t.Error("a page goes on behind the last")
	}
	if got := fmt.Sprint(export.Flaw{Page: 7, Why: "why"}); got != "page 7: why" {
		t.Error(got)
	}
}
