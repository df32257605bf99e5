package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/httpapi"
	"twofold/pkg/lastuse"
	"twofold/pkg/memstore"
	"twofold/pkg/people"
	"twofold/pkg/storetest"
)

// A key that proves good is noted, whatever becomes of the request; and whatever becomes of the note, the answer is the same.
func TestTheUseOfAKeyIsNoted(t *testing.T) {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	key, text := access.NewKey(access.OrganizationAdministrator, w.Clock.Now())
	key.Holder, key.Organizations = "ann", []string{storetest.Organization}
	if err := store.WritePeople(t.Context(), people.Change{Keys: []access.Key{key}}); err != nil {
		t.Fatal(err)
	}
	_, forged := access.NewKey(access.OrganizationAdministrator, w.Clock.Now())
	told := 0
	ask := func(path, presented string) int {
		notes := &lastuse.Notes{Store: store} // a new instance each time
		api := httpapi.Policy(w.Policy, w.People, nil, nil, nil, httpapi.Options{Now: w.Clock.Now, Used: func(ctx context.Context, k access.Key, now time.Time) error {
			told++
			return notes.Note(ctx, k, now)
		}})
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+presented)
		answer := httptest.NewRecorder()
		api.Handler().ServeHTTP(answer, r)
		return answer.Code
	}
	about := "/v1/organizations/" + storetest.Organization
	for _, c := range []struct {
		name, path, key string
		fails           error
		status, told    int
		noted           bool
	}{
		{"a key that nobody issued", about, forged, nil, 401, 0, false},
		{"a note that fails", about, text, errors.New("down"), 200, 1, false},
		{"a permission that is missing", about + "/keys", text, nil, 403, 2, true},
		{"a good request", about, text, nil, 200, 3, true},
	} {
		if c.fails != nil {
			store.FailNext(memstore.NoteUse, false, c.fails)
		}
		status := ask(c.path, c.key)
		stored, err := store.Keys(t.Context(), key.ID)
		if err != nil || status != c.status || told != c.told || stored[0].LastUsedAt.IsZero() == c.noted {
			t.Errorf("%s: status %d, told %d times, last used %v, %v", c.name, status, told, stored[0].LastUsedAt, err)
		}
	}
	if ask("/openapi.json", text); told != 3 {
		t.Error("a public route was noted")
	}
}
