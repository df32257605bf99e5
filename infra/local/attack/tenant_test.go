package attack_test

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/seal"
	"twofold/pkg/user"
)

// tenant is one organisation with a key of every role.
type tenant struct {
	*product
	id        string
	app       string // application crm
	app2      string // application shop
	admin     string // administrator ann, who may do everything
	admin2    string // administrator bob, likewise
	powerless string // an administrator's key without permissions
	reader    string
	adminKey  string // the id of admin's key
	system    string // a system administrator of its own, whose step-ups no other tenant's are counted with
	nonces    int
}

// tenant makes an organisation with its people and keys, in one write: the API's own way is among the samples.
func (p *product) tenant() *tenant {
	p.t.Helper()
	p.post() // what earlier tenants ordered is not this one's
	p.outbox.sent = nil
	p.made++
	t, now := &tenant{product: p, id: fmt.Sprintf("tenant-%d", p.made)}, p.clock.Now()
	o := org.Organization{
		ID: t.id, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true}, CreatedAt: now, Rev: 1,
		Policy: org.DefaultOrganizationPolicy(now),
	}
	c := policy.Change{Organization: &o, History: &o.Policy, Roster: &org.Roster{Organization: t.id, Rev: 1, Writers: []string{"ann", "bob"}}}
	t.admin = t.key(&c, access.OrganizationAdministrator, "ann", access.Permissions()...)
	t.adminKey = c.Keys[0].ID
	t.admin2 = t.key(&c, access.OrganizationAdministrator, "bob", access.Permissions()...)
	t.powerless = t.key(&c, access.OrganizationAdministrator, "ann")
	t.app, t.app2 = t.key(&c, access.Application, "crm"), t.key(&c, access.Application, "shop")
	t.reader = t.key(&c, access.Reader, "siem")
	keys := map[string][]string{}
	for _, k := range c.Keys {
		keys[k.Holder] = append(keys[k.Holder], k.ID)
	}
	for _, id := range []string{"ann", "bob"} {
		c.Administrators = append(c.Administrators, org.Administrator{
			ID: id, Organization: t.id, Email: id + "@" + t.id + ".example", Permissions: everything(), Keys: keys[id], CreatedAt: now, Rev: 1,
		})
	}
	for _, id := range []string{"crm", "shop"} {
		c.Applications = append(c.Applications, org.Application{ID: id, Organization: t.id, Keys: keys[id], CreatedAt: now, Rev: 1})
	}
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, c))
	t.system = p.systemAdministrator("root-"+t.id, "root@"+t.id+".example")
	t.must(t.store.WritePeople(t.t.Context(), people.Change{
		Readers: []org.Reader{{ID: "siem", Organization: t.id, Keys: keys["siem"], CreatedAt: now, Rev: 1}},
	}))
	return t
}

// everything is all permissions, in words.
func everything() []string {
	var words []string
	for _, p := range access.Permissions() {
		words = append(words, string(p))
	}
	return words
}

// key makes one as part of a change.
func (t *tenant) key(c *policy.Change, role access.Role, holder string, permissions ...access.Permission) string {
	key, text := access.NewKey(role, t.clock.Now())
	key.Holder, key.Organizations, key.Permissions = holder, []string{t.id}, permissions
	c.Keys = append(c.Keys, key)
	return text
}

func (t *tenant) in(sub *testing.T) *tenant {
	u := *t
	u.product = t.product.in(sub)
	return &u
}

func (t *tenant) path(rest string) string { return "/v1/organizations/" + t.id + rest }

// call sends a body to a path with a key.
func (t *tenant) call(key, path string, body fields) reply {
	t.t.Helper()
	return t.send(request{key: key, method: http.MethodPost, path: path, body: body})
}

func loginAddress(id string) string    { return id + "@login.example" }
func recoveryAddress(id string) string { return id + "@home.example" }

// begin asks what to do with a user.
func (t *tenant) begin(id string) reply {
	t.t.Helper()
	t.nonces++
	return t.call(t.app, "/v1/logins", fields{
		"organization": t.id, "user": id, "email": loginAddress(id), "nonce": fmt.Sprintf("nonce-%06d", t.nonces),
	})
}

// login begins one and gives its token.
func (t *tenant) login(id string) string {
	t.t.Helper()
	return t.begin(id).ok(t.t).text("login")
}

// answer submits a code with an idempotency key of its own.
func (t *tenant) answer(token, method, code string) reply {
	t.t.Helper()
	t.nonces++
	return t.answerAs(token, method, code, fmt.Sprintf("try-%06d", t.nonces))
}

