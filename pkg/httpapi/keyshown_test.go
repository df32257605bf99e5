package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/storetest"
)

// Whoever lists keys can tell the sessions of the console from them.
func TestSessionsAreToldFromKeys(t *testing.T) {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	key, text := access.NewKey(access.OrganizationAdministrator, w.Clock.Now())
	session, _ := storetest.Session(t, access.OrganizationAdministrator, w.Clock.Now())
	keys := []access.Key{key, session}
	bob := org.Administrator{ID: "bob", Organization: storetest.Organization, Email: "bob@acme.example", CreatedAt: w.Clock.Now(), Rev: 1}
	for i := range keys {
		keys[i].Holder, keys[i].Organizations, keys[i].Permissions = "bob", []string{storetest.Organization}, []access.Permission{access.KeysWrite}
		bob.Keys = append(bob.Keys, keys[i].ID)
	}
	if err := store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{bob}, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/organizations/"+storetest.Organization+"/keys", nil)
	r.Header.Set("Authorization", "Bearer "+text)
	answer := httptest.NewRecorder()
	httpapi.Policy(w.Policy, w.People, nil, nil, nil, httpapi.Options{Now: w.Clock.Now}).Handler().ServeHTTP(answer, r)
	for _, part := range strings.Split(answer.Body.String(), `{"id":`)[1:] {
		if told := strings.Contains(part, `"console":true`); told != strings.HasPrefix(part, `"`+session.ID) {
			t.Errorf("a session is told: %t, %s", told, part)
		}
	}
	if answer.Code != http.StatusOK || strings.Count(answer.Body.String(), session.ID) != 1 {
		t.Errorf("%d: %s", answer.Code, answer.Body)
	}
}
