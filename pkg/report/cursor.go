package report

import (
	"crypto/sha256"
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
	Filter     string `json:"f,omitempty"` // a digest
	Value      string `json:"v"`
}

const (
	eventOrder  = "events"
	systemOrder = "system:" // and the order
)

// at is the cursor of a place in the listing of an organisation, or of everyone.
func (q Query) at(organization, value string) cursor {
	c := cursor{Order: string(q.Sort), Descending: q.Descending, Value: value}
	if organization == Everyone {
		c.Order = systemOrder + c.Order
	}
	if filter := q.Filter.text(); filter != "" {
		sum := sha256.Sum256([]byte(filter))
		c.Filter = base64.RawURLEncoding.EncodeToString(sum[:12])
	}
	return c
}

// after is the value that a page begins behind.
func (q Query) after(organization string) (string, error) {
	if q.Cursor == "" {
		return "", nil
	}
	return readCursor(q.Cursor, q.at(organization, ""))
}

func eventCursor(q EventQuery, after string) string {
	return cursor{Order: eventOrder + q.asked(), Descending: q.Descending, Value: after}.text()
}

func readEventCursor(text string, q EventQuery) (string, error) {
	if text == "" {
		return "", nil
	}
	value, err := readCursor(text, cursor{Order: eventOrder + q.asked(), Descending: q.Descending})
	from, to := q.Bounds()
	if err != nil || !isPlace(value) || value < from || to != "" && value >= to {
		return "", ErrCursor
	}
	return value, nil
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

// maxValue is how long the value of an order may be, in bytes.
const maxValue = 1024

// readCursor reads the place of a cursor that belongs to the query of another one.
func readCursor(text string, of cursor) (string, error) {
	var c cursor
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(plain, &c) != nil {
		return "", ErrCursor
	}
	of.Value = c.Value
	// A cursor has one form only; and U+FFFD would be what was put in the place of bytes that were not UTF-8.
	if c != of || c.Value == "" || len(c.Value) > maxValue || strings.ContainsRune(c.Value, utf8.RuneError) || c.text() != text {
		return "", ErrCursor
	}
	return c.Value, nil
}
