package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/export"
)

func TestArguments(t *testing.T) {
	good := []string{"-api", "https://api.example/base/", "-organization", "acme", "-out", "acme.csv"}
	r, err := parse(good, io.Discard)
	if err != nil || r.pages.String() != "https://api.example/base/v1/organizations/acme/report/export?format=csv" || r.keys.String() != "https://api.example/base/.well-known/exports/jwks.json" || r.files.Path != "acme.csv" {
		t.Errorf("read %+v, %v", r, err)
	}
	for name, more := range map[string][]string{
		"no TLS": {"-api", "http://api.example"}, "no address": {"-api", "api.example"}, "a password": {"-api", "https://a:b@api.example"}, "a query": {"-api", "https://api.example?x"},
		"another organisation's path": {"-organization", "a/../b"}, "no organisation": {"-organization", ""}, "one and all": {"-all"}, "another path": {"-of", "../../admin"}, "no file": {"-out", ""},
		"no format": {"-out", "acme.txt"}, "an odd format": {"-format", "xml"}, "a cursor": {"-query", "cursor=x"}, "a format twice": {"-query", "format=csv"}, "no query": {"-query", "%zz"},
		"keys": {"-keys", "x"}, "more": {"x"},
	} {
		if _, err := parse(append(good, more...), io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, more := range [][]string{{"-api", "http://127.0.0.1:8787"}, {"-api", "http://localhost:1"}, {"-api", "http://[::1]:1"}, {"-out", "x.NDJSON"}, {"-out", "x", "-format", "ndjson"}, {"-of", "audit"}} {
		if _, err := parse(append(good, more...), io.Discard); err != nil {
			t.Errorf("%v: %v", more, err)
		}
	}
	if r, err := parse([]string{"-verify", "-out", "acme.csv", "-keys", "k"}, io.Discard); err != nil || r.pages != nil || r.verifyingKeys != "k" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := parse([]string{"-api", "https://api.example", "-all", "-out", "x.csv"}, io.Discard); err != nil || r.pages.String() != "https://api.example/v1/report/export?format=csv" || r.organization != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := parse(append(good, "-query", "sort=email&order=desc"), io.Discard); err != nil || r.pages.RawQuery != "format=csv&order=desc&sort=email" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestHowItEnds(t *testing.T) {
	for want, err := range map[int]error{0: nil, 1: fmt.Errorf("more: %w", export.Flaw{Page: 2, Why: "x"}), 2: errors.New("x")} {
		if got := status(err); got != want {
			t.Errorf("%v ends with %d", err, got)
		}
	}
}

// The key comes from the environment or a file, and is told nobody.
func TestTheKey(t *testing.T) {
	_, key := access.NewKey(access.Reader, time.Now())
	folder := t.TempDir()
	file := filepath.Join(folder, "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	arguments := []string{"-api", "http://127.0.0.1:1", "-organization", "acme", "-out", filepath.Join(folder, "acme.csv")}
	for name, c := range map[string]struct {
		key  string
		more []string
		want string
	}{
		"from the environment": {key, nil, "context canceled"}, "from a file": {"", []string{"-key-file", file}, "context canceled"},
		"from nowhere": {"", nil, keyVariable}, "no key": {"secret", nil, keyVariable}, "no file": {key, []string{"-key-file", file + "x"}, "no such file"},
	} {
		var report bytes.Buffer
		err := run(ctx, append(arguments, c.more...), c.key, &report)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error()+report.String(), "tfk_") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, told %q", name, err, &report)
		}
	}
}

func TestWhatWasNotVerifiedIsSaid(t *testing.T) {
	for _, told := range []bool{false, true} {
		var report bytes.Buffer
		conclude(&report, export.Chain{Pages: 2, Lines: 5, Latest: export.Header{Organization: "acme", What: "enrollment"}}, told)
		if text := report.String(); !strings.Contains(text, "5 lines in 2 pages") || strings.Contains(text, "whose the keys") == told || !strings.Contains(text, "what changed while") {
			t.Errorf("%t: %s", told, text)
		}
	}
}
