package sample_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// application is the one that the sample asks as.
type application struct {
	ID              string   `json:"id,omitempty"`
	Name            string   `json:"name"`
	ReturnAddresses []string `json:"return_addresses"`
}

// applications asks the API as the organisation's administrator; put, where not nil, changes one first.
func (v *visitor) applications(put *application) []application {
	v.t.Helper()
	text, err := os.ReadFile(v.keys)
	if err != nil {
		v.t.Fatal(err)
	}
	var keys struct {
		Admin struct{ Key string } `json:"org_admin"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		v.t.Fatal(err)
	}
	ask := func(method, path string, body []byte, into any) {
		r, err := http.NewRequestWithContext(v.t.Context(), method, v.stack.APIURL+"/v1/organizations/demo/applications"+path, bytes.NewReader(body))
		if err != nil {
			v.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+keys.Admin.Key)
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			v.t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
			v.t.Fatalf("%s %s: %d, %v", method, path, response.StatusCode, err)
		}
	}
	if put != nil {
		body, err := json.Marshal(put)
		if err != nil {
			v.t.Fatal(err)
		}
		ask(http.MethodPut, "/app", body, &struct{}{})
	}
	var all struct{ Applications []application }
	ask(http.MethodGet, "", nil, &all)
	return all.Applications
}

// Each start has the return address of its port, and takes none away.
func TestTheReturnAddressIsAdded(t *testing.T) {
	v := visit(t)
	mine := v.address + "/callback"
	if all := v.applications(nil); len(all) != 1 || !slices.Equal(all[0].ReturnAddresses, []string{mine}) {
		t.Fatalf("after the first start: %+v", all)
	}
	v.applications(&application{Name: "My shop", ReturnAddresses: []string{"https://shop.example/back"}})
	second, err := v.stack.Sample(t.Context(), "127.0.0.1:0", v.keys)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{second + "/callback", "https://shop.example/back"}
	all := v.applications(nil)
	if slices.Sort(want); len(all) != 1 || all[0].Name != "My shop" || !slices.Equal(all[0].ReturnAddresses, want) {
		t.Errorf("after another: %+v, not %v", all, want)
	}
	if _, err := v.stack.Sample(t.Context(), strings.TrimPrefix(second, "http://"), v.keys); err == nil {
		t.Error("two listen on one port")
	}
	full := application{Name: "My shop"}
	for i := range 20 {
		full.ReturnAddresses = append(full.ReturnAddresses, "https://shop.example/"+string(rune('a'+i)))
	}
	v.applications(&full)
	if _, err := v.stack.Sample(t.Context(), "127.0.0.1:0", v.keys); err == nil || !strings.Contains(err.Error(), "20 return addresses") {
		t.Errorf("where there is no room: %v", err)
	}
	t.Run("and is for this machine only", func(t *testing.T) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "notes.example"
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("answered %d", response.StatusCode)
		}
	})
}
