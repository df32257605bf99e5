// Command contract checks the API against its own OpenAPI document: it starts the
// local stack and lets schemathesis try to find a request whose answer the document
// does not allow, once with the key of each role.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := flag.String("schemathesis", "schemathesis", "the schemathesis `program`")
	examples := flag.Int("examples", 40, "`number` of requests that are made up for each operation and role")
	flag.Parse()
	if err := run(ctx, *program, *examples); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program string, examples int) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "twofold-contract-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s, err := stack.Start(ctx, stack.Options{Root: root, Bootstrap: "infra/bootstrap", Build: true, InMemory: true, DataDir: folder, Logs: os.Stderr})
	if err != nil {
		return err
	}
	defer s.Stop()
	keys, err := makeKeys(s)
	if err != nil {
		return err
	}
	// schemathesis keeps notes where it runs; they do not belong into the repository's folder.
	work := filepath.Join(root, ".build")
	for _, role := range []string{"system_admin", "org_admin", "application"} {
		fmt.Println("== with the key of a", role)
		if err := check(ctx, program, work, s.APIURL, keys[role], examples); err != nil {
			return fmt.Errorf("as %s: %w", role, err)
		}
	}
	return nil
}

// check runs schemathesis with one key. The seed is fixed: a run that fails can be run again.
func check(ctx context.Context, program, work, api, key string, examples int) error {
	// One worker: with two, their threads now and then end Python 3.11 with "AST constructor recursion depth mismatch".
	// The configuration stands beside this file and says why a check is left out. The key is in no argument: arguments can be read by others.
	c := exec.CommandContext(ctx, program, "--config-file", filepath.Join(work, "..", "infra", "local", "contract", "schemathesis.toml"), "run", api+"/openapi.json",
		"--max-examples", fmt.Sprint(examples), "--seed", "20261122", "--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-color")
	c.Dir = work
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Env = append(os.Environ(), "TWOFOLD_KEY="+key)
	return c.Run()
}

// makeKeys gives a key of each role, for an organisation of the name that the document's examples use.
func makeKeys(s *stack.Stack) (map[string]string, error) {
	text, err := os.ReadFile(s.KeysFile)
	if err != nil {
		return nil, err
	}
	var file struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	keys := map[string]string{"system_admin": file.SystemAdmin.Key}
	body := `{"name":"Contract","entitlements":{"two_factor":true},"administrator":{"id":"admin","email":"admin@contract.example"},"application":{"id":"app"}}`
	request, err := http.NewRequest(http.MethodPut, s.APIURL+"/v1/organizations/contract", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+keys["system_admin"])
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("the organisation could not be made: status %d: %w", response.StatusCode, err)
	}
	var made struct{ Keys []struct{ Role, Key string } }
	if err := json.Unmarshal(answer, &made); err != nil {
		return nil, err
	}
	for _, k := range made.Keys {
		keys[k.Role] = k.Key
	}
	return keys, nil
}
