package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/build"
	"twofold/infra/local/template"
)

func TestPackageOfASymbol(t *testing.T) {
	for symbol, want := range map[string]string{
		"main.main":          "main",
		"net/http.(*Conn).f": "net/http",
		"type:*github.com/danielgtaylor/huma/v2.API":                       "github.com/danielgtaylor/huma/v2",
		"github.com/aws/aws-sdk-go-v2/service/kms.(*Client).Decrypt":       "github.com/aws/aws-sdk-go-v2/service/kms",
		"slices.SortFunc[go.shape.[]string,go.shape.string]":               "slices",
		"twofold/pkg/dynamo.Project[go.shape.struct { a/b.C string }].fun": "twofold/pkg/dynamo",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("%s: %s", symbol, got)
		}
	}
}

func TestLibraries(t *testing.T) {
	for pkg, want := range map[string]string{
		"net/http": "Go's own (with runtime, net/http, crypto)", "twofold/pkg/login": "Twofold",
		"github.com/aws/aws-sdk-go-v2/service/kms/internal/endpoints": "aws-sdk-go-v2 kms",
		"github.com/aws/aws-sdk-go-v2/aws":                            "aws-sdk-go-v2",
		"google.golang.org/protobuf/internal/impl":                    "google.golang.org/protobuf",
	} {
		if got := library(pkg); got != want {
			t.Errorf("%s: %s", pkg, got)
		}
	}
}

func TestMissedGoalsAreNamed(t *testing.T) {
	good := map[variant]time.Duration{hello: 1, ours: 1, defaults: 2, lazy: 2}
	slow := map[variant]time.Duration{hello: 1, ours: 4, defaults: 4, lazy: 4}
	if err := (table{{"a", good, good, good}}).missed(); err != nil {
		t.Errorf("nothing was missed: %v", err)
	}
	for _, r := range []row{{"a", slow, good, good}, {"a", good, slow, good}, {"a", good, good, slow}} {
		if (table{r}).missed() == nil {
			t.Errorf("%+v: not missed", r)
		}
	}
	if text := (table{{"a", good, good, nil}}).String(); !strings.Contains(text, "not measured") {
		t.Error("what was not measured is not said to be so")
	}
}

func TestTheCollectorIsSetForOursOnly(t *testing.T) {
	f := function{environment: []string{"A=1", "GOGC=400", "B=2"}}
	for v, want := range map[variant]string{ours: "A=1 GOGC=400 B=2", defaults: "A=1 B=2", lazy: "A=1 B=2", hello: "A=1 B=2"} {
		if got := strings.Join(f.environmentOf(v), " "); got != want {
			t.Errorf("%s: %s", v, got)
		}
	}
}

// TestOneStart starts hello the way everything is started.
func TestOneStart(t *testing.T) {
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if err := build.Function(t.Context(), root, testdata+"hello", binary); err != nil {
		t.Fatal(err)
	}
	limited := 0
	got, err := start(t.Context(), binary, nil, []byte("{}"), func(pid int) error { limited = pid; return nil })
	if err != nil || got.ready <= 0 || got.answered < got.ready || limited == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := start(t.Context(), "/bin/false", nil, nil, nil); err == nil {
		t.Error("a function that ends before it answers was measured")
	}
}

func TestAFailureIsNoMeasurement(t *testing.T) {
	for body, good := range map[string]bool{
		`{"statusCode":200}`: true, `{"statusCode":409}`: true, `{"statusCode":503}`: false,
		`{"batchItemFailures":[]}`: true, `{"batchItemFailures":[{"itemIdentifier":"1"}]}`: false,
	} {
		if (acceptable([]byte(body)) == nil) != good {
			t.Error(body)
		}
	}
}

// TestTheAuthorityIsTrustedByNameAndFile: without that the functions would measure the way around their own roots.
func TestTheAuthorityIsTrustedByNameAndFile(t *testing.T) {
	a, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	if o := a.certificate.Subject.Organization; len(o) != 1 || o[0] != "Amazon" {
		t.Errorf("it is called %v", o)
	}
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := a.bundle(file); err != nil {
		t.Fatal(err)
	}
	roots, err := os.ReadFile(file)
	if err != nil || strings.Count(string(roots), "BEGIN CERTIFICATE") < 50 {
		t.Errorf("the machine's roots are not in the file: %v", err)
	}
	server := &http.Server{}
	defer server.Close()
	url, err := a.front("http://127.0.0.1:1", server)
	if err != nil || !strings.HasPrefix(url, "https://127.0.0.1:") {
		t.Errorf("%s, %v", url, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := start(ctx, "/bin/true", nil, nil, nil); err == nil {
		t.Error("a start after the end was measured")
	}
}
