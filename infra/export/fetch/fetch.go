// Package fetch gets an export page by page, checks each as it comes and the whole as it is kept, and keeps it so that anybody
// can check it again without us. What is not whole and right never has the name of what is.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"twofold/pkg/export"
	"twofold/pkg/sign"
)

// Fetch is one run. All fields are needed.
type Fetch struct {
	Client       Client
	Pages, Keys  *url.URL // of the first page with all that is asked, and of the keys
	Organization string
	Files        Files
	Progress     io.Writer
	Now          func() time.Time
}

const (
	interval = 2 * time.Second // of progress
	skew     = 5 * time.Minute // by which clocks may differ
)

// Run fetches the export. Where a page is not as it should be, its error is an export.Flaw, and what came stays in files that end with .part, for
// whoever wants to know why; after any other failure nothing is left.
func (f Fetch) Run(ctx context.Context) (export.Chain, error) {
	var chain export.Chain
	jwks, err := f.Client.get(ctx, f.Keys, false)
	if err != nil {
		return chain, fmt.Errorf("the keys: %w", err)
	}
	verifier, err := sign.NewPageVerifier(jwks.body)
	if err != nil {
		return chain, fmt.Errorf("the keys: %w", err)
	}
	w, err := f.Files.create(jwks.body)
	if err != nil {
		return chain, err
	}
	if err = f.pages(ctx, verifier, &chain, w); err == nil {
		err = w.sync()
	}
	if err == nil {
		chain, err = Verify(f.Files.incomplete(), "") // what is on the disk, and not what we remember
	}
	if err == nil {
		err = w.done()
	}
	var flaw export.Flaw
	switch {
	case errors.As(err, &flaw):
		w.close()
	case err != nil:
		w.discard()
	}
	return chain, err
}

func (f Fetch) pages(ctx context.Context, verifier *sign.PageVerifier, chain *export.Chain, w *writer) error {
	began := f.Now()
	told := began
	for at := f.Pages; at != nil; {
		a, err := f.Client.get(ctx, at, true)
		if err != nil {
			return fmt.Errorf("page %d: %w", chain.Pages+1, err)
		}
		if a.signature == "" {
			return fmt.Errorf("page %d has no signature: is this the address of the API?", chain.Pages+1)
		}
		if err := w.add(a.body, a.signature); err != nil {
			return err
		}
		if err := add(verifier, chain, a.signature, a.body); err != nil {
			return err
		}
		if err := f.fits(*chain, a.next != nil, began); err != nil {
			return err
		}
		if now := f.Now(); now.Sub(told) >= interval || a.next == nil {
			told = now
			f.tell(*chain, now.Sub(began))
		}
		at = a.next
	}
	return chain.End()
}

// fits compares the latest page with what was asked, and when: an export of before, or of something else, is as well signed.
func (f Fetch) fits(c export.Chain, goesOn bool, began time.Time) error {
	complain := func(why string) error { return export.Flaw{Page: c.Pages, Why: why} }
	said, err := url.ParseQuery(c.Latest.Query)
	if err != nil || c.Latest.Organization != f.Organization {
		return complain("it is of another organisation")
	}
	for name, values := range f.Pages.Query() {
		if !slices.Equal(said[name], values) {
			return complain("it is not what was asked for: " + name)
		}
	}
	if away := c.First.Began.Sub(began); away > skew || away < -skew {
		return complain("it is of an export that began at " + c.First.Began.Format(time.RFC3339) + ", not now; or this machine's clock is wrong")
	}
	if c.Latest.Last == goesOn {
		return complain("whether another page follows, its Link and its signature do not agree")
	}
	return nil
}

func (f Fetch) tell(c export.Chain, took time.Duration) {
	rate := 0.0
	if took > 0 {
		rate = float64(c.Lines) / took.Seconds()
	}
	fmt.Fprintf(f.Progress, "%d lines in %d pages, %d bytes, %.0f lines a second\n", c.Lines, c.Pages, c.Bytes, rate)
}
