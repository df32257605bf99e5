package sender_test

import (
	"errors"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/storetest"
)

const (
	acme   = storetest.Organization
	domain = "mail.acme.example"
)

var errDown = errors.New("down")

// fixture is a world in memory, with a mail provider, whose organisation may have a sender of its own.
type fixture struct {
	*storetest.World
	*sender.Service
	t        *testing.T
	store    *memstore.Store
	provider *storetest.Identities
}

// registrable knows two public suffixes: "example", as of every name of one label, and "co.example".
func registrable(domain string) (string, error) {
	labels := strings.Split(domain, ".")
	n := 2
	if strings.HasSuffix("."+domain, ".co.example") {
		n = 3
	}
	if len(labels) < n {
		return "", errors.New("a public suffix")
	}
	return strings.Join(labels[len(labels)-n:], "."), nil
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store, provider := memstore.New(), &storetest.Identities{}
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, provider: provider}
	f.Service = &sender.Service{
		Store: store, Identities: provider, Registrable: registrable, Reserved: []string{"no-reply@mail.vendor.example", ""}, Now: f.Clock.Now,
	}
	f.entitle(true)
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// entitle grants or withdraws the entitlement, as the system administrator does.
func (f *fixture) entitle(granted bool) {
	f.t.Helper()
	_, err := f.Policy.PutOrganization(f.t.Context(), f.System, policy.Put{
		ID: acme, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true, Sender: granted},
	})
	f.must(err)
}

// other is an entitled organisation with an administrator of its own.
func (f *fixture) other(id string) access.Caller {
	f.t.Helper()
	made, err := f.Policy.PutOrganization(f.t.Context(), f.System, policy.Put{
		ID: id, Name: id, Entitlements: org.Entitlements{Sender: true}, Administrator: &policy.NewAdministrator{ID: "oda", Email: "oda@other.example"},
	})
	f.must(err)
	credential, err := access.Parse(made.Keys[0].Text)
	f.must(err)
	return access.Caller{Credential: credential, Seen: "192.0.2.1", RequestID: "request"}
}

func (f *fixture) put(domain string) (sender.View, error) {
	return f.Put(f.t.Context(), f.Administrator, acme, sender.Put{Domain: domain})
}

func (f *fixture) look() (sender.View, error) { return f.Look(f.t.Context(), f.Administrator, acme) }

// verified puts the domain, publishes its records and looks.
func (f *fixture) verified() sender.View {
	f.t.Helper()
	_, err := f.put(domain)
	f.must(err)
	f.provider.Publish(domain)
	v, err := f.look()
	f.must(err)
	f.told()
	return v
}

func (f *fixture) sender() org.Sender {
	f.t.Helper()
	s, err := f.store.Sender(f.t.Context(), acme)
	f.must(err)
	if s == nil {
		f.t.Fatal("there is no sender")
	}
	return *s
}

func (f *fixture) claim(domain string) org.DomainClaim {
	f.t.Helper()
	c, err := f.store.DomainClaim(f.t.Context(), domain)
	f.must(err)
	if c == nil {
		f.t.Fatalf("%s was never claimed", domain)
	}
	return *c
}

// events are those of the sender, oldest first.
func (f *fixture) events() []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), acme, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	var found []audit.Event
	for _, e := range all {
		if strings.HasPrefix(string(e.Kind), "sender.") {
			found = append(found, e)
		}
	}
	return found
}

// told are the kinds of events that people are to be told of, since it was last asked.
func (f *fixture) told() []audit.Kind {
	var kinds []audit.Kind
	for _, o := range f.store.Deliveries() {
		if o.Kind == mail.NoticeOrder {
			kinds = append(kinds, o.Event.Kind)
		}
	}
	return kinds
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want that a part cannot be reached", what, err)
	}
}
