package attack_test

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/org"
)

// results are what an import says of each line: the result, and the code of a refusal.
func (r reply) results() []string {
	var all []string
	list, _ := r.at("results").([]any)
	for _, one := range list {
		l := one.(fields)
		said := fmt.Sprintf("%v %v", l["line"], l["result"])
		if code, ok := l["code"].(string); ok {
			said += " " + code
		}
		all = append(all, said)
	}
	return all
}

func (t *tenant) imported(what string, r request, want ...string) reply {
	t.t.Helper()
	got := t.send(r).ok(t.t)
	if !slices.Equal(got.results(), want) {
		t.t.Errorf("%s: %q, want %q", what, got.results(), want)
	}
	return got
}

// A vendor moves: the app that a user has goes on giving codes, from the first login.
func TestAnImportedAuthenticatorGoesOn(t *testing.T) {
	ten := newProduct(t).tenant()
	line, p := ten.bringing(eve)
	r := ten.importing(ten.admin, line, named("new"))
	ten.imported("the first time", r, "1 created", "2 created")
	before := ten.dump()
	if again := ten.imported("again", r, "1 unchanged", "2 unchanged"); again.at("unchanged") != 2.0 {
		t.Errorf("counted %s", again.raw)
	}
	ten.unchanged(before)
	if to := ten.told("notice-user-enrolled"); !slices.Equal(to, []string{loginAddress(eve)}) {
		t.Errorf("told %v", to)
	}
	begun := ten.begin(eve).ok(t)
	if ways := begun.at("next", "ways_back"); begun.text("status") != "challenge" || ways != nil && len(ways.([]any)) > 0 {
		t.Errorf("a login is answered %s", begun.raw)
	}
	token := begun.text("login")
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).want(t, 422, "way_not_open")
	ten.enrolled("other")
	ten.answer(token, "recovery_code", ten.recoveryCode("other", 0)).want(t, 422, "way_not_open")
	ten.answer(token, "totp", p.wrong()).want(t, 422, "code_refused")
	good := ten.answer(token, "totp", p.code(0)).ok(t)
	if good.text("assertion") == "" {
		t.Error("the old app's code gives no assertion")
	}
	ten.answer(ten.login(eve), "totp", p.code(0)).want(t, 422, "code_refused") // once
	if n := ten.events(audit.UserEnrolled); n != 1 || ten.events(audit.UserRegistered) != 2 {
		t.Errorf("%d enrolments are recorded", n)
	}
	ten.imported("after a login", r, "1 unchanged", "2 unchanged")
	other, _ := ten.bringing(eve)
	ten.imported("another secret", ten.importing(ten.admin, other), "1 refused already_enrolled")
}

// Whoever holds a secret signs in with it: an application, which needs no second word, plants none, and neither does who may not reset.
func TestWhoImportsAuthenticators(t *testing.T) {
	ten := newProduct(t).tenant()
	line, _ := ten.bringing(eve)
	malformed := named("other")
	malformed["otpauth"] = "otpauth://"
	everybody := ten.everybody()
	may := func(p permitted) bool {
		return p.role == "org_admin" && slices.Contains(p.permissions, "users:write") && slices.Contains(p.permissions, "users:reset")
	}
	before, refused := ten.dump(), 0
	for _, p := range everybody {
		if may(p) {
			continue
		}
		for _, l := range []fields{line, malformed} {
			refused++
			if r := ten.send(ten.importing(p.key, named("new"), l)); r.status != 403 {
				t.Errorf("%s: %d %s", p.name, r.status, r.code())
			}
		}
	}
	ten.unchanged(before)
	ten.send(ten.importing(ten.powerless, line)).want(t, 403, "permission_missing")
	ten.send(ten.importing(ten.app, line)).want(t, 403, "role_forbidden")
	if refused < 20 {
		t.Errorf("%d are refused only", refused)
	}
	ten.imported("an administrator", ten.importing(ten.admin, line), "1 created")
}

