package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"twofold/infra/local/load/ledger"
)

// caller is an api whose other end answers with statuses in turn, the last one for ever; 0 cuts the connection.
func caller(t *testing.T, statuses ...int) (*api, *atomic.Int64) {
	t.Helper()
	var said atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := min(int(said.Add(1)), len(statuses)) - 1
		if statuses[at] == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(statuses[at])
		if statuses[at] == http.StatusConflict {
			fmt.Fprint(w, `{"code":"conflict"}`)
		}
	}))
	t.Cleanup(server.Close)
	return &api{base: server.URL, client: server.Client(), ledger: ledger.New(), tally: newTally()}, &said
}

func TestCallSaysAgainWhatGotNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		statuses           []int
		once               bool
		status, lost, said int
	}{
		"an answer":            {[]int{200}, false, 200, 0, 1},
		"a refusal":            {[]int{422}, false, 422, 0, 1},
		"a 500, then one":      {[]int{500, 200}, false, 200, 1, 2},
		"503 and a cut, then":  {[]int{503, 0, 200}, false, 200, 2, 3},
		"a conflict, then":     {[]int{409, 200}, false, 200, 0, 2},
		"never":                {[]int{500}, false, 0, tries, tries},
		"once, with an answer": {[]int{422}, true, 422, 0, 1},
		"once, without":        {[]int{500, 200}, true, 0, 1, 1},
	} {
		a, said := caller(t, c.statuses...)
		r := a.call(t.Context(), request{kind: "x", method: http.MethodPost, path: "/v1/logins", once: c.once, body: map[string]string{"a": "b"}})
		if r.status != c.status || r.lost != c.lost || int(said.Load()) != c.said {
			t.Errorf("%s: status %d, %d lost, said %d times", name, r.status, r.lost, said.Load())
		}
		a.ledger.Explain()
		for _, f := range a.ledger.Verdict() {
			if want := map[ledger.Rule]int{ledger.Explained: c.lost, ledger.Expected: c.lost / tries}[f.Rule]; f.Broken != want {
				t.Errorf("%s: %s is broken %d times, want %d", name, f.Rule, f.Broken, want)
			}
		}
		if _, total, failed := a.tally.read(); total != c.said || failed != c.lost {
			t.Errorf("%s: %d calls counted, %d failed", name, total, failed)
		}
	}
}

func TestFunctionOf(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/logins": "verify", "/v1/logins/answers": "verify", "/v1/logins/codes": "verify", "/.well-known/jwks.json": "verify",
		"/v1/enrollments": "enroll", "/v1/enrollments/answers": "enroll", "/v1/organizations/acme/users/ann/reset": "enroll",
		"/v1/organizations/acme/report?sort=user": "report", "/v1/organizations/acme/audit": "report",
		"/v1/organizations/acme": "policy", "/v1/organizations/acme/policy/changes/1/confirm": "policy",
	} {
		if got := functionOf(path); got != want {
			t.Errorf("%s is served by %s, not %s", path, want, got)
		}
	}
}
