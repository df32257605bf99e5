// Package check judges an export of an audit by a checkpoint and the log's key alone. It believes nothing in an entry but what
// follows from the signature: hashes are computed anew from the events.
package check

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"twofold/pkg/ledger"
)

// Entry is one line of an export.
type Entry struct {
	Leaf  uint64         `json:"leaf"`
	Event jsontext.Value `json:"event"`
	Hash  []byte         `json:"hash"`
	Proof [][]byte       `json:"proof"`
}

var errEntry = errors.New("this is neither an entry nor an answer with entries")

// Read adds what a file holds to entries: entries one after the other, or whole answers that hold them.
func Read(entries []Entry, content []byte) ([]Entry, error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(content))
	for {
		value, err := decoder.ReadValue()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		some, err := entriesIn(value)
		if err != nil {
			return nil, err
		}
		entries = append(entries, some...)
	}
}

func entriesIn(value jsontext.Value) ([]Entry, error) {
	var answer struct {
		Entries []jsontext.Value `json:"entries"`
		Leaf    *uint64          `json:"leaf"`
	}
	if err := json.Unmarshal(value, &answer); err != nil {
		return nil, err
	}
	switch {
	case answer.Leaf != nil:
		answer.Entries = []jsontext.Value{value}
	case answer.Entries == nil:
		return nil, errEntry
	}
	entries := make([]Entry, len(answer.Entries))
	for at, one := range answer.Entries {
		// A member that nothing here looks at could show people something that was never signed.
		if err := json.Unmarshal(one, &entries[at], json.RejectUnknownMembers(true)); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// Note is the checkpoint in a file: the note itself, or the answer that brought it.
func Note(content []byte) string {
	var answer struct {
		Checkpoint string `json:"checkpoint"`
	}
	if json.Unmarshal(content, &answer) == nil && answer.Checkpoint != "" {
		return answer.Checkpoint
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// computed is the hash that the event of an entry has; nil where there is none.
func (e Entry) computed() []byte {
	data := bytes.Clone(e.Event)
	if len(data) == 0 || (*jsontext.Value)(&data).Canonicalize() != nil {
		return nil
	}
	return ledger.Hash(data)
}

// name is what an entry says that its event is: for people, not for judging.
func (e Entry) name() string {
	var event struct {
		ID   string `json:"id"`
		At   string `json:"at"`
		Kind string `json:"kind"`
	}
	if json.Unmarshal(e.Event, &event) != nil || event.ID == "" {
		return "an event that is not there"
	}
	return printable("event " + event.ID + " (" + event.Kind + ", " + event.At + ")")
}

// printable is a text that can do nothing to a terminal: it may be a forger's.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
