package lambda

import (
	"bytes"
	"io"
	"sync"
)

// maxLine is the most that is held back while a line has no end, in bytes.
const maxLine = 256 << 10

// lineSink passes whole lines from many processes on to one writer.
type lineSink struct {
	mu sync.Mutex
	to io.Writer
}

func (s *lineSink) emit(line []byte) {
	if s.to == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.to.Write(line) // a log that cannot be written must not fail the function
}

// stream is a new writer of the sink, for one of a process's outputs.
func (s *lineSink) stream() *lineStream { return &lineStream{sink: s} }

type lineStream struct {
	sink *lineSink
	mu   sync.Mutex
	rest []byte
}

func (l *lineStream) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, data...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			break
		}
		l.sink.emit(l.rest[:end+1])
		l.rest = l.rest[end+1:]
	}
	if len(l.rest) >= maxLine {
		l.emitRest()
	}
	return len(data), nil
}

// flush passes on what the process left without an end of line when it died.
func (l *lineStream) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emitRest()
}

func (l *lineStream) emitRest() {
	if len(l.rest) > 0 {
		l.sink.emit(append(l.rest, '\n'))
		l.rest = nil
	}
}