// Never enrolled means never: neither a reset nor a switch-off nor a deletion lets somebody else choose the next secret.
func TestOnlyUsersNeverEnrolledBringAnAuthenticator(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *tenant)
		want   string
	}{
		"enrolled":        {func(t *tenant) { t.enrolled(eve) }, "1 refused already_enrolled"},
		"reset":           {func(t *tenant) { t.enrolled(eve); t.reset(eve) }, "1 refused enrolled_before"},
		"switched off":    {func(t *tenant) { p := t.enrolled(eve); t.disable(eve, p.code(0)) }, "1 refused enrolled_before"},
		"reset after one": {func(t *tenant) { l, _ := t.bringing(eve); t.send(t.importing(t.admin, l)).ok(t.t); t.reset(eve) }, "1 refused enrolled_before"},
		"deleted":         {func(t *tenant) { t.gone(eve) }, "1 refused user_deleted"},
		"never, deleted":  {func(t *tenant) { t.login(eve); t.send(t.delete(eve)).ok(t.t) }, "1 refused user_deleted"},
		"registered again": {func(t *tenant) {
			t.login(eve)
			t.send(t.delete(eve)).ok(t.t)
			t.send(t.registering(t.admin, eve, loginAddress(eve))).ok(t.t)
		}, "1 refused enrolled_before"},
		"no TOTP":   {func(t *tenant) { t.decree(func(p *org.Policy) { p.Methods = []org.Method{org.Email} }) }, "1 refused method_not_allowed"},
		"enrolling": {func(t *tenant) { t.enrolling(eve, atConfirm) }, "1 updated"},
	} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			c.before(ten)
			before := ten.factors(eve)
			line, _ := ten.bringing(eve)
			ten.imported(name, ten.importing(ten.admin, line), c.want)
			if after := ten.factors(eve); strings.Contains(c.want, "refused") && after.Rev != before.Rev {
				t.Error("something was written all the same")
			}
		})
	}
}

func (t *tenant) reset(id string) {
	t.t.Helper()
	t.call(t.admin, t.path("/users/"+id+"/reset"), fields{"reason": "phone lost"}).ok(t.t)
}

func (t *tenant) disable(id, code string) {
	t.t.Helper()
	t.call(t.app, t.path("/users/"+id+"/disable"), fields{"proof": fields{"code": code}}).ok(t.t)
}

// An enrolment that an import overtakes does not come to an end of its own.
func TestAnImportEndsAnEnrolment(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling(eve, atConfirm)
	line, p := ten.bringing(eve)
	ten.imported("meanwhile", ten.importing(ten.admin, line), "1 updated")
	e.step(e.token, fields{"code": e.phone.code(0)}).want(t, 409, "already_enrolled")
	ten.answer(ten.login(eve), "totp", p.code(0)).ok(t)
	if n := len(ten.factors(eve).Authenticators); n != 1 {
		t.Errorf("%d authenticators", n)
	}
}

func TestAnImportKeepsToTheLimitOfUsers(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.send(request{key: ten.system, method: http.MethodPut, path: ten.path(""), body: fields{
		"name": "Acme", "entitlements": fields{"two_factor": true, "user_limit": 2},
	}}).ok(t)
	var lines []fields
	for i := range 4 {
		l, _ := ten.bringing(fmt.Sprintf("user-%d", i))
		lines = append(lines, l)
	}
	ten.imported("beyond", ten.importing(ten.admin, lines...), "1 created", "2 created", "3 refused user_limit_reached", "4 refused user_limit_reached")
}

