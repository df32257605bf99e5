// Package upload sends a file of users to the API, a thousand lines at a time, and says what became of them. Nothing
// of the file is kept but the call that is under way, so it may have any size. It does not read what stands in a line:
// that the API does, and the same line means the same in both places.
package upload

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// The limits of the API's import, with some room for the header.
const (
	maxLines = 1000
	maxBytes = 1<<20 - maxLine
	maxLine  = 64 << 10
)

// Format is how a file is written; its value is the media type.
type Format string

// The formats.
const (
	NDJSON Format = "application/x-ndjson"
	CSV    Format = "text/csv"
)

// Line is one line of the file, without its end.
type Line struct {
	Number int // in the file, from 1
	Text   []byte
}

// Call is what is sent at once. Header is empty for NDJSON.
type Call struct {
	Header []byte
	Lines  []Line
}

var errLong = fmt.Errorf("a line is longer than %d bytes: is this a file of users?", maxLine)

// Calls reads a file, call by call. Blank lines are left out. What it yields is good until the next.
func Calls(file io.Reader, f Format) iter.Seq2[Call, error] {
	return func(yield func(Call, error) bool) {
		r := reader{in: bufio.NewReaderSize(file, maxLine)}
		var c Call
		if f == CSV {
			header, err := r.next()
			if err != nil {
				yield(c, fmt.Errorf("the file has no header: %w", err))
				return
			}
			c.Header = header.Text
		}
		size := 0
		for {
			l, err := r.next()
			if len(c.Lines) > 0 && (err != nil || len(c.Lines) == maxLines || size+len(l.Text) >= maxBytes) {
				if !yield(c, nil) {
					return
				}
				c.Lines, size = nil, 0
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(c, fmt.Errorf("line %d: %w", r.number, err))
				}
				return
			}
			c.Lines = append(c.Lines, l)
			size += len(l.Text) + 1
		}
	}
}

// reader gives the lines that are not blank.
type reader struct {
	in     *bufio.Reader
	number int
}

func (r *reader) next() (Line, error) {
	for {
		r.number++
		text, err := r.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return Line{}, errLong
		}
		if len(text) == 0 && err != nil {
			return Line{}, err
		}
		if r.number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff")) // which spreadsheets begin a file with
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return Line{r.number, bytes.Clone(bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")))}, nil
		}
	}
}

// Body is the call as it is sent.
func (c Call) Body() []byte {
	var b bytes.Buffer
	if len(c.Header) > 0 {
		b.Write(c.Header)
		b.WriteByte('\n')
	}
	for _, l := range c.Lines {
		b.Write(l.Text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}
