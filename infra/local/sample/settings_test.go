package sample

import (
	"net/http"
	"strings"
	"testing"
)

const settingsPath = "/v1/organizations/demo/users/lena/pages"

// in signs Lena in by the hosted way.
func (w *world) in() *browser {
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	b := w.browser()
	b.login("hosted")
	b.get("/callback?code=returned&state=" + w.state())
	b.signedIn("after the prompt", true, true)
	return b
}

func TestWhoIsSignedInIsSentToTheSettings(t *testing.T) {
	w := newWorld(t)
	b := w.in()
	w.on(settingsPath, just(fields{"url": "https://twofold.example/account?page=sealed"}))
	sent := b.do(http.MethodPost, "/settings", nil)
	if sent.status != http.StatusSeeOther || sent.location != "https://twofold.example/account?page=sealed" {
		t.Errorf("%d to %s", sent.status, sent.location)
	}
	asked := w.requests(settingsPath)
	if len(asked) != 1 || asked[0].body["return_to"] != w.address+"/callback" || len(asked[0].body) != 1 {
		t.Errorf("asked %+v", asked)
	}
	if back := b.get("/callback"); back.status != http.StatusSeeOther || back.location != "/" {
		t.Errorf("back: %d to %s", back.status, back.location)
	}
	b.signedIn("back", true, true)
	if strings.Contains(b.get("/").text, "page=sealed") {
		t.Error("the page tells the address")
	}
}

func TestNobodyElseIsSentToTheSettings(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	if sent := b.do(http.MethodPost, "/settings", nil); sent.status != http.StatusSeeOther || sent.location != "/" {
		t.Errorf("not signed in: %d to %s", sent.status, sent.location)
	}
	w.on("/v1/logins", challenge)
	b.login("hosted")
	if sent := b.do(http.MethodPost, "/settings", nil); sent.location != "/" {
		t.Errorf("before the second factor: %d to %s", sent.status, sent.location)
	}
	if asked := w.requests(settingsPath); len(asked) > 0 {
		t.Errorf("asked %+v", asked)
	}
}

func TestWithoutSettingsSomebodyStaysSignedIn(t *testing.T) {
	for name, answer := range map[string]func(asked) reply{
		"none":       func(asked) reply { return reply{} },
		"no address": just(fields{}),
		"a refusal":  problem(http.StatusUnprocessableEntity, "return_address_unknown", nil),
	} {
		w := newWorld(t)
		b := w.in()
		w.on(settingsPath, answer)
		if got := b.do(http.MethodPost, "/settings", nil); got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "Nothing has changed") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		b.signedIn(name, true, true)
	}
}

func TestIDsInPaths(t *testing.T) {
	for id, want := range map[string]string{"lena": "lena", "a/b": "~YS9i", "50%": "~NTAl", "x y": "~eCB5", "\u00e9": "~w6k", ".": "~Lg", "..": "~Li4", "": "~"} {
		if got := segment(id); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
}