// One bad line stops no other, and is told by its number alone: nothing of it is repeated but an id.
func TestBadLinesStopNoOther(t *testing.T) {
	ten := newProduct(t).tenant()
	uri := func(params string) string { return "otpauth://totp/Old:x?secret=" + strings.Repeat("A", 32) + params }
	lines := []string{
		`{"user":"a","email":"a@login.example"}`,
		`{"user":"b","email":"b@login.example","` + marker + `":1}`,
		`{"user":"b","user":"c","email":"` + marker + `@login.example"}`,
		`{"user":"b","email":null}`, `{"user":1,"email":"b@login.example"}`, `["b","` + marker + `"]`, `{"user":"b"`, `{"user":"b","email":"b@login.example"} {}`,
		"{\"user\":\"\xff\",\"email\":\"b@login.example\"}", "{\"user\":\"b\ufffd\",\"email\":\"b@login.example\"}", `{"user":"b\u0000","email":"b@login.example"}`,
		``, "   ", "\t\r",
		`{"user":"b","email":"` + marker + `"}`, `{"email":"b@login.example"}`, `{"user":"` + strings.Repeat("b", 129) + `","email":"b@login.example"}`,
		`{"user":"d","email":"d@login.example","otpauth":"` + marker + `"}`,
		`{"user":"d","email":"d@login.example","otpauth":"` + uri("&algorithm=SHA256") + `"}`,
		`{"user":"d","email":"d@login.example","otpauth":"` + uri("&digits=8") + `"}`,
		`{"user":"d","email":"d@login.example","otpauth":"` + uri("&period=60") + `"}`,
		`{"user":"d","email":"d@login.example","otpauth":"` + uri("&secret="+marker) + `"}`,
		`{"user":"d","email":"d@login.example","otpauth":"otpauth://totp/x?secret=AAAAAAAAAAAAAAAA"}`,
		`{"user":"a","email":"thief@elsewhere.example"}`,
		`{"user":"e","email":"e@login.example"}` + "\r",
	}
	r := ten.importing(ten.admin)
	r.body = strings.Join(lines, "\n")
	got := ten.imported("NDJSON", r, "1 created", "2 refused unknown_field", "3 refused duplicate_key", "4 refused invalid_field", "5 refused invalid_field",
		"6 refused invalid_field", "7 refused invalid_json", "8 refused invalid_json", "9 refused invalid_utf8", "10 refused invalid_utf8", "11 refused invalid_field",
		"15 refused invalid_email", "16 refused invalid_field", "17 refused invalid_field", "18 refused invalid_otpauth",
		"19 refused unsupported_authenticator", "20 refused unsupported_authenticator", "21 refused unsupported_authenticator",
		"22 refused invalid_otpauth", "23 refused secret_size", "24 refused duplicate_line", "25 created")
	if strings.Contains(got.raw, strings.Repeat("A", 16)) || strings.Contains(got.raw, "thief") || strings.Count(got.raw, marker) > 1 { // the name of a field
		t.Errorf("the answer repeats what was refused: %s", got.raw)
	}
	csv := ten.importingCSV(ten.app, "user,email", "f,f@login.example", `g,"g@login.example`, `"h,h@login.example`, `i,i@login.example,x`, `j`, "k\rl,k@login.example",
		`"m""n",m@login.example`, "o,o@login.example\r\nBcc: x", `p,"p@login.example"`)
	ten.imported("CSV", csv, "2 created", "3 refused invalid_csv", "4 refused invalid_csv", "5 refused invalid_csv", "6 refused invalid_csv", "7 refused invalid_field",
		"8 created", "9 created", "10 refused invalid_csv", "11 created")
}

