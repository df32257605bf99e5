package stack

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestCommittedStack runs what template.yaml describes, with the real functions and the real bootstrap.
func TestCommittedStack(t *testing.T) {
	s := ForTest(t)
	get := func(path string) (int, string, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.APIURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(body)
	}
	if status, _, body := get("/openapi.json"); status != 200 || !json.Valid([]byte(body)) {
		t.Errorf("the API's document: %d", status)
	}
	var keys struct{ Keys []map[string]any }
	status, _, body := get("/.well-known/jwks.json")
	if err := json.Unmarshal([]byte(body), &keys); status != 200 || err != nil || len(keys.Keys) == 0 {
		t.Errorf("the public keys: %d %s", status, body)
	}
	if status, kind, _ := get("/v1/nothing"); status != 404 || !strings.HasPrefix(kind, "application/problem+json") {
		t.Errorf("an unknown path: %d %s", status, kind)
	}
	for _, path := range []string{"/v1/logins", "/v1/enrollments", "/v1/organizations/a/report", "/v1/organizations/a"} {
		if status, kind, _ := get(path); status < 400 || status >= 500 || !strings.HasPrefix(kind, "application/problem+json") {
			t.Errorf("%s: %d %s", path, status, kind)
		}
	}
	var made struct {
		SystemAdmin struct{ Key string } `json:"system_admin"`
	}
	file, err := os.ReadFile(s.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &made); err != nil || made.SystemAdmin.Key == "" {
		t.Errorf("the keys file names no key: %v", err)
	} else if strings.Contains(s.Logs(), made.SystemAdmin.Key) {
		t.Error("the key is in the logs")
	}
}
