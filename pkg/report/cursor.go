package report

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// cursor is where a page ended. It names no organisation: that is always the request's own, so a
// cursor, whoever wrote it, can move about in nothing but what the key may read.
type cursor struct {
	Order      string `json:"o"`
	Descending bool   `json:"d,omitempty"`
	Value      string `json:"v"`
	User       string `json:"u,omitempty"`
}

const eventOrder = "events"

func userCursor(q UserQuery, at Position) string {
	return cursor{Order: string(q.Sort), Descending: q.Descending, Value: at.Value, User: at.User}.text()
}

func readUserCursor(text string, q UserQuery) (*Position, error) {
	if text == "" {
		return nil, nil
	}
	c, err := readCursor(text, string(q.Sort), q.Descending)
	if err != nil || c.User == "" {
		return nil, ErrCursor
	}
	return &Position{Value: c.Value, User: c.User}, nil
}

func eventCursor(q EventQuery, after string) string {
	return cursor{Order: eventOrder + q.asked(), Descending: q.Descending, Value: after}.text()
}

func readEventCursor(text string, q EventQuery) (string, error) {
	if text == "" {
		return "", nil
	}
	c, err := readCursor(text, eventOrder+q.asked(), q.Descending)
	from, to := q.Bounds()
	if err != nil || !isPlace(c.Value) || c.Value < from || to != "" && c.Value >= to {
		return "", ErrCursor
	}
	return c.Value, nil
}

// isPlace reports whether an event can stand there. A page from anywhere else would be empty, and look like the end.
func isPlace(value string) bool {
	written, id, _ := strings.Cut(value, "#")
	at, err := time.Parse(PlaceLayout, written)
	return err == nil && at.Format(PlaceLayout) == written && id != ""
}

func (c cursor) text() string {
	plain, err := json.Marshal(c)
	if err != nil {
		return "" // strings and a bool: cannot fail
	}
	return base64.RawURLEncoding.EncodeToString(plain)
}

func readCursor(text, order string, descending bool) (cursor, error) {
	var c cursor
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(plain, &c) != nil {
		return c, ErrCursor
	}
	// A cursor has one form only; and U+FFFD would be what was put in the place of bytes that were not UTF-8.
	garbled := strings.ContainsRune(c.Value+c.User, utf8.RuneError)
	if c.Order != order || c.Descending != descending || c.Value == "" || garbled || c.text() != text {
		return c, ErrCursor
	}
	return c, nil
}
