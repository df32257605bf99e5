package attack_test

import (
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// mailServices lets the organisation have app passwords for services.
func (t *tenant) mailServices(services ...string) {
	t.t.Helper()
	_, o, err := t.store.ReadOrganization(t.t.Context(), access.Credential{ID: "none"}, t.id)
	t.must(err)
	o.Rev++
	o.Entitlements.AppPasswords = true
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o}))
	t.decree(func(p *org.Policy) { p.AppPasswordServices = services })
}

// appPasswords are what is stored of a user, with what has failed from an address.
func (t *tenant) appPasswords(id, address string) (user.AppPasswords, user.AppLimit) {
	t.t.Helper()
	snap, err := t.store.ReadWithAppPasswords(t.t.Context(), access.Credential{ID: "none"}, t.id, id, address)
	t.must(err)
	return snap.AppPasswords, snap.AppLimit
}

// appPassword gives an enrolled user one, as the API would.
func (t *tenant) appPassword(id, service string) string {
	t.t.Helper()
	all, _ := t.appPasswords(id, "")
	password := factor.NewAppPassword()
	a := user.AppPassword{
		ID: user.NewID(), Service: service, Way: org.TOTP, Epoch: t.factors(id).Epoch, CreatedAt: t.clock.Now().Truncate(time.Second),
		Digest: factor.AppPasswordDigest(factor.AppPlace{Organization: t.id, User: id, Service: service}, password),
	}
	var err error
	a.Sealed, err = t.rings["app_passwords"].Seal([]byte(password), all.SealedUse(a.ID))
	t.must(err)
	next := all.Add(a)
	t.must(t.store.Write(t.t.Context(), user.Change{AppPasswords: &next}))
	return factor.ShowAppPassword(password)
}

// withMailClient gives a tenant app passwords for imap and smtp, and an enrolled eve who has one for imap.
func (t *tenant) withMailClient() (p phone, password string) {
	t.t.Helper()
	t.mailServices("imap", "smtp")
	p = t.enrolled(eve)
	return p, t.appPassword(eve, "imap")
}

const household = "198.51.100.7"

// checks asks about a password that came from the household.
func (t *tenant) checks(id, service, password string) request {
	return t.asked("/v1/app-passwords/check", fields{
		"organization": t.id, "user": id, "service": service, "password": password, "browser": fields{"address": household},
	})
}

// proofOf is a fresh proof.
func proofOf(code string) fields { return fields{"method": "totp", "code": code} }

// managing asks for something to be done to eve's first app password, with a fresh proof.
func (t *tenant) managing(what, code string) request {
	t.t.Helper()
	all, _ := t.appPasswords(eve, "")
	r := t.asked(t.path("/users/eve/app-passwords/"+all.All[0].ID+"/"+what), fields{"proof": proofOf(code)})
	r.idempotency = "sample"
	return r
}

// making asks for another one.
func (t *tenant) making(service, code string) request {
	r := t.asked(t.path("/users/eve/app-passwords"), fields{"service": service, "name": "Phone", "proof": proofOf(code)})
	r.idempotency = "sample"
	return r
}

func (t *tenant) takingAway() request {
	all, _ := t.appPasswords(eve, "")
	return request{key: t.admin, method: http.MethodDelete, path: t.path("/users/eve/app-passwords/" + all.All[0].ID)}
}

func appPasswordSamples() []sample {
	with := func(make func(t *tenant, p phone, password string) request) func(t *tenant) request {
		return func(t *tenant) request {
			p, password := t.withMailClient()
			return make(t, p, password)
		}
	}
	return []sample{
		{"a right app password that was used this hour", "check-app-password", with(func(t *tenant, _ phone, password string) request {
			t.send(t.checks(eve, "imap", password)).ok(t.t)
			return t.checks(eve, "imap", password)
		}), 0, 0},
		{"a password of somebody who needs no app password", "check-app-password", with(func(t *tenant, _ phone, _ string) request {
			return t.checks("new", "imap", "correct horse")
		}), 0, 0},
		{"a password for a service that has no app passwords", "check-app-password", with(func(t *tenant, _ phone, password string) request {
			return t.checks(eve, "pop", password)
		}), 0, 0},
		{"all app passwords", "list-app-passwords", with(func(t *tenant, _ phone, _ string) request {
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/app-passwords")}
		}), 0, 0},
		{"an app password", "create-app-password", with(func(t *tenant, p phone, _ string) request { return t.making("smtp", p.code(0)) }), 201, 0},
		{"the first app password", "create-app-password", func(t *tenant) request {
			t.mailServices("imap")
			return t.making("imap", t.enrolled(eve).code(0))
		}, 201, 0},
		{"an app password shown again", "view-app-password", with(func(t *tenant, p phone, _ string) request { return t.managing("view", p.code(0)) }), 200, 0},
		{"an app password revoked", "revoke-app-password", with(func(t *tenant, p phone, _ string) request { return t.managing("revoke", p.code(0)) }), 204, 0},
		{"an app password withdrawn", "withdraw-app-password", with(func(t *tenant, _ phone, _ string) request { return t.takingAway() }), 404, 0}, // it is done
		{"the first code, which brings app passwords", "answer-enrollment", func(t *tenant) request {
			t.mailServices("imap", "smtp")
			e := t.enrolling(eve, atConfirm)
			r := t.asked("/v1/enrollments/answers", fields{"login": e.token, "code": e.phone.code(0)})
			r.idempotency = "sample"
			return r
		}, 200, 0},
		{"a reset of somebody with app passwords", "reset-user", with(func(t *tenant, _ phone, _ string) request {
			r := t.asked(t.path("/users/eve/reset"), fields{"reason": "phone lost"})
			r.key = t.admin
			return r
		}), 200, 1},
	}
}
