package sample

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// asks is an answer that asks for a step.
func asks(do, login string) fields {
	return fields{"status": "challenge", "login": login, "next": fields{"do": do, "methods": []string{"totp"}, "ways_back": []string{"recovery_email"}}}
}

var (
	first  = just(asks("answer", "login-1"))
	second = just(asks("answer", "login-2"))
	typed  = url.Values{"do": {"answer"}, "method": {"totp"}, "code": {"123 456"}}
)

// own is a browser that is asked for its code.
func (w *world) own() *browser {
	w.t.Helper()
	b := w.browser()
	if got := b.login("own"); got.location != "/verify" {
		w.t.Fatalf("%d to %q", got.status, got.location)
	}
	b.signedIn("before the code", false, false)
	return b
}

func TestACodeOnOurOwnPage(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", first)
	w.on("/v1/logins/answers", problem(422, "code_refused", nil), problem(429, "too_soon", nil), func(asked) reply {
		return reply{status: 200, body: fields{"status": "complete", "assertion": w.assertion(w.nonce(), nil)}}
	})
	b := w.own()
	for _, code := range []string{"code_refused", "too_soon"} {
		b.do(http.MethodPost, "/verify", typed)
		if text := b.get("/verify").text; !strings.Contains(text, "Detail of "+code+".") || !strings.Contains(text, `autocomplete="one-time-code"`) {
			t.Errorf("%s is not said:\n%s", code, text)
		}
		b.signedIn(code, false, false)
	}
	before := b.session()
	if got := b.do(http.MethodPost, "/verify", typed); got.location != "/" {
		t.Errorf("%d to %q", got.status, got.location)
	}
	b.signedIn("after the code", true, true)
	if b.session() == before {
		t.Error("the session kept its id")
	}
	keys := map[string]bool{}
	for _, a := range w.requests("/v1/logins/answers") {
		if a.body["login"] != "login-1" || a.body["code"] != "123 456" || keys[a.key] {
			t.Errorf("answered %+v", a)
		}
		keys[a.key] = true
	}
	if begun := w.requests("/v1/logins")[0].body; begun["return_to"] != nil || begun["state"] != nil {
		t.Errorf("begun with %v", begun)
	}
	if got := b.do(http.MethodPost, "/verify", typed); got.status != http.StatusBadRequest {
		t.Errorf("a step of a login that is over: %d", got.status)
	}
}

// nonce is that of the latest login.
func (w *world) nonce() string {
	all := w.requests("/v1/logins")
	text, _ := all[len(all)-1].body["nonce"].(string)
	return text
}

// What the table of answers says: begin anew, go on from the decision, say so, refuse.
func TestWhatAnAnswerIsFollowedBy(t *testing.T) {
	decision := asks("enroll", "login-3")
	decision["status"] = "enroll"
	for name, c := range map[string]struct {
		answer   func(asked) reply
		login    string // that goes on; empty: none
		begun    int
		location string
	}{
		"login_ended":                 {problem(409, "login_ended", nil), "login-2", 2, "/verify"},
		"login_invalid":               {problem(422, "login_invalid", nil), "login-2", 2, "/verify"},
		"already_enrolled":            {problem(409, "already_enrolled", nil), "login-2", 2, "/verify"},
		"decision_changed":            {problem(409, "decision_changed", fields{"decision": decision}), "login-3", 1, "/verify"},
		"decision_changed, to denied": {problem(409, "decision_changed", fields{"decision": fields{"status": "denied", "login": "login-3"}}), "", 1, ""},
		"decision_changed, to nobody": {problem(409, "decision_changed", nil), "", 1, ""},
		"method_not_enrolled":         {problem(422, "method_not_enrolled", nil), "login-1", 1, "/verify"},
		"user_deleted":                {problem(409, "user_deleted", nil), "", 1, ""},
		"denied":                      {just(fields{"status": "denied", "reason": "locked"}), "", 1, ""},
		"no answer":                   {cut, "", 1, ""},
		"500":                         {ofGateway, "", 1, ""},
		"403":                         {problem(403, "forbidden", nil), "", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.on("/v1/logins", first, second)
			w.on("/v1/logins/answers", c.answer)
			b := w.own()
			got := b.do(http.MethodPost, "/verify", typed)
			b.signedIn(name, false, false)
			if got.location != c.location || c.location == "" && got.status < 400 || len(w.requests("/v1/logins")) != c.begun {
				t.Errorf("%d to %q, after %d logins", got.status, got.location, len(w.requests("/v1/logins")))
			}
			if c.login == "" {
				return
			}
			if begun := w.requests("/v1/logins"); c.begun == 2 && begun[0].body["nonce"] == begun[1].body["nonce"] {
				t.Error("two logins have one nonce")
			}
			w.on("/v1/logins/answers", letIn)
			if text := b.get("/verify").text; !strings.Contains(text, `role="alert"`) {
				t.Error("nothing is said")
			}
			b.do(http.MethodPost, "/verify", typed)
			all := w.requests("/v1/logins/answers")
			if went := all[len(all)-1].body["login"]; went != c.login {
				t.Errorf("goes on with %v", went)
			}
		})
	}
}

