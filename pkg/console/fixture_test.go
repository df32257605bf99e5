package console_test

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/branding"
	"twofold/pkg/console"
	"twofold/pkg/export"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/page"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/sign"
	"twofold/pkg/signin"
	"twofold/pkg/storetest"
	"twofold/pkg/webhook"
)

// fixture is the console over a world in memory, and a browser.
type fixture struct {
	*storetest.World
	*visitor.Browser
	t     *testing.T
	store *memstore.Store
	logs  *strings.Builder
	dns   *storetest.Identities // the mail provider, which looks at it
	pages *sign.Pages           // what signs exports
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, logs: &strings.Builder{}, dns: &storetest.Identities{}, pages: pageKeys(t)}
	reports, signIns := &report.Service{Store: store, Now: f.Clock.Now}, &signin.Service{Store: store, Now: f.Clock.Now}
	keys := export.Keys{Cursors: f.Keys, Signer: f.pages}
	pages, err := console.Console{
		Options:    page.Options{Faces: store, Now: f.Clock.Now, Logger: slog.New(slog.NewTextHandler(f.logs, nil))},
		Tokens:     f.Keys,
		Admissions: &admission.Service{Store: store, Codes: f.Keys, Now: f.Clock.Now},
		Logins:     f.Verify, Users: f.Enroll, Policies: f.Policy, People: f.People, Reports: reports, SignIns: signIns,
		Exports:  console.Exports{Reports: &report.Exporter{Reports: reports, Keys: keys}, SignIns: &signin.Exporter{Log: signIns, Keys: keys}},
		Senders:  &sender.Service{Store: store, Identities: f.dns, Registrable: registrable, Reserved: []string{"no-reply@mail.vendor.example"}, Now: f.Clock.Now},
		Brands:   &branding.Service{Store: store, Now: f.Clock.Now},
		Webhooks: &webhook.Service{Store: store, Keys: f.Keys, Now: f.Clock.Now},
	}.Handler()
	f.must(err)
	f.Browser = visitor.New(t, pages)
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// ann signs the browser in as the organisation's administrator, and root as the system's, without the door: with a key that they have.
func (f *fixture) ann()  { f.signedIn(f.Administrator, storetest.Organization, "ann") }
func (f *fixture) root() { f.signedIn(f.System, access.VendorHome, "root") }

func (f *fixture) signedIn(c access.Caller, organization, name string) {
	f.t.Helper()
	sealed, err := login.SealText(f.Keys, []byte("twofold console session v1"), map[string]any{
		"k": c.Credential.Keep(), "o": organization, "n": name, "t": f.Clock.Now().Truncate(time.Minute), "u": f.AsUser(f.t, organization, name),
	})
	f.must(err)
	f.Cookies["__Host-console"] = sealed
}

// opens shows a page of the organisation's.
func (f *fixture) opens(path string) visitor.Page {
	f.t.Helper()
	return f.Send(http.MethodGet, "/console/organizations/"+storetest.Organization+path, nil)
}

// opensVendors shows a page of the vendor's own.
func (f *fixture) opensVendors(path string) visitor.Page {
	f.t.Helper()
	return f.Send(http.MethodGet, "/console/vendor"+path, nil)
}

var errDown = errors.New("the table is away: secret-cause")
