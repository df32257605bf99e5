package export

import (
	"bytes"
	"fmt"
)

// Flaw is what is wrong with an export, and the first page at which it shows.
type Flaw struct {
	Page int // from 1
	Why  string
}

// Error names the page.
func (f Flaw) Error() string { return fmt.Sprintf("page %d: %s", f.Page, f.Why) }

// Chain follows an export page by page, in the order in which somebody has them. The zero value begins one. It takes for granted that each header and
// page belong to the signature that they are given with: verify that first.
type Chain struct {
	Pages, Lines, Bytes int
	First, Latest       Header

	previous string // the digest of the latest signature
}

// Add takes the next page. Its error is a Flaw, after which the chain is of no more use.
func (c *Chain) Add(h Header, signature string, page []byte) error {
	here := c.Pages + 1
	if why := c.flaw(h, page, here); why != "" {
		return Flaw{here, why}
	}
	if here == 1 {
		c.First = h
	}
	c.Latest, c.previous, c.Pages = h, Digest(signature), here
	c.Lines, c.Bytes = c.Lines+h.Lines, c.Bytes+len(page)
	return nil
}

func (c *Chain) flaw(h Header, page []byte, here int) string {
	first := c.First
	if here == 1 {
		first = h
	}
	header := 0
	if here == 1 && bytes.HasSuffix(page, []byte("\r\n")) { // of CSV: NDJSON has no such ends
		header = 1
	}
	switch {
	case c.Latest.Last:
		return "it comes after the last page"
	case h.What != first.What || h.Organization != first.Organization || h.Query != first.Query:
		return "it is a page of something else"
	case h.Export != first.Export || !h.Began.Equal(first.Began):
		return "it is a page of another export"
	case h.Page != here:
		return fmt.Sprintf("it says that it is page %d: pages were left out, repeated or put elsewhere", h.Page)
	case h.Previous != c.previous:
		return "the page before is not the one that it follows"
	case h.Bytes != len(page) || h.Lines != bytes.Count(page, []byte("\n"))-header:
		return "it has not as many lines and bytes as it says"
	}
	return ""
}

// End says whether the export is whole: its error is a Flaw if the last page has not come.
func (c *Chain) End() error {
	if !c.Latest.Last {
		return Flaw{c.Pages + 1, "it is missing, and whatever comes after it"}
	}
	return nil
}
