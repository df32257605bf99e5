package ledger

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
)

// Logs watches what functions and emulators print: it is an io.Writer of whole lines. It keeps no line, only what may
// be a secret, to be compared with those that are known when the load is over: a log line may be older than our
// knowledge of the code in it.
type Logs struct {
	mu       sync.Mutex
	Lines    int
	panics   []string
	suspects map[string]string // by the suspect, who printed it
	lost     int
	tail     []string
}

const (
	maxSuspects = 10_000
	maxTail     = 40
)

var (
	panicking = regexp.MustCompile(`\b(panic:|fatal error:|goroutine \d+ \[|DATA RACE)`)
	// What codes, secrets, keys and tokens of Twofold look like.
	suspicious = regexp.MustCompile(`\b(\d{6}|\d{8}|[A-Z2-7]{32}|(?:[2-9A-Z]{4}-?){4}|tfk_[A-Za-z0-9_]+|eyJ[A-Za-z0-9_-]+|[A-Za-z0-9_-]{100,})\b`)
)

// NewLogs watches an empty log.
func NewLogs() *Logs { return &Logs{suspects: map[string]string{}} }

// Write takes whole lines, each with the name of its source before it.
func (l *Logs) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(data) {
		l.line(strings.TrimSpace(string(line)))
	}
	return len(data), nil
}

func (l *Logs) line(line string) {
	l.Lines++
	if l.tail = append(l.tail, line); len(l.tail) > maxTail {
		l.tail = append([]string{}, l.tail[1:]...)
	}
	source, text, _ := strings.Cut(line, " ")
	if panicking.MatchString(text) && len(l.panics) < examples {
		l.panics = append(l.panics, source)
	}
	for _, word := range words(strings.TrimSpace(text)) {
		for _, suspect := range suspicious.FindAllString(word, -1) {
			if len(l.suspects) >= maxSuspects {
				l.lost++
				continue
			}
			l.suspects[strings.ReplaceAll(suspect, "-", "")] = source
		}
	}
}

// words are what of a line can hold a secret: of a JSON line the values, but not its time, whose digits are none.
func words(text string) []string {
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return []string{text}
	}
	delete(object, "time")
	var found []string
	collect(object, &found)
	return found
}

func collect(value any, into *[]string) {
	switch v := value.(type) {
	case string:
		*into = append(*into, v)
	case []any:
		for _, element := range v {
			collect(element, into)
		}
	case map[string]any:
		for _, element := range v {
			collect(element, into)
		}
	}
}

// Tail are the last lines, for whoever must find out why something failed.
func (l *Logs) Tail() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.tail...)
}

// Search checks the log against all secrets there were.
func (l *Logs) Search(led *Ledger, secrets func(string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, source := range l.panics {
		led.Check(Silent, false, "%s panicked", source)
	}
	for suspect, source := range l.suspects {
		led.Check(Silent, !secrets(suspect), "%s printed a secret", source)
	}
	led.Check(Silent, l.lost == 0, "%d suspects in the logs could not be kept", l.lost)
}
