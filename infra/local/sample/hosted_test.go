package sample

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheHostedWay(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	b := w.browser()
	sent := b.login("hosted")
	if sent.status != http.StatusSeeOther || sent.location != "https://twofold.example/prompt?login=x" {
		t.Fatalf("%d to %s", sent.status, sent.location)
	}
	b.signedIn("before the prompt", false, false)
	begun := w.requests("/v1/logins")[0].body
	for name, want := range (fields{"organization": "demo", "user": "lena", "email": "lena@larkspur.example", "return_to": w.address + "/callback"}) {
		if begun[name] != want {
			t.Errorf("%s is %v", name, begun[name])
		}
	}
	before := b.session()
	back := b.get("/callback?code=returned&state=" + w.state())
	if back.status != http.StatusSeeOther || back.location != "/" {
		t.Errorf("%d to %s", back.status, back.location)
	}
	exchanged := w.requests("/v1/logins/exchanges")
	if len(exchanged) != 1 || exchanged[0].body["code"] != "returned" || exchanged[0].body["nonce"] != begun["nonce"] || exchanged[0].key == "" {
		t.Errorf("exchanged %+v", exchanged)
	}
	b.signedIn("after it", true, true)
	if b.session() == before {
		t.Error("the session kept its id when somebody was let in")
	}
	if len(w.log.String()) > 0 {
		t.Errorf("logged: %s", w.log)
	}
}

// Every login has a nonce and a state that nobody can guess.
func TestNonceAndStateAreNew(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	seen := map[any]bool{}
	for range 3 {
		w.browser().login("hosted")
	}
	for _, a := range w.requests("/v1/logins") {
		for _, name := range []string{"nonce", "state"} {
			if text, _ := a.body[name].(string); len(text) < 22 || seen[text] {
				t.Errorf("%s %q", name, text)
			}
			seen[a.body[name]] = true
		}
	}
}

func TestACallbackThatIsNotThisBrowsersLogin(t *testing.T) {
	for name, callback := range map[string]func(*world, *browser) page{
		"another state":  func(_ *world, b *browser) page { return b.get("/callback?code=c&state=AAAAAAAAAAAAAAAAAAAAAAAAAA") },
		"an empty state": func(_ *world, b *browser) page { return b.get("/callback?code=c&state=") },
		"no state":       func(_ *world, b *browser) page { return b.get("/callback?code=c") },
		"no session":     func(w *world, _ *browser) page { return w.browser().get("/callback?code=c&state=" + w.state()) },
		"an older login's": func(w *world, b *browser) page {
			state := w.state()
			b.login("hosted")
			return b.get("/callback?code=c&state=" + state)
		},
		"another browser's": func(w *world, b *browser) page {
			state, other := w.state(), w.browser()
			other.login("hosted")
			return other.get("/callback?code=c&state=" + state)
		},
		"of a login that took too long": func(w *world, b *browser) page {
			w.ahead = pendingLife
			return b.get("/callback?code=c&state=" + w.state())
		},
		"without a code": func(w *world, b *browser) page { return b.get("/callback?error=not_verified&state=" + w.state()) },
		"after giving up": func(w *world, b *browser) page {
			b.get("/callback?error=not_verified&state=" + w.state())
			return b.get("/callback?code=c&state=" + w.state())
		},
		"signed out meanwhile": func(w *world, b *browser) page {
			b.do(http.MethodPost, "/logout", nil)
			return b.get("/callback?code=c&state=" + w.state())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.on("/v1/logins", challenge)
			w.on("/v1/logins/exchanges", w.proves(nil))
			b := w.browser()
			b.login("hosted")
			got := callback(w, b)
			if got.status < 400 || !strings.Contains(got.text, "You are not signed in") {
				t.Errorf("answered %d", got.status)
			}
			if len(w.requests("/v1/logins/exchanges")) > 0 {
				t.Error("Twofold was asked all the same")
			}
			b.signedIn(name, false, false)
		})
	}
}

func TestAStateIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	b := w.browser()
	b.login("hosted")
	cookie := b.session()
	var statuses [8]int
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			statuses[i] = w.browser().do(http.MethodGet, "/callback?code=c&state="+w.state(), nil, "Cookie", "larkspur="+cookie).status
		})
	}
	all.Wait()
	let := 0
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			let++
		}
	}
	if let != 1 || len(w.requests("/v1/logins/exchanges")) != 1 {
		t.Errorf("answered %v, with %d exchanges", statuses, len(w.requests("/v1/logins/exchanges")))
	}
}

// A refusal of the exchange has used the state up all the same.
func TestAnExchangeThatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", problem(422, "return_code_refused", fields{"field": "code"}), w.proves(nil))
	b := w.browser()
	b.login("hosted")
	if got := b.get("/callback?code=c&state=" + w.state()); got.status != http.StatusForbidden || !strings.Contains(got.text, "Detail of return_code_refused.") {
		t.Errorf("answered %d", got.status)
	}
	b.get("/callback?code=c&state=" + w.state())
	b.signedIn("after a refusal", false, false)
}

func TestAnAssertionThatDoesNotFit(t *testing.T) {
	wrong := map[string]fields{
		"nonce": {"nonce": "of-another-login"}, "audience": {"aud": "other"}, "organisation": {"org": "other"}, "user": {"sub": "marc"}, "issuer": {"iss": "https://evil.example"},
		"expired": {"auth_time": time.Now().Add(-time.Hour).Unix(), "iat": time.Now().Add(-10 * time.Minute).Unix(), "exp": time.Now().Add(-5 * time.Minute).Unix()},
	}
	for name, claims := range wrong {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.on("/v1/logins", challenge)
			w.on("/v1/logins/exchanges", w.proves(claims))
			w.unproven(name)
		})
	}
	t.Run("signed by somebody else", func(t *testing.T) {
		w, other := newWorld(t), newFake(t)
		w.on("/v1/logins", challenge)
		w.on("/v1/logins/exchanges", other.proves(nil))
		w.unproven("signed by somebody else")
	})
	t.Run("no assertion at all", func(t *testing.T) {
		w := newWorld(t)
		w.on("/v1/logins", challenge)
		w.on("/v1/logins/exchanges", just(fields{"status": "complete", "assertion": "a.b.c"}))
		w.unproven("no assertion at all")
	})
}

// unproven goes to the callback, and demands that nobody is let in and that somebody hears of it.
func (w *world) unproven(what string) {
	w.t.Helper()
	b := w.browser()
	b.login("hosted")
	if got := b.get("/callback?code=c&state=" + w.state()); got.status != http.StatusForbidden {
		w.t.Errorf("%s: answered %d", what, got.status)
	}
	b.signedIn(what, false, false)
	if !strings.Contains(w.log.String(), "an assertion was refused") || strings.Contains(w.log.String(), "eyJ") {
		w.t.Errorf("%s: logged %q", what, w.log)
	}
}

// Complete without an assertion lets in and proves nothing.
func TestCompleteWithoutAnAssertion(t *testing.T) {
	w := newWorld(t)
	offered := just(fields{"status": "complete", "reason": "not_enrolled", "next": fields{"url": "https://twofold.example/prompt?login=y"}})
	w.on("/v1/logins", offered)
	w.on("/v1/logins/exchanges", w.proves(nil))
	b := w.browser()
	if got := b.login("hosted"); got.location != "/" {
		t.Errorf("sent to %q", got.location)
	}
	b.signedIn("without a second factor", true, false)
	if home := b.get("/").text; !strings.Contains(home, "Set up two-factor") {
		t.Error("nothing is offered")
	}
	before := b.session()
	if got := b.do(http.MethodPost, "/setup", nil); got.location != "https://twofold.example/prompt?login=y" {
		t.Errorf("%d to %q", got.status, got.location)
	}
	b.signedIn("while it is set up", true, false)
	b.get("/callback?error=not_verified&state=" + w.state())
	b.signedIn("given up", true, false)
	b.do(http.MethodPost, "/setup", nil)
	b.get("/callback?code=c&state=" + w.state())
	b.signedIn("set up", true, true)
	if old := w.browser().do(http.MethodGet, "/", nil, "Cookie", "larkspur="+before); b.session() == before || strings.Contains(old.text, "Sign out") {
		t.Error("the session kept its id, or the old one is good still")
	}
}

