package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twofold/pkg/fault"
)

// Signer signs pages: a detached JWS of the page's bytes with the header in its protected header.
type Signer interface {
	SignPage(ctx context.Context, h Header, page []byte) (string, error)
}

// Keys are what exports are made with.
type Keys struct {
	Cursors Cursors
	Signer  Signer
}

// Reader gives at most limit lines after a place of its own, empty for the beginning, and the place after them, empty for the end. It may
// give fewer, even none, before the end. It authorises. It may be asked again, from the same place for fewer.
type Reader[R any] func(ctx context.Context, after string, limit int) (lines []R, next string, err error)

var errTooLarge = errors.New("export: a single line is larger than a page may be")

// Write makes the page at a place. No page has more than MaxLines or MaxBytes, whatever its lines are: where they are too long it holds fewer.
// Nothing is kept: asked again for the same place, it reads and signs anew, as the same page of the same export, and each of
// the two answers has a next of its own, which chains to it and not to the other.
func Write[R any](ctx context.Context, k Keys, kind Kind[R], at Place, now time.Time, read Reader[R]) (Page, error) {
	for limit := MaxLines; limit > 0; {
		lines, next, err := read(ctx, at.after, limit)
		if err != nil {
			return Page{}, err
		}
		body, fit, err := kind.encode(at.request.Format, lines, at.page == 1)
		if err != nil {
			return Page{}, err
		}
		if fit == len(lines) {
			return k.finish(ctx, at, now, body, len(lines), next)
		}
		limit = fit // what was read has a place after its last line, and none after each
	}
	return Page{}, errTooLarge
}

// Answer makes the page that a request asks for. Where its cursor is refused, whoever may not ask is told that instead, whatever the cursor.
func Answer[R any](ctx context.Context, k Keys, kind Kind[R], r Request, now time.Time, allowed func() error, read Reader[R]) (Page, error) {
	at, err := Begin(k, kind, r, now)
	if err == nil {
		return Write(ctx, k, kind, at, now, read)
	}
	if refused := allowed(); refused != nil {
		return Page{}, refused
	}
	return Page{}, err
}

// finish signs a page and chains the next to it.
func (k Keys) finish(ctx context.Context, at Place, now time.Time, body []byte, lines int, next string) (Page, error) {
	p := Page{Body: body, Header: Header{
		Export: at.id, What: at.what, Organization: at.request.Organization, Query: at.request.Query, Page: at.page, Lines: lines, Bytes: len(body),
		Began: at.began, Read: now.UTC().Truncate(time.Second), Previous: at.previous, Last: next == "",
	}}
	var err error
	if p.Signature, err = k.Signer.SignPage(ctx, p.Header, body); err != nil {
		return Page{}, fault.Down(fmt.Errorf("export: signing: %w", err))
	}
	if !p.Header.Last {
		if p.Next, err = at.next(k.Cursors, p.Signature, next); err != nil {
			return Page{}, fault.Down(fmt.Errorf("export: sealing a cursor: %w", err))
		}
	}
	return p, nil
}
