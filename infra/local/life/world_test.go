package life_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"twofold/infra/local/browser"
	"twofold/infra/local/stack"
)

// fields is a JSON object.
type fields = map[string]any

// world is a stack with an organisation, its administrator, and an application of the test's own.
type world struct {
	t           *testing.T
	stack       *stack.Stack
	keys        string // the file
	system      string
	admin, app  string
	application *httptest.Server
	back        chan url.Values // what browsers came back with
}

// newWorld starts one. Everybody in it may enrol, and nobody must.
func newWorld(t *testing.T) *world {
	t.Helper()
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	file, err := s.ReadyMade(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		System struct{ Key string } `json:"system_admin"`
		Admin  struct{ Key string } `json:"org_admin"`
		App    struct{ Key string } `json:"application"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, stack: s, keys: file, system: keys.System.Key, admin: keys.Admin.Key, app: keys.App.Key, back: make(chan url.Values, 10)}
	w.application = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			w.back <- r.URL.Query()
		}
		_, _ = io.WriteString(rw, "<!doctype html><html lang=en><title>Shop</title><link rel=icon href='data:,'><h1>Back in the shop</h1></html>")
	}))
	t.Cleanup(w.application.Close)
	w.call(w.admin, http.MethodPut, "/applications/app", fields{"name": "Shop", "return_addresses": []string{w.returnTo()}}, 200)
	return w
}

func (w *world) returnTo() string { return w.application.URL + "/back" }

// ask sends a request to the API.
func (w *world) ask(key, method, path string, body any, headers ...string) (int, fields) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.stack.APIURL+path, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer fields
	if text, err = io.ReadAll(response.Body); err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil {
		w.t.Fatalf("%s %s: %d, %v", method, path, response.StatusCode, err)
	}
	return response.StatusCode, answer
}

// call is ask below the organisation, and demands a status.
func (w *world) call(key, method, path string, body any, want int, headers ...string) fields {
	w.t.Helper()
	status, answer := w.ask(key, method, "/v1/organizations/"+stack.Organization+path, body, headers...)
	if status != want {
		w.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// policy changes it, as an administrator does: proposed, and confirmed with the code that is mailed.
func (w *world) policy(policy fields) {
	w.t.Helper()
	before := len(w.codes("admin@demo.example"))
	version := w.call(w.admin, http.MethodGet, "/policy", nil, 200)["version"]
	text, err := json.Marshal(version)
	if err != nil {
		w.t.Fatal(err)
	}
	proposed := w.call(w.admin, http.MethodPost, "/policy/changes", fields{"policy": policy}, 201, "If-Match", `"`+string(text)+`"`)
	id := proposed["id"].(string)
	w.call(w.admin, http.MethodPost, "/policy/changes/"+id+"/confirm", fields{"code": w.code("admin@demo.example", before)}, 200)
}

var eight = regexp.MustCompile(`(?m)^[0-9]{8}$`)

// codes are those that an address was sent, oldest first.
func (w *world) codes(to string) []string {
	var all []string
	for _, m := range w.stack.Mailbox(to) {
		all = append(all, eight.FindAllString(m.Text, -1)...)
	}
	return all
}

// code waits for the one that comes after so many.
func (w *world) code(to string, after int) string {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if all := w.codes(to); len(all) > after {
			return all[after]
		}
	}
	w.t.Fatalf("%s got no code", to)
	return ""
}

// login begins one of a user's in the hosted prompt.
func (w *world) login(user string) (address string, answer fields) {
	w.t.Helper()
	status, answer := w.ask(w.app, http.MethodPost, "/v1/logins", fields{
		"organization": stack.Organization, "user": user, "email": user + "@demo.example", "nonce": "nonce-of-" + user, "return_to": w.returnTo(), "state": "state-of-" + user,
	})
	if status != 200 {
		w.t.Fatalf("a login: %d %v", status, answer)
	}
	next, _ := answer["next"].(fields)
	address, _ = next["url"].(string)
	if address == "" {
		w.t.Fatalf("there is no page: %v", answer)
	}
	return address, answer
}

// returned is what the browser came back with, once.
func (w *world) returned(user string) url.Values {
	w.t.Helper()
	select {
	case q := <-w.back:
		if q.Get("state") != "state-of-"+user {
			w.t.Fatalf("came back with the state %q", q.Get("state"))
		}
		return q
	case <-time.After(time.Minute):
		w.t.Fatal("nobody came back")
		return nil
	}
}

// exchanged is what the application gets for the code that the browser came back with.
func (w *world) exchanged(user string) fields {
	w.t.Helper()
	code := w.returned(user).Get("code")
	status, answer := w.ask(w.app, http.MethodPost, "/v1/logins/exchanges", fields{"code": code, "nonce": "nonce-of-" + user})
	if status != 200 || answer["status"] != "complete" {
		w.t.Fatalf("exchanged: %d %v", status, answer)
	}
	if status, again := w.ask(w.app, http.MethodPost, "/v1/logins/exchanges", fields{"code": code, "nonce": "nonce-of-" + user}); answer["assertion"] != nil && status != 422 {
		w.t.Errorf("exchanged twice: %d %v", status, again)
	}
	return answer
}

// phone is an authenticator app. It shows no code twice: where the present one was used, the next, as a phone whose clock is ahead would.
type phone struct {
	secret string
	last   int64
}

func scan(t *testing.T, uri string) *phone {
	t.Helper()
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		t.Fatal(err)
	}
	return &phone{secret: key.Secret()}
}

// enrolled takes a user through the prompt, from the page of an enrolment to the codes to keep, and gives the phone.
func (w *world) enrolled(p *browser.Page, user string) *phone {
	w.t.Helper()
	p.Click("Set it up")
	p.Sees("First, show that it is you")
	p.Fill("Eight-digit code", w.code(user+"@demo.example", 0))
	w.recovery(p, user)
	p.Sees("Connect your authenticator app")
	ph := scan(w.t, p.QR())
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Keep these recovery codes")
	return ph
}

// recovery gives the recovery email and confirms it.
func (w *world) recovery(p *browser.Page, user string) {
	w.t.Helper()
	home := user + "@home.example"
	before := len(w.codes(home))
	p.Sees("Where can we reach you")
	p.Fill("Recovery email", home)
	p.Fill("The same address again", home)
	p.Click("Continue")
	p.Sees("Confirm your recovery email")
	p.Fill("Eight-digit code", w.code(home, before))
	p.Sees("Choose your second factor")
	p.Click("Authenticator app")
	p.Click("Continue")
}
