package stack

import (
	"bytes"
	"io"
	"sync"
)

// logWriter lets many sources share one writer, line by line.
type logWriter struct {
	mu sync.Mutex
	to io.Writer
}

// named is a writer for one source, whose name stands before each of its lines.
func (l *logWriter) named(name string) io.Writer {
	prefix := append([]byte(name), bytes.Repeat([]byte(" "), max(1, 10-len(name)))...)
	return &namedWriter{log: l, prefix: prefix}
}

type namedWriter struct {
	log    *logWriter
	prefix []byte
}

// Write treats the end of data as the end of a line.
func (n *namedWriter) Write(data []byte) (int, error) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	for line := range bytes.Lines(data) {
		whole := append(append([]byte{}, n.prefix...), bytes.TrimRight(line, "\r\n")...)
		if _, err := n.log.to.Write(append(whole, '\n')); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}
