package people_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/people"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

const acme = storetest.Organization

// fixture is a world in memory, whose store fails on demand.
type fixture struct {
	*storetest.World
	t     *testing.T
	store *memstore.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	return &fixture{World: storetest.NewWorld(t, store), t: t, store: store}
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// refused demands one certain refusal.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// unavailable demands the answer to a failure of something that we depend on.
func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want that a part cannot be reached", what, err)
	}
}

// events are those of a kind in acme's log, oldest first.
func (f *fixture) events(kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), acme, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	var found []audit.Event
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// code is what the mailer would send a caller for the change proposed last.
func (f *fixture) code(c access.Caller) string {
	f.t.Helper()
	home, holder := f.key(c.Credential.ID).Home()
	d, err := f.store.Docket(f.t.Context(), home, holder)
	f.must(err)
	if d == nil {
		f.t.Fatal("nothing was proposed")
	}
	last := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(f.Keys, last.KeyID, d.Mailed(last))
	f.must(err)
	return code
}

func otherDigits(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func (f *fixture) key(id string) *access.Key {
	f.t.Helper()
	found, err := f.store.Keys(f.t.Context(), id)
	f.must(err)
	if len(found) == 0 {
		f.t.Fatalf("there is no key %s", id)
	}
	return &found[0]
}

// untouched runs what must change neither people nor keys nor what is proposed.
func (f *fixture) untouched(act func()) {
	f.t.Helper()
	before := f.state()
	act()
	if !reflect.DeepEqual(before, f.state()) {
		f.t.Error("something was written")
	}
}

func (f *fixture) state() []any {
	f.t.Helper()
	ctx := f.t.Context()
	var ids []string
	administrators, err := f.store.Administrators(ctx, acme)
	f.must(err)
	for _, a := range administrators {
		ids = append(ids, a.Keys...)
	}
	applications, err := f.store.Applications(ctx, acme)
	f.must(err)
	for _, a := range applications {
		ids = append(ids, a.Keys...)
	}
	readers, err := f.store.Readers(ctx, acme)
	f.must(err)
	keys, err := f.store.Keys(ctx, ids...)
	f.must(err)
	var dockets []*stepup.Docket
	for home, id := range map[string]string{acme: "ann", "": "root"} {
		d, err := f.store.Docket(ctx, home, id)
		f.must(err)
		dockets = append(dockets, d)
	}
	slices.SortFunc(dockets, func(a, b *stepup.Docket) int {
		if a == nil || b != nil && a.Administrator > b.Administrator {
			return 1
		}
		return -1
	})
	events, _, err := f.store.Events(ctx, acme, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	return []any{administrators, applications, readers, keys, dockets, events}
}

// caller makes a key for somebody of acme, past all rules.
func (f *fixture) caller(role access.Role, holder string, permissions ...access.Permission) access.Caller {
	f.t.Helper()
	key, text := access.NewKey(role, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = holder, []string{acme}, permissions
	f.must(f.store.WritePeople(f.t.Context(), people.Change{Keys: []access.Key{key}}))
	return as(f.t, text)
}

func as(t *testing.T, text string) access.Caller {
	t.Helper()
	credential, err := access.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return access.Caller{Credential: credential}
}
