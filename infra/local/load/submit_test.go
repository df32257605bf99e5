package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"twofold/infra/local/load/ledger"
)

// twofold is the other end: it answers each Idempotency-Key by a script of its own, the last answer for ever. An answer
// is "refused", "lost", or the id of an assertion.
type twofold struct {
	mu      sync.Mutex
	key     *ecdsa.PrivateKey
	scripts map[string][]string
}

func (f *twofold) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := r.Header.Get("Idempotency-Key")
	script := f.scripts[name]
	if len(script) > 1 {
		f.scripts[name] = script[1:]
	}
	switch script[0] {
	case "lost":
		w.WriteHeader(http.StatusInternalServerError)
	case "refused":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"code":"code_refused"}`)
	case "ended":
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"code":"login_ended"}`)
	default:
		token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
			"jti": script[0], "sub": "ann", "org": "acme", "aud": application, "nonce": "n", "exp": time.Now().Add(time.Minute).Unix(),
		})
		token.Header["kid"] = "k"
		signed, err := token.SignedString(f.key)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(w, `{"status":"complete","assertion":%q}`, signed)
	}
}

func submitting(t *testing.T, scripts map[string][]string) *client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&twofold{key: key, scripts: scripts})
	t.Cleanup(server.Close)
	a := &api{base: server.URL, client: server.Client(), ledger: ledger.New(), tally: newTally()}
	return newClient(&world{api: a, keys: keys{"k": &key.PublicKey}}, 1, 1, 1)
}

func TestSubmitNotesWhatCameOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		scripts  map[string][]string
		at       []string
		won      bool
		failures ledger.Range
		row      ledger.Range
		broken   map[ledger.Rule]int
	}{
		"a right code": {map[string][]string{"a": {"1"}}, []string{"a"}, true, ledger.Range{}, ledger.Range{}, nil},
		"one of two wins": {
			map[string][]string{"a": {"1"}, "b": {"refused"}}, []string{"a", "b"}, true, ledger.Range{Least: 1, Most: 1}, ledger.Range{Most: 1}, nil,
		},
		"the winner's reply is lost once": {
			map[string][]string{"a": {"lost", "1"}, "b": {"refused"}}, []string{"a", "b"}, true, ledger.Range{Least: 1, Most: 2}, ledger.Range{Most: 2}, nil,
		},
		"one request, said twice": {map[string][]string{"a": {"1"}}, []string{"a", "a"}, true, ledger.Range{}, ledger.Range{}, nil},
		"a reset came between":    {map[string][]string{"a": {"ended"}}, []string{"a"}, false, ledger.Range{}, ledger.Range{}, nil},
		"both win": {
			map[string][]string{"a": {"1"}, "b": {"2"}}, []string{"a", "b"}, true, ledger.Range{}, ledger.Range{}, map[ledger.Rule]int{ledger.OneSuccess: 1},
		},
		"nobody wins": {
			map[string][]string{"a": {"refused"}, "b": {"refused"}}, []string{"a", "b"}, false, ledger.Range{Least: 2, Most: 2},
			ledger.Range{Least: 2, Most: 2}, map[ledger.Rule]int{ledger.RightAccepted: 1},
		},
		"a retry is refused": {
			map[string][]string{"a": {"1", "refused"}}, []string{"a", "a"}, true, ledger.Range{Least: 1, Most: 1}, ledger.Range{Most: 1},
			map[ledger.Rule]int{ledger.SameClaims: 1},
		},
		"a retry has another id": {
			map[string][]string{"a": {"1", "2"}}, []string{"a", "a"}, true, ledger.Range{}, ledger.Range{},
			map[ledger.Rule]int{ledger.SameClaims: 1, ledger.OneSuccess: 1},
		},
	} {
		cl := submitting(t, c.scripts)
		p := &person{Account: ledger.NewAccount("acme", "ann"), org: &organization{id: "acme", key: "k"}}
		var passages []passage
		for _, key := range c.at {
			passages = append(passages, passage{"token", "n", key})
		}
		_, won := cl.submit(t.Context(), p, code{method: "totp", text: "123456", use: p.use("totp 1/1")}, passages...)
		if won != c.won || p.Failures != c.failures || p.Row != c.row {
			t.Errorf("%s: won %v, failures %v, in a row %v", name, won, p.Failures, p.Row)
		}
		for _, f := range cl.ledger.Verdict() {
			if f.Broken != c.broken[f.Rule] {
				t.Errorf("%s: %s is broken %d times, want %d: %q", name, f.Rule, f.Broken, c.broken[f.Rule], f.Examples)
			}
		}
	}
}

// An assertion of another login, or of nobody's key, proves nothing.
func TestProvedWantsItsOwnAssertion(t *testing.T) {
	for name, spoil := range map[string]func(*client, *person){
		"another user":         func(_ *client, p *person) { p.User = "bob" },
		"another organisation": func(_ *client, p *person) { p.Organization = "bmce" },
		"an unknown key":       func(c *client, _ *person) { c.keys = keys{} },
	} {
		c := submitting(t, map[string][]string{"a": {"1"}})
		p := &person{Account: ledger.NewAccount("acme", "ann"), org: &organization{id: "acme"}}
		spoil(c, p)
		c.submit(t.Context(), p, code{method: "totp", text: "123456", use: p.use("totp 1/1")}, passage{"token", "n", "a"})
		for _, f := range c.ledger.Verdict() {
			if f.Rule == ledger.Expected && f.Broken != 1 {
				t.Errorf("%s: believed", name)
			}
		}
	}
}
