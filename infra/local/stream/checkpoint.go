package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Checkpoints remember how far each reader of a stream has come, in a file, so that a restart does not deliver
// everything again. They may be behind what was delivered, never ahead: consumers must cope with repeats anyway.
type Checkpoints struct {
	path string

	mu        sync.Mutex
	positions map[string]string // "stream reader shard" → sequence number
	dirty     bool
}

// OpenCheckpoints reads the file at path, which need not exist. An empty path keeps nothing beyond the process.
func OpenCheckpoints(path string) (*Checkpoints, error) {
	c := &Checkpoints{path: path, positions: map[string]string{}}
	if path == "" {
		return c, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	} else if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	if err := json.Unmarshal(data, &c.positions); err != nil {
		return nil, fmt.Errorf("stream: %s: %w", path, err)
	}
	return c, nil
}

func position(stream, reader, shard string) string { return stream + " " + reader + " " + shard }

func (c *Checkpoints) get(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.positions[key]
}

func (c *Checkpoints) set(key, sequence string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.positions[key] != sequence {
		c.positions[key] = sequence
		c.dirty = true
	}
}

func (c *Checkpoints) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.positions, key)
	c.dirty = true
}

// Save writes the file when something has changed. A crash leaves the old or the new one.
func (c *Checkpoints) Save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dirty || c.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(c.positions, "", "  ")
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(c.path), ".checkpoints-*")
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if err := os.Rename(temporary.Name(), c.path); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	c.dirty = false
	return nil
}
