package sample

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer   = "https://twofold.example"
	audience = "app"
)

type fields = map[string]any

// asked is one request as Twofold got it.
type asked struct {
	path, key, authorization string
	body                     fields
	text                     string
}

// reply is one answer; the zero value hangs up.
type reply struct {
	status int
	header map[string]string
	body   any
}

// fake is Twofold: it answers each path by a list, the last of which it repeats, and signs assertions.
type fake struct {
	t   *testing.T
	url string
	key *ecdsa.PrivateKey
	kid string

	mu      sync.Mutex
	answers map[string][]func(asked) reply
	asked   []asked
	keys    int // how often they were fetched
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, answers: map[string][]func(asked) reply{}}
	f.rotate("one")
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// rotate has everything signed by another key from now on, the only one that is published.
func (f *fake) rotate(kid string) {
	f.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key, f.kid = key, kid
}

func (f *fake) on(path string, answers ...func(asked) reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[path] = answers
}

func (f *fake) requests(path string) []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []asked
	for _, a := range f.asked {
		if a.path == path {
			found = append(found, a)
		}
	}
	return found
}

// ServeHTTP is http.Handler's.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/.well-known/jwks.json" {
		f.jwks(w)
		return
	}
	text, _ := io.ReadAll(r.Body)
	a := asked{path: r.URL.Path, key: r.Header.Get("Idempotency-Key"), authorization: r.Header.Get("Authorization"), text: string(text)}
	if err := json.Unmarshal(text, &a.body); err != nil || r.Method != http.MethodPost {
		f.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	f.mu.Lock()
	f.asked = append(f.asked, a)
	list := f.answers[a.path]
	if len(list) == 0 {
		f.mu.Unlock()
		f.t.Errorf("nothing is to be asked at %s", a.path)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if len(list) > 1 {
		f.answers[a.path] = list[1:]
	}
	f.mu.Unlock()
	send(w, list[0](a))
}

func send(w http.ResponseWriter, out reply) {
	if out.status == 0 {
		panic(http.ErrAbortHandler) // the connection is cut
	}
	for name, value := range out.header {
		w.Header().Set(name, value)
	}
	text, isText := out.body.(string)
	if !isText {
		encoded, _ := json.Marshal(out.body)
		text = string(encoded)
	}
	w.WriteHeader(out.status)
	_, _ = io.WriteString(w, text)
}

func (f *fake) jwks(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys++
	point, err := f.key.PublicKey.Bytes() // 4, x, y: SEC 1 §2.3.3
	if err != nil {
		f.t.Error(err)
	}
	coordinate := base64.RawURLEncoding.EncodeToString
	_ = json.NewEncoder(w).Encode(fields{"keys": []fields{{
		"kty": "EC", "crv": "P-256", "kid": f.kid, "use": "sig", "alg": "ES256", "x": coordinate(point[1:33]), "y": coordinate(point[33:]),
	}}})
}

// assertion is about a login as it should be, but for some claims.
func (f *fake) assertion(nonce string, but fields) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": issuer, "aud": audience, "sub": "lena", "org": "demo", "jti": rand.Text(), "nonce": nonce,
		"auth_time": now.Unix(), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"amr": []string{"otp"}, "acr": "urn:twofold:acr:totp", "policy_version": 1, "trusted_device": false,
	}
	maps.Copy(claims, but)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = f.kid
	signed, err := token.SignedString(f.key)
	if err != nil {
		f.t.Error(err)
	}
	return signed
}

// just answers 200 with a body.
func just(body fields) func(asked) reply {
	return func(asked) reply { return reply{status: http.StatusOK, body: body} }
}

func problem(status int, code string, more fields) func(asked) reply {
	body := fields{"status": status, "code": code, "detail": "Detail of " + code + "."}
	maps.Copy(body, more)
	return func(asked) reply { return reply{status: status, body: body} }
}

// challenge is the answer of a login that goes on in the hosted prompt.
var challenge = just(fields{"status": "challenge", "reason": "enrolled", "login": "login-token", "next": fields{"do": "answer", "methods": []string{"totp"}, "url": "https://twofold.example/prompt?login=x"}})

// proves answers an exchange with an assertion, but for some claims.
func (f *fake) proves(but fields) func(asked) reply {
	return func(a asked) reply {
		nonce, _ := a.body["nonce"].(string)
		return reply{status: http.StatusOK, body: fields{"status": "complete", "reason": "enrolled", "assertion": f.assertion(nonce, but)}}
	}
}

// world is the application in front of a fake Twofold.
type world struct {
	*fake
	app     *App
	address string
	log     *bytes.Buffer
	waited  []time.Duration
	ahead   time.Duration // of the application's clock
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{fake: newFake(t), log: &bytes.Buffer{}}
	server := httptest.NewUnstartedServer(nil)
	c := Config{
		Address: "http://" + server.Listener.Addr().String(), API: w.url, Issuer: issuer, Organization: "demo", Audience: audience, Key: "tfk_key",
		Mailbox: "http://127.0.0.1:1", KeysFile: "keys.json", Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Now: func() time.Time { return time.Now().Add(w.ahead) }, Transport: &http.Transport{},
	}
	for _, f := range change {
		f(&c)
	}
	all, err := newAccounts(1)
	if err != nil {
		t.Fatal(err)
	}
	w.app, w.address = open(c, all), "http://"+server.Listener.Addr().String()
	w.app.twofold.wait = func(_ context.Context, d time.Duration) error { w.waited = append(w.waited, d); return nil }
	server.Config.Handler = w.app
	server.Start()
	t.Cleanup(server.Close)
	return w
}

// page is what a browser got, without being redirected.
type page struct {
	status   int
	location string
	header   http.Header
	text     string
}

// browser keeps cookies and follows nothing.
type browser struct {
	t       *testing.T
	address string
	client  *http.Client
}

func (w *world) browser() *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{t: w.t, address: w.address, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (b *browser) do(method, path string, form url.Values, headers ...string) page {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{response.StatusCode, response.Header.Get("Location"), response.Header, string(text)}
}

func (b *browser) get(path string) page { b.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) login(way string, more ...string) page {
	b.t.Helper()
	form := url.Values{"email": {"lena@larkspur.example"}, "password": {"meadow-lantern-42"}, "way": {way}}
	return b.do(http.MethodPost, "/login", form, more...)
}

// session is the value of the session's cookie.
func (b *browser) session() string {
	b.t.Helper()
	at, err := url.Parse(b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == "larkspur" {
			return c.Value
		}
	}
	return ""
}

// signedIn demands whether somebody is signed in, and by a second factor.
func (b *browser) signedIn(what string, in, proven bool) {
	b.t.Helper()
	home := b.get("/").text
	if got := strings.Contains(home, "Sign out"); got != in {
		b.t.Errorf("%s: signed in %t", what, got)
	}
	if got := strings.Contains(home, "and a second factor."); got != proven {
		b.t.Errorf("%s: proven %t", what, got)
	}
}

// state is the one of the latest login that Twofold was asked about.
func (w *world) state() string {
	w.t.Helper()
	all := w.requests("/v1/logins")
	return fmt.Sprint(all[len(all)-1].body["state"])
}
