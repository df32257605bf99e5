package sample

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var letIn = just(fields{"status": "complete", "reason": "not_enrolled"})

func TestPasswords(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", letIn)
	for email, passwords := range map[string][]string{
		"lena@larkspur.example":   {"", "meadow-lantern-43", "copper-violin-17", "meadow-lantern-42 ", strings.Repeat("x", 1000)},
		"nobody@larkspur.example": {"", "meadow-lantern-42"},
		"":                        {""},
	} {
		for _, password := range passwords {
			b := w.browser()
			got := b.do(http.MethodPost, "/login", url.Values{"email": {email}, "password": {password}})
			if got.status != http.StatusUnauthorized || !strings.Contains(got.text, "The address or the password is wrong.") {
				t.Errorf("%s, %q: answered %d", email, password, got.status)
			}
			if b.session() != "" {
				t.Error("a wrong password makes a session")
			}
			b.signedIn(password, false, false)
		}
	}
	if n := len(w.requests("/v1/logins")); n > 0 {
		t.Errorf("Twofold was asked %d times", n)
	}
	b := w.browser()
	b.login("hosted")
	b.signedIn("the right one", true, false)
}

func TestPasswordsAreHashedAsTheSourceSays(t *testing.T) {
	app, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range app.accounts {
		if a.rounds < 600_000 || len(a.salt) < 16 || len(a.hash) != 32 {
			t.Errorf("%s: %d rounds, %d bytes of salt", a.ID, a.rounds, len(a.salt))
		}
	}
	if slices.Equal(app.accounts[0].salt, app.accounts[1].salt) {
		t.Error("two have one salt")
	}
	if u, ok := app.accounts.check("marc@larkspur.example", "copper-violin-17"); !ok || u.ID != "marc" {
		t.Error("the right password is refused")
	}
}

// A session id that somebody planted, or knew before, is nobody's after a login.
func TestALoginBeginsANewSession(t *testing.T) {
	for _, way := range []string{"hosted", "own"} {
		w := newWorld(t)
		w.on("/v1/logins", letIn)
		b := w.browser()
		b.login(way, "Cookie", "larkspur=planted")
		first := b.session()
		if first == "" || first == "planted" || len(first) < 22 {
			t.Fatalf("the session is %q", first)
		}
		b.login(way)
		second := b.session()
		if second == first {
			t.Error("another login keeps the session")
		}
		for _, id := range []string{"planted", first} {
			if got := w.browser().do(http.MethodGet, "/", nil, "Cookie", "larkspur="+id); strings.Contains(got.text, "Sign out") {
				t.Errorf("%s: session %q is somebody's", way, id)
			}
		}
	}
}

// A login under way that somebody else began with the password, and planted, is not gone on with.
func TestALoginDoesNotGoOnWithAPlantedOne(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	thief, owner := w.browser(), w.browser()
	thief.login("own")
	planted := thief.session()
	owner.login("own", "Cookie", "larkspur="+planted)
	if owner.session() == planted || owner.session() == "" {
		t.Error("the session is the planted one")
	}
	if got := thief.get("/verify"); got.location != "/" {
		t.Errorf("the planted session is still good: %d", got.status)
	}
}

func TestSignedOutIsSignedOut(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", letIn)
	b := w.browser()
	b.login("hosted")
	id := b.session()
	b.do(http.MethodPost, "/logout", nil)
	if b.session() != "" {
		t.Error("the cookie stays")
	}
	if got := w.browser().do(http.MethodGet, "/", nil, "Cookie", "larkspur="+id); strings.Contains(got.text, "Sign out") {
		t.Error("the session goes on")
	}
	b.login("hosted")
	w.ahead = sessionLife
	b.signedIn("eight hours later", false, false)
	w.browser().login("hosted")
	if len(w.app.sessions.all) != 1 {
		t.Errorf("%d sessions are kept", len(w.app.sessions.all))
	}
}

