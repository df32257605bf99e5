package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// CallsVariable names the environment variable that holds the folder, as a full path, in which this run's calls are recorded.
// Without it nothing is. The folder lies inside the repository: for files elsewhere `go test` takes results from its cache
// without running the tests, which then record nothing.
const CallsVariable = "TWOFOLD_CALLS"

// Call is one use of a service by a function. Names are the template's, so that calls of different runs, with tables of
// their own, are equal.
type Call struct {
	Function string            `json:"function"`          // "verify"
	Action   string            `json:"action"`            // "dynamodb:Query"
	Resource string            `json:"resource"`          // "Table.Arn/index/byUser"
	Context  map[string]string `json:"context,omitempty"` // the condition keys by which a role can narrow it
}

// Recorder writes down every distinct call, once and at once: a process that is killed has recorded what it did. It is
// safe for concurrent use, and any number of processes may write to one folder. A nil Recorder records nothing.
type Recorder struct {
	folder string

	mu   sync.Mutex
	seen map[string]bool
	file *os.File
}

var recorders struct {
	sync.Mutex
	byFolder map[string]*Recorder
}

// ThisRun is this process's recorder for the folder that CallsVariable names; nil where it names none.
func ThisRun() *Recorder {
	folder := os.Getenv(CallsVariable)
	if folder == "" {
		return nil
	}
	recorders.Lock()
	defer recorders.Unlock()
	if recorders.byFolder == nil {
		recorders.byFolder = map[string]*Recorder{}
	}
	if recorders.byFolder[folder] == nil {
		recorders.byFolder[folder] = &Recorder{folder: folder, seen: map[string]bool{}}
	}
	return recorders.byFolder[folder]
}

// Note records the call unless it is recorded already. What cannot be recorded is an error for the caller to fail by:
// a call that is missing in the record would look like a grant that nobody needs.
func (r *Recorder) Note(c Call) error {
	if r == nil {
		return nil
	}
	line, err := json.Marshal(c) // names in order, so equal calls are equal lines
	if err != nil {
		return fmt.Errorf("iam: recording a call: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[string(line)] {
		return nil
	}
	if r.file == nil {
		if r.file, err = os.CreateTemp(r.folder, "calls-*.jsonl"); err != nil {
			return fmt.Errorf("iam: recording a call: %w", err)
		}
	}
	if _, err := r.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("iam: recording a call: %w", err)
	}
	r.seen[string(line)] = true
	return nil
}

// ReadCalls gives everything that was recorded in a folder, in no particular order; calls that several processes made
// are there several times.
func ReadCalls(folder string) ([]Call, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "calls-*.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("iam: %w", err)
	}
	var all []Call
	for _, path := range paths {
		if all, err = appendCalls(all, path); err != nil {
			return nil, fmt.Errorf("iam: %s: %w", path, err)
		}
	}
	return all, nil
}

func appendCalls(to []Call, path string) ([]Call, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for lines := json.NewDecoder(file); ; {
		var c Call
		switch err := lines.Decode(&c); {
		case errors.Is(err, io.EOF):
			return to, nil
		case err != nil:
			return nil, err
		}
		to = append(to, c)
	}
}
