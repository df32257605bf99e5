package signin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
	// MaxEvaluated rows are looked at for one page: where a filter leaves few of them, the page is short and has a cursor.
	MaxEvaluated = 1000
	// evaluated at a time.
	evaluated = 250
)

// Filter leaves out of what a query finds all but rows of an outcome and of a way; empty: all.
type Filter struct {
	Outcome Outcome
	Way     string
}

func (f Filter) takes(e Entry) bool {
	return (f.Outcome == "" || f.Outcome == e.Outcome) && (f.Way == "" || f.Way == e.Way)
}

// Page is part of the log.
type Page struct {
	Rows   []Entry
	Cursor string // empty: there is no more
}

// ErrCursor refuses a cursor that is not ours, or of another query.
var ErrCursor = fault.New(fault.Unprocessable, "invalid_cursor", "This cursor does not belong to this query.").At("query.cursor")

// ErrTimes refuses an end that does not lie behind the beginning.
var ErrTimes = fault.New(fault.Unprocessable, "invalid_times", "The end must lie behind the beginning.").At("query.to")

// SignIns reads a page. Rows older than the retention are left out, whether they were tidied up or not.
func (s *Service) SignIns(ctx context.Context, c access.Caller, organization string, q Query, f Filter, cursor string) (Page, error) {
	now := s.Now()
	oldest, err := s.admitted(ctx, c, organization, now)
	if err != nil {
		return Page{}, err
	}
	if !q.To.IsZero() && !q.From.Before(q.To) {
		return Page{}, ErrTimes
	}
	if q.After, err = readCursor(cursor, q, f); err != nil {
		return Page{}, err
	}
	asked := q
	if q.From.Before(oldest) {
		q.From = oldest
	}
	if q.To.IsZero() {
		q.To = now.Add(time.Minute) // clocks differ
	}
	if !q.From.Before(q.To) {
		return Page{}, nil
	}
	return s.page(ctx, organization, q, f, asked)
}

func (s *Service) page(ctx context.Context, organization string, q Query, f Filter, asked Query) (page Page, err error) {
	limit := q.Limit
	for looked := 0; ; {
		q.Limit = min(evaluated, MaxEvaluated-looked)
		if f == (Filter{}) {
			q.Limit = limit
		}
		rows, more, err := s.Store.SignIns(ctx, organization, q)
		if err != nil {
			return Page{}, fault.Down(err)
		}
		for at, row := range rows {
			q.After = row.Place()
			if f.takes(row) {
				page.Rows = append(page.Rows, row)
			}
			if len(page.Rows) == limit {
				more = more || at < len(rows)-1
				break
			}
		}
		looked += len(rows)
		if !more {
			return page, nil
		}
		if len(page.Rows) == limit || looked >= MaxEvaluated {
			page.Cursor = cursorOf(asked, f, q.After)
			return page, nil
		}
	}
}

// cursor is where a page ended, and of what query. It names no organisation: that is always the request's own.
type cursor struct {
	User       string    `json:"u,omitempty"`
	From       time.Time `json:"f,omitzero"`
	To         time.Time `json:"t,omitzero"`
	Descending bool      `json:"d,omitempty"`
	Filter     Filter    `json:"w"`
	After      string    `json:"a"`
}

func cursorOf(q Query, f Filter, after string) string {
	plain, err := json.Marshal(cursor{q.User, q.From.UTC(), q.To.UTC(), q.Descending, f, after})
	if err != nil {
		return "" // strings, times of four digits and a bool: cannot fail
	}
	return base64.RawURLEncoding.EncodeToString(plain)
}

func readCursor(text string, q Query, f Filter) (after string, err error) {
	if text == "" {
		return "", nil
	}
	var c cursor
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(plain, &c) != nil || !isPlace(c.After) || cursorOf(q, f, c.After) != text {
		return "", ErrCursor
	}
	return c.After, nil
}

// isPlace reports whether a row can stand there. A page from anywhere else would be empty, and look like the end.
func isPlace(value string) bool {
	if len(value) < len(PlaceLayout)+2 || len(value) > 128 || value[len(PlaceLayout)] != '#' {
		return false
	}
	at, err := time.Parse(PlaceLayout, value[:len(PlaceLayout)])
	return err == nil && at.Format(PlaceLayout) == value[:len(PlaceLayout)]
}