func TestWhoeverIsNotLetIn(t *testing.T) {
	for name, answer := range map[string]fields{
		"denied":                       {"status": "denied", "reason": "locked", "until": "2030-01-02T15:04:05Z"},
		"suspended":                    {"status": "denied", "reason": "suspended"},
		"a status of later versions":   {"status": "complete?"},
		"a challenge without a prompt": {"status": "challenge", "next": fields{"do": "answer"}},
		"an enrolment without one":     {"status": "enroll"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.on("/v1/logins", just(answer))
			b := w.browser()
			if got := b.login("hosted"); got.status != http.StatusForbidden || !strings.Contains(got.text, "You are not signed in") {
				t.Errorf("answered %d", got.status)
			}
			b.signedIn(name, false, false)
		})
	}
}

// If Twofold cannot be reached, nobody gets in, at whatever point, and the log says so loudly.
func TestItFailsClosed(t *testing.T) {
	down := map[string]func(asked) reply{"no answer": cut, "503": unreached, "a wrong key": problem(401, "unauthenticated", nil), "unreadable": unreadable}
	reached := map[string]bool{"a wrong key": true, "unreadable": true}
	for name, answer := range down {
		for _, way := range []string{"hosted", "own"} {
			w := newWorld(t)
			w.on("/v1/logins", answer)
			b := w.browser()
			if got := b.login(way); got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "nobody is let in") {
				t.Errorf("%s, %s: answered %d", name, way, got.status)
			}
			b.signedIn(name+" "+way, false, false)
			w.loud(name, reached[name])
		}
		w := newWorld(t)
		w.on("/v1/logins", challenge)
		w.on("/v1/logins/exchanges", answer)
		b := w.browser()
		b.login("hosted")
		if got := b.get("/callback?code=c&state=" + w.state()); got.status != http.StatusServiceUnavailable {
			t.Errorf("%s at the exchange: answered %d", name, got.status)
		}
		b.signedIn(name+" at the exchange", false, false)
		w.loud(name, reached[name])
	}
}

func (w *world) loud(what string, reached bool) {
	w.t.Helper()
	if strings.Contains(w.log.String(), "TWOFOLD CANNOT BE REACHED") == reached {
		w.t.Errorf("%s: logged %q", what, w.log)
	}
	if said := w.log.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, "nobody is let in") || strings.Contains(said, "tfk_key") {
		w.t.Errorf("%s: logged %q", what, said)
	}
}

// Keys that cannot be had prove nothing; another one than is known has them fetched again, at most once a minute.
func TestKeysAreFetchedWhenOneIsUnknown(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	enter := func(what string, in bool, fetched int) {
		t.Helper()
		b := w.browser()
		b.login("hosted")
		b.get("/callback?code=c&state=" + w.state())
		b.signedIn(what, in, in)
		if w.keys != fetched {
			t.Errorf("%s: keys were fetched %d times", what, w.keys)
		}
	}
	enter("the first", true, 1)
	enter("the second", true, 1)
	w.rotate("two")
	enter("rotated a moment ago", false, 1)
	w.ahead = time.Minute
	enter("a minute later", true, 2)
	w.app.assertions.verifier, w.app.assertions.api = nil, "http://127.0.0.1:1"
	enter("without keys", false, 2)
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", just(fields{"status": "complete", "reason": "not_enrolled"}), challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	b := w.browser()
	evil := url.Values{"email": {"lena@larkspur.example"}, "password": {"meadow-lantern-42"}}
	for _, name := range []string{"next", "return_to", "redirect_uri", "url", "state"} {
		evil.Set(name, "https://evil.example/")
	}
	if got := b.do(http.MethodPost, "/login?"+evil.Encode(), evil); got.location != "/" {
		t.Errorf("a login sends to %q", got.location)
	}
	b.login("hosted")
	query := maps.Clone(evil)
	query.Set("state", w.state())
	query.Set("code", "c")
	if got := b.get("/callback?" + query.Encode()); got.location != "/" {
		t.Errorf("the callback sends to %q", got.location)
	}
	for _, path := range []string{"//evil.example", "/verify?next=//evil.example", "/?as=//evil.example", "/login"} {
		if got := b.get(path); strings.Contains(got.location, "//") {
			t.Errorf("%s sends to %q", path, got.location)
		}
	}
}