func (t *tenant) answerAs(token, method, code, idempotency string) reply {
	t.t.Helper()
	return t.send(request{
		key: t.app, method: http.MethodPost, path: "/v1/logins/answers", idempotency: idempotency,
		body: fields{"login": token, "method": method, "code": code},
	})
}

// step answers what an enrolment waits for.
func (t *tenant) step(token string, body fields) reply {
	t.t.Helper()
	body["login"] = token
	t.nonces++
	return t.send(request{
		key: t.app, method: http.MethodPost, path: "/v1/enrollments/answers", body: body,
		idempotency: fmt.Sprintf("step-%06d", t.nonces),
	})
}

// phone is an authenticator app.
type phone struct {
	clock  func() time.Time
	secret string // base32
}

// code is the one shown now plus an offset.
func (p phone) code(offset time.Duration) string {
	code, err := hotp.GenerateCode(p.secret, uint64(factor.TOTPStep(p.clock().Add(offset))))
	if err != nil {
		panic(err)
	}
	return code
}

// wrong is a code that no step around now has.
func (p phone) wrong() string {
	return notOf(6, p.code(-30*time.Second), p.code(0), p.code(30*time.Second))
}

// notOf is a code of n digits that is none of those.
func notOf(n int, codes ...string) string {
next:
	for i := 0; ; i++ {
		guess := fmt.Sprintf("%0*d", n, i)
		for _, code := range codes {
			if code == guess {
				continue next
			}
		}
		return guess
	}
}

// enrolled writes a user with one authenticator, ten recovery codes and a verified recovery address.
func (t *tenant) enrolled(id string) phone {
	t.t.Helper()
	return t.enrolledFrom(user.Profile{Organization: t.id, User: id, Email: loginAddress(id), RegisteredAt: t.clock.Now()})
}

// enrolledFrom does so for a user with that profile.
func (t *tenant) enrolledFrom(p user.Profile) phone {
	t.t.Helper()
	const authenticator = "a1b2c3d4e5f60718"
	id, codes, secret, now := p.User, t.rings[seal.Codes], factor.NewTOTPSecret(), t.clock.Now()
	f := user.Factors{Organization: t.id, User: id}.Next()
	sealed, err := t.rings[seal.Secrets].Seal(secret, f.SecretUse(authenticator))
	t.must(err)
	f.Authenticators = []user.Authenticator{{ID: authenticator, Method: org.TOTP, Secret: sealed, CreatedAt: now}}
	f.RecoveryCodes = f.RecoveryCodes.Renew(codes.PRFKeyID())
	p = p.Next()
	p.Methods, p.EnrolledAt = f.Methods(), now
	p.RecoveryEmail, err = t.rings[seal.Contacts].Seal([]byte(recoveryAddress(id)), user.RecoveryUse(t.id, id))
	t.must(err)
	p.RecoveryDigest, err = factor.AddressDigest(codes, codes.PRFKeyID(), recoveryAddress(id))
	t.must(err)
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f, Profile: &p}))
	return phone{t.clock.Now, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)}
}

// recoveryCode is one of the saved codes that an enrolled user has.
func (t *tenant) recoveryCode(id string, index int) string {
	t.t.Helper()
	f := t.factors(id)
	code, err := factor.RecoveryCode(t.rings[seal.Codes], f.RecoveryCodes.KeyID, f.RecoverySet(), index)
	t.must(err)
	return code
}

func (t *tenant) factors(id string) user.Factors {
	t.t.Helper()
	_, _, f, err := t.store.Recipient(t.t.Context(), t.id, id)
	t.must(err)
	return f
}

// failures are the wrong tries that were counted against a user.
func (t *tenant) failures(id string) int {
	t.t.Helper()
	return len(t.factors(id).Throttle.Failures)
}

// events counts the audit events of a kind.
func (t *tenant) events(kind audit.Kind) int {
	t.t.Helper()
	all, _, err := t.store.Events(t.t.Context(), t.id, report.EventQuery{Limit: 200})
	t.must(err)
	n := 0
	for _, e := range all {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// decree makes the next version of the policy without the ceremony, and may say what no route can yet.
func (t *tenant) decree(change func(*org.Policy)) {
	t.t.Helper()
	_, o, err := t.store.ReadOrganization(t.t.Context(), access.Credential{ID: "none"}, t.id)
	t.must(err)
	o.Rev++
	o.Policy.Version++
	change(&o.Policy)
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o}))
}

func forced(p *org.Policy) { p.Status = org.Forced }
