package console_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// evil is a name that would be more than text, were it not escaped.
const evil = `<img src=x onerror=alert(1)>"'&`

var oneKey = sync.OnceValues(func() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key, KeyID: "current", Use: "sig", Algorithm: "ES256"}}})
})

// pageKeys sign exports.
func pageKeys(t *testing.T) *sign.Pages {
	t.Helper()
	jwks, err := oneKey()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := sign.NewPages(jwks)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// registrable knows one public suffix: "example".
func registrable(domain string) (string, error) {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return "", errors.New("a public suffix")
	}
	return strings.Join(labels[len(labels)-2:], "."), nil
}

// lesser signs the browser in as an administrator of the organisation who may no more than this.
func (f *fixture) lesser(id string, may ...access.Permission) {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = id, []string{storetest.Organization}, may
	a := org.Administrator{
		ID: id, Organization: storetest.Organization, Name: id, Email: id + "@acme.example", Keys: []string{key.ID}, CreatedAt: f.Clock.Now(), Rev: 1,
	}
	for _, p := range may {
		a.Permissions = append(a.Permissions, string(p))
	}
	f.must(f.Store.WriteOrganization(f.t.Context(), storetest.Organization, policy.Change{
		Keys: []access.Key{key}, Administrators: []org.Administrator{a}, Events: []audit.Event{f.Event(audit.AdministratorAdded, "")},
	}))
	credential, err := access.Parse(text)
	f.must(err)
	f.signedIn(access.Caller{Credential: credential}, storetest.Organization, id)
}

// happened writes an event of the organisation, a second after the one before.
func (f *fixture) happened(kind audit.Kind, change func(*audit.Event)) audit.Event {
	f.t.Helper()
	f.Clock.Advance(time.Second)
	e := f.Event(kind, "eve")
	if change != nil {
		change(&e)
	}
	f.must(f.Store.Write(f.t.Context(), user.Change{Events: []audit.Event{e}}))
	return e
}

// logged appends events to the log, and signed has it signed.
func (f *fixture) logged(events ...audit.Event) {
	f.t.Helper()
	for _, err := range storetest.Notary(f.store, f.Clock.Now).Append(f.t.Context(), events) {
		f.must(err)
	}
}

func (f *fixture) signed() {
	f.t.Helper()
	f.must(storetest.Notary(f.store, f.Clock.Now).Tick(f.t.Context(), f.Clock.Now().Add(time.Hour)))
}

// tried writes a row of the log of sign-ins, a second after the one before.
func (f *fixture) tried(id string, outcome signin.Outcome, change func(*signin.Entry)) {
	f.t.Helper()
	f.Clock.Advance(time.Second)
	now := f.Clock.Now().Truncate(time.Second)
	e := signin.Entry{
		Organization: storetest.Organization, User: id, At: now, ID: signin.IDOf(id, "", now.Unix()), Outcome: outcome, Way: "totp", For: user.SignIn, Address: "198.51.100.9",
	}
	if change != nil {
		change(&e)
	}
	for _, err := range f.Store.AddSignIns(f.t.Context(), []signin.Entry{e}, func(signin.Entry) time.Time { return now.Add(signin.Retention) }) {
		f.must(err)
	}
}
