package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Organization is the one that every stack has from the start, so that a newcomer can begin with any role.
const Organization = "demo"

// readyKey is one key in the keys file.
type readyKey struct {
	ID     string `json:"id"`
	Holder string `json:"holder,omitempty"` // an application's is the audience of its assertions
	Key    string `json:"key"`
}

// readyKeys are the keys file: the first key, and those of the organisation's administrator and application.
type readyKeys struct {
	Issuer       string   `json:"issuer"`
	System       readyKey `json:"system_admin"`
	Organization string   `json:"organization"`
	Admin        readyKey `json:"org_admin"`
	Application  readyKey `json:"application"`
}

// ReadyMade makes the organisation, as a vendor would, and writes the keys of all roles to a file of mode 0600 beside
// the first key, unless an earlier run has. It gives the file's path.
func (s *Stack) ReadyMade(ctx context.Context) (string, error) {
	path := filepath.Join(filepath.Dir(s.KeysFile), "keys.json")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	return path, s.makeReady(ctx, path)
}

func (s *Stack) makeReady(ctx context.Context, path string) error {
	first, err := os.ReadFile(s.KeysFile)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	keys := readyKeys{Issuer: s.Issuer, Organization: Organization}
	if err := json.Unmarshal(first, &keys); err != nil {
		return fmt.Errorf("stack: the first key cannot be read")
	}
	organization := "/v1/organizations/" + Organization
	put := `{"name":"Demo","entitlements":{"two_factor":true},
		"administrator":{"id":"admin","email":"admin@demo.example"},"application":{"id":"app"}}`
	var made struct{ Keys []readyKey }
	if err := s.ask(ctx, keys.System.Key, http.MethodPut, organization, put, &made); err != nil {
		return err
	}
	for _, key := range made.Keys {
		if key.Holder == "admin" {
			keys.Admin = key
		} else {
			keys.Application = key
		}
	}
	// Keys are shown only once, and a run may have been cut off after it: then others are issued, as a vendor would.
	for holder, key := range map[string]*readyKey{`{"administrator":"admin"}`: &keys.Admin, `{"application":"app"}`: &keys.Application} {
		if key.Key != "" {
			continue
		}
		if err := s.issue(ctx, keys.System.Key, organization+"/keys", holder, key); err != nil {
			return err
		}
	}
	return write(path, keys)
}

var mailedCode = regexp.MustCompile(`\b[0-9]{8}\b`)

// issue asks for a key and confirms with the code that is mailed to the system administrator.
func (s *Stack) issue(ctx context.Context, system, keys, holder string, key *readyKey) error {
	before := len(s.Mailbox(Administrator))
	var change struct{ ID string }
	if err := s.ask(ctx, system, http.MethodPost, keys, holder, &change); err != nil {
		return err
	}
	for ticks := time.NewTicker(20 * time.Millisecond); ; {
		if mails := s.Mailbox(Administrator); len(mails) > before {
			ticks.Stop()
			code := mailedCode.FindString(mails[len(mails)-1].Text)
			return s.ask(ctx, system, http.MethodPost, keys+"/changes/"+change.ID+"/confirm", `{"code":"`+code+`"}`, key)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			ticks.Stop()
			return fmt.Errorf("stack: no code was mailed: %w", ctx.Err())
		}
	}
}

// ask calls the stack's own API.
func (s *Stack) ask(ctx context.Context, key, method, path, body string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.APIURL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("stack: %s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("stack: %s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("stack: %s %s: status %d", method, path, response.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// write puts the keys file in place as a whole, readable by its owner only.
func write(path string, keys readyKeys) error {
	text, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	return os.Rename(part, path)
}