func TestOtherSitesPostNothing(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", letIn)
	b := w.browser()
	b.login("hosted")
	form := url.Values{"email": {"marc@larkspur.example"}, "password": {"copper-violin-17"}}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		for _, path := range []string{"/login", "/setup", "/verify", "/kept", "/logout"} {
			if got := b.do(http.MethodPost, path, form, header...); got.status != http.StatusForbidden {
				t.Errorf("%s with %v: answered %d", path, header, got.status)
			}
		}
	}
	b.signedIn("after all that", true, false)
	if !strings.Contains(b.get("/").text, "Lena") || len(w.requests("/v1/logins")) != 1 {
		t.Error("somebody else is signed in")
	}
	for _, path := range []string{"/login", "/setup", "/kept", "/logout"} {
		if got := b.get(path); got.status != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: answered %d", path, got.status)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/style.css", "/nothing", "/callback"} {
		h := w.browser().get(path).header
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'self'", "form-action 'self' " + w.url + ";", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: %q", path, policy)
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestCookies(t *testing.T) {
	for scheme, name := range map[string]string{"http": "larkspur", "https": "__Host-larkspur"} {
		w := newWorld(t, func(c *Config) { c.Address = scheme + "://notes.example" })
		device := fields{"status": "complete", "device_token": "tfd_1", "device_expires_at": "2030-01-02T15:04:05Z"}
		w.on("/v1/logins", just(device))
		got := w.browser().login("hosted")
		cookies := map[string]*http.Cookie{}
		for _, line := range got.header.Values("Set-Cookie") {
			c, err := http.ParseSetCookie(line)
			if err != nil {
				t.Fatal(err)
			}
			cookies[c.Name] = c
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != (scheme == "https") || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: %s", scheme, line)
			}
		}
		if len(cookies) != 2 || cookies[name] == nil || cookies[name+"-device-lena"] == nil {
			t.Fatalf("%s: %v", scheme, got.header.Values("Set-Cookie"))
		}
		if d := cookies[name+"-device-lena"]; d.Value != "tfd_1" || d.Expires.Year() != 2030 || !cookies[name].Expires.IsZero() {
			t.Errorf("%v, %v", d, cookies[name])
		}
	}
}

// A browser is trusted for one user; the token is sent with that one's next login, and replaced whenever an answer has another.
func TestTheDeviceToken(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", just(fields{"status": "complete", "device_token": "one"}), letIn, just(fields{"status": "complete", "device_token": "two"}), letIn)
	b := w.browser()
	for range 2 {
		b.login("hosted")
		b.do(http.MethodPost, "/logout", nil)
		b.login("own")
	}
	b.do(http.MethodPost, "/login", url.Values{"email": {"marc@larkspur.example"}, "password": {"copper-violin-17"}})
	for i, want := range []any{nil, "one", "one", "two", nil} {
		if got := w.requests("/v1/logins")[i].body["device_token"]; got != want {
			t.Errorf("login %d: %v, not %v", i, got, want)
		}
	}
}

// What the page shows of the requests holds nothing that lets anybody in.
func TestThePageShowsNoSecret(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", just(fields{"status": "challenge", "login": "SECRET1", "detail": "shown-1", "later": "SECRET2", "next": fields{
		"do": "answer", "methods": []string{"totp"}, "url": "https://twofold.example/prompt?login=SECRET3", "sent_to": "shown-2", "setup": fields{"secret": "SECRET4", "uri": "SECRET5"},
	}}))
	w.on("/v1/logins/exchanges", just(fields{
		"status": "complete", "reason": "shown-3", "device_token": "SECRET6", "recovery_codes": []string{"SECRET7"}, "app_passwords": []fields{{"id": "a", "service": "imap", "password": "SECRET8"}},
	}))
	b := w.browser()
	b.do(http.MethodPost, "/login", url.Values{"email": {"lena@larkspur.example"}, "password": {"meadow-lantern-42"}}, "Cookie", "larkspur-device-lena=SECRET9")
	b.get("/callback?code=SECRET0&state=" + w.state())
	b.do(http.MethodPost, "/kept", nil)
	home := b.get("/").text
	for _, want := range []string{"What just happened", "/v1/logins/exchanges", "shown-1", "shown-2", "shown-3", "lena@larkspur.example", "•••"} {
		if !strings.Contains(home, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, secret := range []string{"SECRET", "tfk_key", w.state(), w.requests("/v1/logins")[0].body["nonce"].(string)} {
		if strings.Contains(home, secret) {
			t.Errorf("the page holds %s", secret)
		}
	}
	if n := len(w.app.sessions.of(&http.Request{Header: http.Header{"Cookie": {"larkspur=" + b.session()}}}).trace.list()); n != 2 {
		t.Errorf("%d requests are noted", n)
	}
}

func TestWhatIsSaidOfTheBrowser(t *testing.T) {
	for _, c := range []struct{ remote, agent, address, said string }{
		{"198.51.100.7:1234", "Firefox", "198.51.100.7", "Firefox"},
		{"[2001:db8::1]:1234", "", "2001:db8::1", ""},
		{"[fe80::1%eth0]:1234", "a\xffb", "", "ab"},
		{"@", strings.Repeat("é", 300), "", strings.Repeat("é", 256)},
	} {
		got := browserOf(&http.Request{RemoteAddr: c.remote, Header: http.Header{"User-Agent": {c.agent}}})
		if got.Address != c.address || got.Agent != c.said {
			t.Errorf("%+v of %+v", got, c)
		}
	}
}
