package upload

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func collect(t *testing.T, file io.Reader, f Format) (calls []Call, err error) {
	t.Helper()
	for c, failed := range Calls(file, f) {
		if failed != nil {
			return calls, failed
		}
		calls = append(calls, c)
	}
	return calls, nil
}

func TestCallsHaveAThousandLinesAndTheHeader(t *testing.T) {
	text := "\ufeffuser,email\r\n" + strings.Repeat("a,a@acme.example\r\n\r\n", 1000) + "b,b@acme.example"
	calls, err := collect(t, iotest.OneByteReader(strings.NewReader(text)), CSV)
	if err != nil || len(calls) != 2 || len(calls[0].Lines) != 1000 || len(calls[1].Lines) != 1 {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	if got := string(calls[1].Body()); got != "user,email\nb,b@acme.example\n" {
		t.Errorf("the second call is %q", got)
	}
	if first, last := calls[0].Lines[0].Number, calls[1].Lines[0].Number; first != 2 || last != 2002 {
		t.Errorf("the lines are numbered %d to %d", first, last)
	}
	if calls, err := collect(t, strings.NewReader("{}\n{}\n"), NDJSON); err != nil || len(calls) != 1 || string(calls[0].Body()) != "{}\n{}\n" {
		t.Errorf("NDJSON: %v, %v", calls, err)
	}
}

func TestCallsAreNoLargerThanTheAPITakes(t *testing.T) {
	line := strings.Repeat("x", maxLine-2) + "\n"
	calls, err := collect(t, strings.NewReader(strings.Repeat(line, 100)), NDJSON)
	lines := 0
	for _, c := range calls {
		lines += len(c.Lines)
		if n := len(c.Body()); n > 1<<20 {
			t.Errorf("a call has %d bytes", n)
		}
	}
	if err != nil || lines != 100 {
		t.Errorf("%d lines, %v", lines, err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		file  io.Reader
		calls int
		want  error
	}{
		"nothing":               {strings.NewReader(""), 0, io.EOF},
		"blank lines":           {strings.NewReader("\n\r\n"), 0, io.EOF},
		"a line without an end": {strings.NewReader("user,email\na,b\n" + strings.Repeat("x", 2*maxLine)), 1, errLong},
		"a failing disk":        {io.MultiReader(strings.NewReader("user,email\na,b\nc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 1, io.ErrUnexpectedEOF},
	} {
		calls, err := collect(t, c.file, CSV)
		if len(calls) != c.calls || !errors.Is(err, c.want) {
			t.Errorf("%s: %d calls, %v", name, len(calls), err)
		}
	}
	if calls, err := collect(t, strings.NewReader("\n"), NDJSON); len(calls) != 0 || err != nil {
		t.Errorf("an empty file of NDJSON: %v, %v", calls, err)
	}
}

// A file of any size takes no more memory than a call: what was yielded is not kept.
func TestAnEndlessFileIsReadCallByCall(t *testing.T) {
	n := 0
	for c, err := range Calls(endless("{}\n"), NDJSON) {
		if err != nil || len(c.Lines) != 1000 {
			t.Fatalf("%d lines, %v", len(c.Lines), err)
		}
		if n++; n == 100 {
			break
		}
	}
}

type endless string

func (e endless) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte(e), len(p)/len(e)+1)), nil
}
