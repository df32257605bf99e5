package storetest

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/hotp"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// Organization is the one that a World has.
const Organization = "acme.example"

// World is an organisation with an application, an administrator and a system administrator, and the
// workflows on a store.
type World struct {
	Store     Contract
	Clock     *Clock
	Keys      Keys
	Verify    *verify.Service
	Enroll    *enroll.Service
	Policy    *policy.Service
	People    *people.Service
	Admission *admission.Service
	// Callers, each with a key of its own.
	Application, Administrator, System access.Caller
}

// ReturnAddress is the one that the application has.
const ReturnAddress = "https://crm.acme.example/back"

// NewWorld writes the organisation and its people into an empty store.
func NewWorld(t testing.TB, store Contract) *World {
	t.Helper()
	w := &World{Store: store, Clock: NewClock()}
	k := w.Keys
	w.Verify = &verify.Service{Store: store, Tokens: k, Retries: k, Secrets: k, Codes: k, Signer: k, Now: w.Clock.Now}
	w.Enroll = &enroll.Service{
		Store: store, Tokens: k, Retries: k, Secrets: k, Contacts: k, Codes: k, AppPasswordKeys: k, Signer: k, Now: w.Clock.Now,
	}
	w.Policy = &policy.Service{Store: store, Codes: k, Secrets: k, Now: w.Clock.Now, Originations: "arn:aws:sms-voice:eu-west-1:000000000000:"}
	w.People = &people.Service{Store: store, Codes: k, Secrets: k, Now: w.Clock.Now}
	w.Admission = &admission.Service{Store: store, Codes: k, Now: w.Clock.Now}
	now := w.Clock.Now()
	o := org.Organization{
		ID: Organization, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true}, CreatedAt: now, Rev: 1,
		Policy: org.DefaultOrganizationPolicy(now),
	}
	change := policy.Change{Organization: &o, History: &o.Policy, Events: []audit.Event{w.Event(audit.OrganizationCreated, "")}}
	w.Application = w.issue(t, &change, access.Application, "crm")
	change.Keys[0].ReturnAddresses = []string{ReturnAddress}
	change.Applications = []org.Application{{
		ID: "crm", Organization: Organization, Name: "CRM", Keys: []string{w.Application.Credential.ID}, CreatedAt: now, Rev: 1,
		ReturnAddresses: change.Keys[0].ReturnAddresses,
	}}
	w.Administrator = w.administrator(t, &change, "ann")
	change.Roster = &org.Roster{Organization: Organization, Rev: 1, Writers: []string{"ann"}}
	must(t, store.WriteOrganization(t.Context(), Organization, change))
	system, text := access.NewKey(access.SystemAdministrator, now)
	system.Holder = "root"
	system.Everywhere = true
	boot := w.Event(audit.SystemBootstrapped, "")
	boot.Organization = ""
	must(t, store.CreateSystemAdministrator(t.Context(), system, "Root", "root@vendor.example", boot))
	w.System = caller(t, text)
	return w
}

// AddAdministrator gives the organisation another administrator, who may do everything.
func (w *World) AddAdministrator(t testing.TB, id string) access.Caller {
	t.Helper()
	change := policy.Change{Events: []audit.Event{w.Event(audit.AdministratorAdded, "")}}
	c := w.administrator(t, &change, id)
	roster, err := w.Store.Roster(t.Context(), Organization)
	must(t, err)
	roster.Rev++
	roster.Writers = append(roster.Writers, id)
	change.Roster = roster
	must(t, w.Store.WriteOrganization(t.Context(), Organization, change))
	return c
}

func (w *World) administrator(t testing.TB, change *policy.Change, id string) access.Caller {
	var words []string
	for _, p := range access.Permissions() {
		words = append(words, string(p))
	}
	c := w.issue(t, change, access.OrganizationAdministrator, id)
	change.Administrators = append(change.Administrators, org.Administrator{
		ID: id, Organization: Organization, Name: id, Email: id + "@acme.example", Permissions: words,
		Keys: []string{c.Credential.ID}, CreatedAt: w.Clock.Now(), Rev: 1,
	})
	return c
}

