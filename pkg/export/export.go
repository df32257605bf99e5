// Package export makes pages of a report that somebody else can check: each is signed, says what it is a page of, and names the
// one before, so that whoever has all of them sees whether a line was edited, or a page left out, repeated or put elsewhere.
// What a line is, a Kind says with its columns; CSV and NDJSON follow from them.
//
// It may not read a store, sign or seal: it is given what does. The server keeps nothing between two pages: what the next one must
// know of those before rides in the cursor, sealed, since who could write one would have us sign a chain of their own making.
package export

import (
	"time"

	"twofold/pkg/fault"
)

// Format is how lines are written.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// Limits of a page. As part of an answer of Lambda's, a text within JSON, a byte takes six in the worst case; and 6 MB are all that it has, 6,291,556
// bytes (Lambda quotas, "Invocation payload").
const (
	MaxLines = 1000
	MaxBytes = 1_000_000
)

// Life is for how long after its first page an export can go on. Pages that lie further apart are no picture of anything; and
// signing keys, which may be replaced meanwhile, are published for longer.
const Life = 24 * time.Hour

// Header is what is signed of a page beside its bytes. An export is the pages of one Export from 1 to the Last.
type Header struct {
	Export       string    `json:"export"`                 // its id, random
	What         string    `json:"what"`                   // the name of the kind
	Organization string    `json:"organization,omitempty"` // empty: system-wide
	Query        string    `json:"query"`                  // all that was asked, format included, in one form
	Page         int       `json:"page"`                   // from 1
	Lines        int       `json:"lines"`                  // without the header of CSV
	Bytes        int       `json:"bytes"`
	Began        time.Time `json:"began"`              // when the first page was asked for, to the second
	Read         time.Time `json:"read"`               // when this one was, to the second
	Previous     string    `json:"previous,omitempty"` // Digest of the signature of the page before
	Last         bool      `json:"last"`
}

// Request asks for a page. Organization and What are the caller's own to say, whatever the cursor says.
type Request struct {
	Organization string
	Format       Format
	Query        string // all that was asked but for the cursor, in one form
	Cursor       string // empty: the first page
}

// Page is one, with what belongs to it.
type Page struct {
	Header    Header
	Body      []byte
	Signature string // a detached JWS (RFC 7515 appendix F) of the body, whose protected header holds Header
	Next      string // the cursor of the page that follows; empty: this is the last
}

// The refusals of cursors.
var (
	ErrCursor = fault.New(fault.Unprocessable, "invalid_cursor", "This cursor does not belong to this export.").At("query.cursor")
	ErrOver   = fault.New(fault.Unprocessable, "export_expired", "This export began more than a day ago. Begin another.").At("query.cursor")
)
