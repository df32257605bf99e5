package attack_test

import (
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// notOneAddress are texts that somebody may send as an address to reach another, or more than one.
var notOneAddress = []any{
	[]string{"eve@login.example", "thief@elsewhere.example"}, "eve@login.example,thief@elsewhere.example",
	"eve@login.example;thief@elsewhere.example", "eve@login.example thief@elsewhere.example",
	"Eve <thief@elsewhere.example>", "<thief@elsewhere.example>", `"eve@login.example"@elsewhere.example`,
	"eve@login.example\r\nBcc: thief@elsewhere.example", "eve@login.example\nTo: thief@elsewhere.example",
	"eve@login.example\x00@elsewhere.example", "eve(comment)@login.example", "еve@login.example", "eve@[192.0.2.1]",
	"eve@login", "eve@", "@login.example", "eve\u202e@login.example", "eve@login.example%0aBcc:thief@elsewhere.example",
}

func TestARecipientIsOneBareAddress(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling("new", atRecoveryEmail)
	places := map[string]func(address any) reply{
		"a login": func(address any) reply {
			return ten.call(ten.app, "/v1/logins", fields{"organization": ten.id, "user": "mallory", "email": address, "nonce": "nonce-0001"})
		},
		"a recovery address": func(address any) reply {
			return ten.step(e.token, fields{"recovery_email": address, "recovery_email_again": address})
		},
		"an administrator": func(address any) reply {
			return ten.send(request{key: ten.system, method: "PUT", path: ten.path(""), body: fields{
				"name": "Acme", "entitlements": fields{"two_factor": true}, "administrator": fields{"id": "new", "email": address},
			}})
		},
	}
	before := ten.dump()
	for place, send := range places {
		for _, address := range notOneAddress {
			if r := send(address); r.status != 422 && r.status != 400 {
				t.Errorf("%s takes %q: %d", place, address, r.status)
			}
		}
	}
	ten.unchanged(before)
}

// Names and reasons that would write a line of their own are refused; odd ones that are one line stay in their place.
func TestNamesReachMailsAsOneLine(t *testing.T) {
	ten := newProduct(t).tenant()
	rename := func(name string) reply {
		return ten.send(request{key: ten.system, method: "PUT", path: ten.path(""), body: fields{"name": name, "entitlements": fields{"two_factor": true}}})
	}
	for _, name := range []string{"Acme\r\nBcc: thief@elsewhere.example", "Acme\n", "Acme\u2028x", "Ac\u202eme", "\t", "a\x00b"} {
		rename(name).want(t, 422, "invalid_field")
		ten.call(ten.admin, ten.path("/users/eve/reset"), fields{"reason": name + "xx"}).want(t, 422, "invalid_field")
	}
	for _, name := range []string{`"Acme", Inc. <thief@elsewhere.example>`, "Acme; To: thief@elsewhere.example", "Äcme & <b>Söhne</b>"} {
		rename(name).ok(t)
		user := "user" + strings.Repeat("x", len(ten.outbox.sent)+1)
		ten.call(ten.app, "/v1/enrollments", fields{"login": ten.login(user)}).ok(t)
		ten.mailed(loginAddress(user))
		m := ten.outbox.sent[len(ten.outbox.sent)-1]
		if parsed, err := mail.ParseAddress(m.To); err != nil || parsed.Address != m.To || m.To != loginAddress(user) {
			t.Errorf("the mail goes to %q", m.To)
		}
		if strings.ContainsFunc(m.Subject, unicode.IsControl) || !strings.Contains(m.Subject, name) {
			t.Errorf("the subject is %q", m.Subject)
		}
		if strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "<thief") {
			t.Error("a name became markup")
		}
	}
}

func TestARecoveryIsToldAtEveryAddress(t *testing.T) {
	for _, way := range []string{"recovery_email", "recovery_code"} {
		t.Run(way, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p := ten.enrolled(eve)
			token := ten.begun(eve, "nonce-mine")
			r := ten.answer(token, way, ten.codesOf(token, p)[way]).ok(t)
			if a := ten.believed(r, eve, "nonce-mine"); a.Recovery != way || !slices.Contains(a.Methods, "recovery") {
				t.Errorf("the assertion says %q, %v", a.Recovery, a.Methods)
			}
			want := []string{recoveryAddress(eve), loginAddress(eve)}
			for range 2 { // a record delivered twice is one mail
				if to := ten.told("notice-recovery-used"); !slices.Equal(to, want) {
					t.Errorf("told: %v, want %v", to, want)
				}
			}
		})
	}
}

// Orders through one user are limited, whatever the login; the authenticator works all the while.
func TestOrdersAreLimited(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	for range 20 {
		r := ten.call(ten.app, "/v1/logins/codes", fields{"login": ten.login(eve), "method": "recovery_email"})
		if r.status != 200 {
			r.want(t, 429, "too_soon")
		}
		if r.status == 429 && r.header.Get("Retry-After") == "" {
			t.Error("refused without saying for how long")
		}
		ten.clock.Advance(20e9)
		ten.post()
	}
	if n := len(ten.told("code-recover")); n < 2 || n > 5 {
		t.Errorf("%d codes were mailed within seven minutes, want at most 5", n)
	}
	ten.answer(ten.login(eve), "totp", p.code(0)).ok(t)
}
