package httpapi

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"twofold/pkg/enroll"
	"twofold/pkg/fault"
)

// The media types of lines.
const (
	mediaNDJSON = "application/x-ndjson"
	mediaCSV    = "text/csv"
)

// importLine is a line of an import as it is sent.
type importLine struct {
	User     string `json:"user,omitempty"`
	Email    string `json:"email,omitempty"`
	Language string `json:"language,omitempty"`
	Otpauth  string `json:"otpauth,omitempty"`
}

// line is one line as far as it could be read. err says what was wrong with its form; nil: nothing.
type line struct {
	sent   importLine
	number int
	err    error
}

// columns are the names that a header of CSV may have, and where in a line they belong.
var columns = map[string]func(*importLine) *string{
	"user":     func(l *importLine) *string { return &l.User },
	"email":    func(l *importLine) *string { return &l.Email },
	"language": func(l *importLine) *string { return &l.Language },
	"otpauth":  func(l *importLine) *string { return &l.Otpauth },
}

var (
	errNoLines      = fault.New(fault.Unprocessable, "no_lines", "There is no line.").At("body")
	errTooManyLines = fault.New(fault.Unprocessable, "too_many_lines", "One call takes 1,000 lines.").At("body")
	errUnknown      = fault.New(fault.Invalid, "unknown_field", "There is no such column.")
	errTwice        = fault.New(fault.Invalid, "duplicate_key", "A column stands twice.")
	errColumn       = fault.New(fault.Unprocessable, codeMissingField, "This column is needed.")
	errCSV          = fault.New(fault.Invalid, "invalid_csv", "This is not one record of CSV (RFC 4180) with a value for each column.")
	errJSON         = fault.New(fault.Invalid, "invalid_json", "This is not one JSON object.")
	errTexts        = fault.New(fault.Unprocessable, codeInvalidField, "A line is an object, and every value in it a text.")
	errUTF8         = fault.New(fault.Invalid, "invalid_utf8", "This is not UTF-8, or holds U+FFFD, which stands for bytes that were not.")
)

// readLines reads the lines of a body. They are parted before anything of them is read, so a quote or a bracket that is never closed spoils
// its own line and no other; no value may hold a line break. An error is of the body as a whole.
func readLines(media string, body []byte) ([]line, error) {
	read := jsonLine
	parts := bytes.Split(body, []byte("\n"))
	first := 0
	if media == mediaCSV {
		parts[0] = bytes.TrimPrefix(parts[0], []byte("\ufeff")) // which spreadsheets begin a file with
		columns, err := readHeader(ended(parts[0]))
		if err != nil {
			return nil, err
		}
		read, first = columns.line, 1
	}
	var lines []line
	for i, part := range parts[first:] {
		part = ended(part)
		if len(bytes.TrimSpace(part)) == 0 {
			continue
		}
		if len(lines) == enroll.MaxLines {
			return nil, errTooManyLines
		}
		l := line{number: first + i + 1}
		if utf8.Valid(part) && !bytes.ContainsRune(part, utf8.RuneError) {
			l.sent, l.err = read(part)
		} else {
			l.err = errUTF8
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, errNoLines
	}
	return lines, nil
}

// ended takes the first half of a line's end away, where it has two.
func ended(part []byte) []byte { return bytes.TrimSuffix(part, []byte("\r")) }

// layout is what the columns of a body are.
type layout []func(*importLine) *string

func readHeader(text []byte) (layout, error) {
	names, err := record(text)
	if err != nil || !utf8.Valid(text) {
		return nil, errCSV.At("line 1")
	}
	var h layout
	for i, name := range names {
		column, known := columns[name]
		switch {
		case !known && presentable(name):
			return nil, errUnknown.At(name)
		case !known:
			return nil, errUnknown.At("line 1")
		case slices.Contains(names[:i], name):
			return nil, errTwice.At(name)
		}
		h = append(h, column)
	}
	for _, name := range []string{"user", "email"} {
		if !slices.Contains(names, name) {
			return nil, errColumn.At(name)
		}
	}
	return h, nil
}

func (h layout) line(text []byte) (l importLine, err error) {
	values, err := record(text)
	if err != nil || len(values) != len(h) {
		return l, errCSV
	}
	for i, column := range h {
		*column(&l) = values[i]
	}
	return l, nil
}

// record reads one record of CSV. There is no other behind it, since the text has no line break.
func record(text []byte) ([]string, error) { return csv.NewReader(bytes.NewReader(text)).Read() }

// lineSchema is that of a line of NDJSON.
var lineSchema = sync.OnceValues(func() (*huma.Schema, huma.Registry) {
	registry := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	return registry.Schema(reflect.TypeFor[importLine](), true, ""), registry
})

// jsonLine reads a line as strictly as every other body is read.
func jsonLine(text []byte) (l importLine, err error) {
	schema, registry := lineSchema()
	plain, flaws, p := scan(text, schema, registry)
	switch {
	case p != nil && (p.Code == errJSON.Code || p.Code == "trailing_data" || p.Code == "too_deep"):
		return l, errJSON
	case p != nil:
		return l, fault.New(fault.Invalid, p.Code, p.Detail).At(unnamed(p.Field))
	case len(flaws) > 0:
		return l, fault.New(fault.Unprocessable, flaws[0].Code, flaws[0].Detail).At(unnamed(flaws[0].Field))
	}
	if err := format.Unmarshal(plain, &l); err != nil {
		return importLine{}, errTexts
	}
	return l, nil
}

// unnamed is the field of a line, or none where it is the line itself.
func unnamed(field string) string {
	if field == "body" {
		return ""
	}
	return field
}