// What is wrong with the whole is said of the whole, and nothing is done.
func TestBodiesThatAreNoLines(t *testing.T) {
	ten := newProduct(t).tenant()
	csv := func(text string) request { r := ten.importingCSV(ten.app); r.body = text; return r }
	ndjson := func(text string) request { r := ten.importing(ten.app); r.body = text; return r }
	as := func(media string) request {
		r := ndjson(`{"user":"a","email":"a@login.example"}`)
		r.mediaType = media
		return r
	}
	before := ten.dump()
	for _, c := range []struct {
		name   string
		r      request
		status int
		code   string
	}{
		{"nothing", ndjson(""), 400, "missing_body"}, {"blank lines", ndjson("\n\r\n \n"), 422, "no_lines"},
		{"a header alone", csv("user,email\r\n"), 422, "no_lines"}, {"no header", csv("a,a@login.example"), 400, "unknown_field"},
		{"a secret as a column", csv("user,email," + marker + " \x01"), 400, "unknown_field"}, {"an unknown column", csv("user,email,Otpauth\na,b,c"), 400, "unknown_field"},
		{"a column twice", csv("user,email,user\na,b,c"), 400, "duplicate_key"}, {"a column missing", csv("user,otpauth\na,"), 422, "missing_field"},
		{"a header that is none", csv("\"user,email\na,b"), 400, "invalid_csv"}, {"lines ended by CR", csv("user,email\ra,a@login.example\r"), 400, "unknown_field"},
		{"too many lines", ndjson(strings.Repeat("{}\n", 1001)), 422, "too_many_lines"}, {"too large", ndjson(strings.Repeat(" ", 1<<20+1)), 413, "body_too_large"},
		{"as JSON", as("application/json"), 415, "unsupported_media_type"}, {"as text", as("text/plain"), 415, "unsupported_media_type"},
		{"in another charset", as("application/x-ndjson; charset=utf-16"), 415, "unsupported_media_type"},
	} {
		got := ten.send(c.r)
		if got.status != c.status || got.code() != c.code {
			t.Errorf("%s: answered %d %s, want %d %s", c.name, got.status, got.code(), c.status, c.code)
		}
		if strings.Contains(got.raw, marker) {
			t.Errorf("%s: the answer repeats what was refused", c.name)
		}
	}
	ten.unchanged(before)
	ten.send(ndjson(strings.Repeat("{}\n", 1000))).ok(t)
	ten.send(csv("\ufeffuser,email\r\na,a@login.example")).ok(t)
}

// An import writes another address as put-user does: with the notice, and an end to codes under way.
func TestAnImportChangesAddresses(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling(eve, atRecoveryEmail)
	ten.imported("another address", ten.importing(ten.app, fields{"user": eve, "email": otherAddress}), "1 updated")
	e.nameRecovery(otherAddress).want(t, 409, "wrong_step")
	if to := ten.told("notice-user-email_changed"); !slices.Equal(to, []string{otherAddress, loginAddress(eve)}) {
		t.Errorf("told %v", to)
	}
}

// Lines at the edge of what an app's own export looks like.
func TestSecretsAsAppsExportThem(t *testing.T) {
	ten := newProduct(t).tenant()
	secret := factor.NewTOTPSecret()
	plain := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	var lines []fields
	for i, uri := range []string{
		"otpauth://totp/Old:x?secret=" + plain, "otpauth://totp/x?secret=" + strings.ToLower(plain) + "&issuer=Old",
		"otpauth://totp/x?secret=" + plain[:4] + "%20" + plain[4:] + "&algorithm=sha1&image=https%3A%2F%2Fold.example%2Fi.png",
		"otpauth://totp/x?secret=" + base32.StdEncoding.EncodeToString(append(slices.Clone(secret), 1)),
	} {
		l := named(fmt.Sprintf("user-%d", i))
		l["otpauth"] = uri
		lines = append(lines, l)
	}
	ten.imported("exports", ten.importing(ten.admin, lines...), "1 created", "2 created", "3 created", "4 created")
	for i := range 3 {
		id := fmt.Sprintf("user-%d", i)
		ten.answer(ten.login(id), "totp", phone{ten.clock.Now, plain}.code(0)).ok(t)
	}
	ten.clock.Advance(time.Minute)
	for key, text := range ten.dump() {
		if strings.Contains(text, plain) || strings.Contains(text, "otpauth") {
			t.Errorf("a secret stands in the table at %s", key)
		}
	}
}
