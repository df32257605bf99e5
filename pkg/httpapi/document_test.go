package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
)

type openAPI struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Description string
		Tags        []string
		Security    []map[string][]string
		Roles       []string `json:"x-roles"`
		Permission  string   `json:"x-permission"`
		Responses   map[string]struct {
			Description string
			Headers     map[string]any
			Content     map[string]struct{ Schema map[string]any }
		}
	}
	Components struct {
		Schemas         map[string]any
		SecuritySchemes map[string]any `json:"securitySchemes"`
	}
}

func other() *httpapi.API {
	api := httpapi.New("other", httpapi.Options{Now: time.Now})
	op := putPolicy()
	op.ID, op.Path, op.Method = "get-other", "/v1/others/{user}", http.MethodGet
	httpapi.Register(api, op, nothing[struct {
		User string `path:"user"`
	}])
	return api
}

func document(t *testing.T, apis ...*httpapi.API) (openAPI, []byte) {
	t.Helper()
	text, err := httpapi.Document(apis...)
	if err != nil {
		t.Fatal(err)
	}
	var d openAPI
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d, text
}

func TestDocument(t *testing.T) {
	d, text := document(t, newSample(t).api, other())
	if d.OpenAPI != "3.1.0" || len(d.Paths) != 4 || d.Components.SecuritySchemes["bearer"] == nil || d.Components.Schemas["Problem"] == nil {
		t.Fatalf("%s", text)
	}
	put := d.Paths["/v1/users/{user}"]["put"]
	if !slices.Equal(put.Roles, []string{"org_admin"}) || put.Permission != "policy:write" || !slices.Equal(put.Tags, []string{"sample"}) {
		t.Errorf("rule %v %q, tags %v", put.Roles, put.Permission, put.Tags)
	}
	if !strings.HasSuffix(put.Description, "`decision_changed`, `version_conflict`.") {
		t.Errorf("description %q", put.Description)
	}
	wantResponses(t, d, "/v1/users/{user}", "put", "200 400 401 403 404 405 409 413 415 422 429 431 500 503")
	wantResponses(t, d, "/v1/users/{user}", "delete", "204 400 401 403 404 405 409 422 429 431 500 503")
	wantResponses(t, d, "/keys", "get", "200 400 404 405 409 422 429 431 500 503")
	for status, response := range put.Responses {
		gateway := strings.Contains("400 413 431 500 503", status)
		if _, plain := response.Content["application/json"]; status >= "400" && (gateway != strings.Contains(response.Description, "API Gateway") || status != "431" && gateway != plain) {
			t.Errorf("%s: %q, content %v", status, response.Description, response.Content)
		}
		if waits := strings.Contains("409 429 503", status); waits != (response.Headers["Retry-After"] != nil) {
			t.Errorf("%s: headers %v", status, response.Headers)
		}
	}
	for path, item := range d.Paths {
		for method, op := range item {
			public := op.OperationID == "get-keys"
			if public != (len(op.Security) == 0) || public != (len(op.Roles) == 0) {
				t.Errorf("%s %s: security %v, roles %v", method, path, op.Security, op.Roles)
			}
		}
	}
	labels := d.Components.Schemas["PolicyBody"].(map[string]any)["properties"].(map[string]any)["labels"].(map[string]any)
	if labels["propertyNames"].(map[string]any)["pattern"] != "^[A-Za-z0-9_-]{1,64}$" {
		t.Errorf("names of a map: %v", labels)
	}
	if bytes.Contains(text, []byte("$schema")) || !bytes.HasSuffix(text, []byte("}\n")) {
		t.Error("schema links, or no line at the end")
	}
}

func wantResponses(t *testing.T, d openAPI, path, method, want string) {
	t.Helper()
	var statuses []string
	for status, response := range d.Paths[path][method].Responses {
		statuses = append(statuses, status)
		if status >= "400" && status != "431" && response.Content["application/problem+json"].Schema["$ref"] != "#/components/schemas/Problem" {
			t.Errorf("%s %s: %s is no problem", method, path, status)
		}
	}
	slices.Sort(statuses)
	if got := strings.Join(statuses, " "); got != want {
		t.Errorf("%s %s: %s, want %s", method, path, got, want)
	}
}

func TestDocumentIsStable(t *testing.T) {
	_, first := document(t, newSample(t).api, other())
	for range 5 {
		if _, again := document(t, other(), newSample(t).api); !bytes.Equal(first, again) {
			t.Fatal("another order, another document")
		}
	}
}

func TestDocumentRefusesClashes(t *testing.T) {
	samePath := httpapi.New("b", httpapi.Options{Now: time.Now})
	op := putPolicy()
	op.ID = "put-again"
	httpapi.Register(samePath, op, nothing[struct{}])
	sameID := httpapi.New("b", httpapi.Options{Now: time.Now})
	op = putPolicy()
	op.Path = "/elsewhere"
	httpapi.Register(sameID, op, nothing[struct{}])
	for name, clashing := range map[string]*httpapi.API{"path": samePath, "ID": sameID, "schema": sameSchemaName()} {
		if _, err := httpapi.Document(newSample(t).api, clashing); err == nil {
			t.Errorf("two of the same %s are merged", name)
		}
	}
}

// sameSchemaName has a type of the same name as the sample's, with other fields.
func sameSchemaName() *httpapi.API {
	type gracePart struct {
		Another string `json:"another"`
	}
	api := httpapi.New("b", httpapi.Options{Now: time.Now})
	httpapi.Register(api, httpapi.Operation{ID: "put-grace", Method: http.MethodPut, Path: "/grace",
		Rule: access.Rule{Roles: []access.Role{access.Reader}}}, nothing[struct{ Body gracePart }])
	return api
}
