package httpapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"twofold/pkg/branding"
	"twofold/pkg/enroll"
	"twofold/pkg/httpapi"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/signin"
	"twofold/pkg/verify"
	"twofold/pkg/webhook"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// publicKeys is a key set with made-up coordinates: only the routes matter here.
const publicKeys = `{"keys":[{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","kid":"k","use":"sig","alg":"ES256"}]}`

// product is the APIs of all functions.
func product(t *testing.T) []*httpapi.API {
	t.Helper()
	o := httpapi.Options{Now: time.Now}
	verifyAPI, err := httpapi.Verify(&verify.Service{}, []byte(publicKeys), o)
	if err != nil {
		t.Fatal(err)
	}
	reporting := httpapi.Report(&report.Service{}, &signin.Service{}, o)
	if err := httpapi.Exports(reporting, &report.Exporter{}, &signin.Exporter{}, []byte(publicKeys)); err != nil {
		t.Fatal(err)
	}
	return []*httpapi.API{
		httpapi.Policy(&policy.Service{}, &people.Service{}, &sender.Service{}, &branding.Service{}, &webhook.Service{}, o), httpapi.Enroll(&enroll.Service{}, o), verifyAPI,
		reporting,
	}
}

// The committed document is what the operations say: `go test ./pkg/httpapi -run OpenAPI -update` writes it.
func TestOpenAPIIsUpToDate(t *testing.T) {
	document, err := httpapi.Document(product(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", document, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(document, committed) {
		t.Fatal("openapi.json is out of date: run `make openapi`")
	}
}

// A parameter that the path names and no input reads would be empty in every request.
func TestEveryPathParameterIsRead(t *testing.T) {
	document, err := httpapi.Document(product(t)...)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\{([a-z_]+)\}`)
	for path, methods := range parsed.Paths {
		for method, operation := range methods {
			for _, match := range named.FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(operation.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && p.Name == match[1] }) {
					t.Errorf("%s %s does not read {%s}", method, path, match[1])
				}
			}
		}
	}
}