// An assertion of pages of our own has to fit as well.
func TestAnAssertionOfOwnPagesMustFit(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", first)
	w.on("/v1/logins/answers", func(asked) reply {
		return reply{status: 200, body: fields{"status": "complete", "assertion": w.assertion("of-another-login", nil)}}
	})
	b := w.own()
	if got := b.do(http.MethodPost, "/verify", typed); got.status != http.StatusForbidden {
		t.Errorf("answered %d", got.status)
	}
	b.signedIn("by another login's assertion", false, false)
}

// The two ways do not mix: a login of the prompt has no steps here, and one of our own pages no callback.
func TestTheWaysDoNotMix(t *testing.T) {
	w := newWorld(t)
	w.on("/v1/logins", challenge)
	w.on("/v1/logins/exchanges", w.proves(nil))
	hosted := w.browser()
	hosted.login("hosted")
	if got := hosted.do(http.MethodPost, "/verify", typed); got.status != http.StatusBadRequest {
		t.Errorf("a step of the prompt's login: %d", got.status)
	}
	own := w.own()
	for _, query := range []string{"?code=c&state=", "?code=c", "?code=c&state=x"} {
		if got := own.get("/callback" + query); got.status != http.StatusBadRequest {
			t.Errorf("a callback of our own pages' login: %d", got.status)
		}
	}
	own.signedIn("by a callback", false, false)
}

// Whoever has no login under way, and is not signed in, gets nothing by asking for a step.
func TestStepsOfNobody(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/setup", "/verify", "/kept"} {
		b := w.browser()
		if got := b.do(http.MethodPost, path, typed); got.status == http.StatusOK || b.session() != "" {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := w.browser().get("/verify"); got.location != "/" {
		t.Errorf("%d to %q", got.status, got.location)
	}
}

func TestEveryStepHasItsPage(t *testing.T) {
	for do, want := range map[string]string{
		"answer": `name="method" value="bypass_code"`, "enroll": `value="enroll"`, "prove": `name="code"`, "recovery_email": `name="recovery_email_again"`,
		"verify_recovery": `value="resend"`, "choose_method": `name="phone"`, "confirm": `class="key">KEY<`,
	} {
		w := newWorld(t)
		answer := asks(do, "login-1")
		next := answer["next"].(fields)
		next["methods"], next["remember_days"], next["setup"] = []string{"email", "sms"}, 7, fields{"secret": "KEY", "qr_png": "iVBORw0KGgo="}
		w.on("/v1/logins", just(answer))
		text := w.own().get("/verify").text
		if !strings.Contains(text, want) || strings.Contains(text, "ZgotmplZ") || !strings.Contains(text, "</html>") {
			t.Errorf("%s:\n%s", do, text)
		}
		if remembered := strings.Contains(text, `name="remember"`); remembered != (do == "answer" || do == "confirm") {
			t.Errorf("%s offers to remember: %t", do, remembered)
		}
	}
}

// What the user does is sent as one thing, and nothing besides.
func TestWhatIsSent(t *testing.T) {
	for _, c := range []struct {
		form url.Values
		path string
		body fields
	}{
		{url.Values{"do": {"order"}, "method": {"sms"}}, "/v1/logins/codes", fields{"method": "sms"}},
		{url.Values{"do": {"answer"}, "method": {"totp"}, "code": {"1"}, "remember": {"yes"}}, "/v1/logins/answers", fields{"method": "totp", "code": "1", "remember": fields{}}},
		{url.Values{"do": {"enroll"}}, "/v1/enrollments", fields{}},
		{url.Values{"do": {"resend"}}, "/v1/enrollments", fields{"resend": true}},
		{url.Values{"do": {"step"}, "code": {"1"}}, "/v1/enrollments/answers", fields{"code": "1"}},
		{url.Values{"do": {"step"}, "recovery_email": {"a"}, "recovery_email_again": {"b"}}, "/v1/enrollments/answers", fields{"recovery_email": "a", "recovery_email_again": "b"}},
		{url.Values{"do": {"step"}, "method": {"sms"}, "phone": {"+49"}}, "/v1/enrollments/answers", fields{"method": "sms", "phone": "+49"}},
	} {
		w := newWorld(t)
		w.on("/v1/logins", first)
		w.on(c.path, second)
		w.own().do(http.MethodPost, "/verify", c.form)
		all := w.requests(c.path)
		if len(all) != 1 {
			t.Fatalf("%v: asked %d times", c.form, len(all))
		}
		c.body["login"] = "login-1"
		if got, want := all[0].body, c.body; !same(got, want) {
			t.Errorf("%v: sent %v", c.form, got)
		}
	}
}

func same(a, b any) bool {
	x, isObject := a.(fields)
	y, too := b.(fields)
	if !isObject || !too {
		return a == b
	}
	for name := range x {
		if !same(x[name], y[name]) {
			return false
		}
	}
	return len(x) == len(y)
}
