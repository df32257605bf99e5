package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Column is one of a kind's. Value gives a string, a bool, an int64, a time.Time, a []string, a map[string]string, or nil for
// nothing; the zero time is nothing too. It must give something of the same sort for every line.
type Column[R any] struct {
	Name  string
	Value func(R) any
}

// Kind is what an export is of.
type Kind[R any] struct {
	Name    string // a slug: it stands in file names
	Columns []Column[R]
}

// Optional is a text as a column gives it: nothing where it is empty.
func Optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// names are the columns'.
func (k Kind[R]) names() []string {
	names := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		names[i] = c.Name
	}
	return names
}

// encode writes lines, as many as fit into a page. Only the first page of CSV has the header, so that pages put together are one file.
func (k Kind[R]) encode(f Format, lines []R, first bool) (page []byte, fit int, err error) {
	var out bytes.Buffer
	if f == CSV && first {
		writeRecord(&out, k.names())
	}
	for i, line := range lines {
		before := out.Len()
		if f == CSV {
			k.record(&out, line)
		} else if err := k.object(&out, line); err != nil {
			return nil, 0, err
		}
		if out.Len() > MaxBytes {
			return out.Bytes()[:before], i, nil
		}
	}
	return out.Bytes(), len(lines), nil
}

// record writes a line of CSV.
func (k Kind[R]) record(out *bytes.Buffer, line R) {
	cells := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		cells[i] = text(c.Value(line))
	}
	writeRecord(out, cells)
}

// object writes a line of NDJSON, its members in the order of the columns.
func (k Kind[R]) object(out *bytes.Buffer, line R) error {
	before := byte('{')
	for _, c := range k.Columns {
		out.WriteByte(before)
		before = ','
		name, err := literal(c.Name)
		if err != nil {
			return err
		}
		value, err := literal(plain(c.Value(line)))
		if err != nil {
			return err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteString("}\n")
	return nil
}

// plain is a value as JSON has it.
func plain(value any) any {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC().Format(time.RFC3339Nano)
	case []string:
		if v == nil {
			return []string{}
		}
	case map[string]string:
		if v == nil {
			return map[string]string{}
		}
	}
	return value
}

// literal is a value in JSON, without the escapes that only pages of HTML need.
func literal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// text is a value as a cell of CSV has it: several are parted by blanks, and members are JSON.
func text(value any) string {
	switch v := plain(value).(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, " ")
	default:
		written, err := literal(v)
		if err != nil {
			return "" // a bool, a number or texts: cannot fail
		}
		return string(written)
	}
}
