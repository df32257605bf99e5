package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/infra/importusers/upload"
	"twofold/pkg/access"
)

func TestArguments(t *testing.T) {
	good := []string{"-api", "https://api.example/", "-organization", "acme", "-file", "users.csv"}
	r, err := parse(good, io.Discard)
	want := request{"https://api.example/v1/organizations/acme/imports", "users.csv", "users.csv.refused", upload.CSV, 10}
	if err != nil || r != want {
		t.Errorf("read %+v, %v", r, err)
	}
	for name, more := range map[string][]string{
		"no TLS": {"-api", "http://api.example"}, "no address": {"-api", "api.example"}, "a password": {"-api", "https://a:b@api.example"},
		"a query": {"-api", "https://api.example?x"}, "another organisation's path": {"-organization", "a/../b"}, "no organisation": {"-organization", ""},
		"no format": {"-file", "users.txt"}, "an odd format": {"-format", "xml"}, "a negative rate": {"-mails", "-1"}, "more": {"users.csv"},
	} {
		if _, err := parse(append(good, more...), io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, more := range [][]string{{"-api", "http://127.0.0.1:8787"}, {"-api", "http://localhost:1"}, {"-api", "http://[::1]:1"}, {"-file", "x.NDJSON"}, {"-file", "x", "-format", "ndjson"}} {
		if _, err := parse(append(good, more...), io.Discard); err != nil {
			t.Errorf("%v: %v", more, err)
		}
	}
}

// everything an operator sees of a run: the files, the words, the status.
func TestARun(t *testing.T) {
	_, key := access.NewKey(access.Application, time.Now())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/organizations/acme/imports" || r.Header.Get("Authorization") != "Bearer "+key || string(body) != "{\"user\":\"a\"}\n{}\n" {
			t.Errorf("asked %s for %q", r.URL.Path, body)
		}
		fmt.Fprint(w, `{"results":[{"result":"unchanged"},{"result":"refused","code":"invalid_field","field":"user"}],"unchanged":1,"refused":1}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "users.ndjson")
	if err := os.WriteFile(file, []byte("{\"user\":\"a\"}\n\n{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"-api", server.URL, "-organization", "acme", "-file", file}
	for _, refused := range []string{file + ".refused", file + ".refused-2"} { // what was refused before is not overwritten
		var report bytes.Buffer
		err := run(t.Context(), arguments, key, &report)
		if !errors.Is(err, upload.ErrRefused) || status(err) != 1 || !strings.Contains(report.String(), "refused lines are in "+refused+",") {
			t.Errorf("%v: %s", err, &report)
		}
		if text, err := os.ReadFile(refused); err != nil || string(text) != "{}\n" {
			t.Errorf("%q, %v", text, err)
		}
		if strings.Contains(report.String(), key) {
			t.Error("the key is told")
		}
	}
	for name, err := range map[string]error{
		"no key":  run(t.Context(), arguments, "", io.Discard),
		"no file": run(t.Context(), append(arguments, "-file", file+"x.csv"), key, io.Discard),
	} {
		if err == nil || status(err) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if status(nil) != 0 {
		t.Error("a run in which nothing was refused fails")
	}
}