func (w *World) issue(t testing.TB, change *policy.Change, role access.Role, holder string) access.Caller {
	key, text := access.NewKey(role, w.Clock.Now())
	key.Holder, key.Organizations = holder, []string{Organization}
	if role == access.OrganizationAdministrator {
		key.Permissions = access.Permissions()
	}
	change.Keys = append(change.Keys, key)
	return caller(t, text)
}

func caller(t testing.TB, text string) access.Caller {
	credential, err := access.Parse(text)
	must(t, err)
	return access.Caller{Credential: credential, Seen: "192.0.2.1", Claimed: "198.51.100.7", RequestID: "request"}
}

// Event makes an event of the organisation, now.
func (w *World) Event(kind audit.Kind, about string) audit.Event {
	return audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: w.Clock.Now(), Kind: kind, Organization: Organization, User: about,
		Role: string(access.SystemAdministrator), Actor: "root",
	}
}

// Enrolled writes a user with one TOTP authenticator, ten recovery codes and a recovery email, and gives the secret.
func (w *World) Enrolled(t testing.TB, id string) []byte {
	t.Helper()
	secret := factor.NewTOTPSecret()
	f := user.Factors{Organization: Organization, User: id}.Next()
	sealed, err := w.Keys.Seal(secret, f.SecretUse("a1b2c3d4e5f60718"))
	must(t, err)
	f.Authenticators = []user.Authenticator{{
		ID: "a1b2c3d4e5f60718", Method: org.TOTP, Secret: sealed, CreatedAt: w.Clock.Now().Truncate(time.Second),
	}}
	f.RecoveryCodes = f.RecoveryCodes.Renew(CurrentKey)
	p := w.profile(id)
	p.Methods, p.EnrolledAt = f.Methods(), p.RegisteredAt
	must(t, w.Store.Write(t.Context(), user.Change{Factors: &f, Profile: &p, Events: []audit.Event{w.Event(audit.UserEnrolled, id)}}))
	return secret
}

func (w *World) profile(id string) user.Profile {
	recovery, _ := w.Keys.Seal([]byte("private@home.example"), user.RecoveryUse(Organization, id))
	digest, _ := factor.AddressDigest(w.Keys, CurrentKey, "private@home.example")
	return user.Profile{
		Organization: Organization, User: id, Rev: 1, Email: "user@acme.example", RegisteredAt: w.Clock.Now(),
		RecoveryEmail: recovery, RecoveryDigest: digest,
	}
}

// Code is the TOTP code of a secret, now.
func (w *World) Code(t testing.TB, secret []byte) string {
	t.Helper()
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	code, err := hotp.GenerateCode(text, uint64(factor.TOTPStep(w.Clock.Now())))
	must(t, err)
	return code
}

// Login begins a login of a user and gives its token.
func (w *World) Login(t testing.TB, id string) string {
	t.Helper()
	answer, err := w.Verify.Begin(t.Context(), w.Application, verify.Begin{
		Organization: Organization, User: id, Email: "user@acme.example", Nonce: "nonce",
	})
	must(t, err)
	return answer.Token
}

// Factors are a user's, as the store has them.
func (w *World) Factors(t testing.TB, id string) user.Factors {
	t.Helper()
	snap, err := w.Store.Read(t.Context(), w.Application.Credential, Organization, id)
	must(t, err)
	return snap.Factors
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Administers makes somebody an administrator of an organisation, who may do everything.
func (w *World) Administers(t testing.TB, organization, id string) access.Caller {
	t.Helper()
	k, text := access.NewKey(access.OrganizationAdministrator, w.Clock.Now())
	a := org.Administrator{ID: id, Organization: organization, Name: id, Email: id + "@acme.example", Keys: []string{k.ID}, CreatedAt: w.Clock.Now(), Rev: 1}
	for _, p := range access.Permissions() {
		a.Permissions = append(a.Permissions, string(p))
	}
	k = k.Of(organization, id, a.Permissions)
	must(t, w.Store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{a}, Keys: []access.Key{k}}))
	return caller(t, text)
}
