package webhook_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/policy"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

// key is an administrator's of the organisation with these permissions alone.
func (f *fixture) key(permissions ...access.Permission) access.Caller {
	f.t.Helper()
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = "ann", []string{acme}, permissions
	f.must(f.store.WriteOrganization(f.t.Context(), acme, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	return access.Caller{Credential: credential, Seen: "192.0.2.1", RequestID: "request"}
}

// A webhook reads the audit: whoever sets one must be allowed to, and to make keys.
func TestWhoMaySetAWebhook(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		caller access.Caller
		want   error
	}{
		{f.key(access.KeysWrite, access.AuditRead), nil},
		{f.key(access.KeysWrite), access.ErrPermission},
		{f.key(access.AuditRead), access.ErrPermission},
		{f.System, access.ErrRole},
		{f.Application, access.ErrRole},
	} {
		before := f.audit()
		if _, _, err := f.Set(t.Context(), c.caller, acme, address); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
		if c.want != nil && len(f.audit()) != len(before) {
			t.Error("a refusal left an event")
		}
	}
	if _, _, err := f.Set(t.Context(), f.Administrator, "nobody", address); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("of another organisation: %v", err)
	}
}

// Setting what stands changes nothing and shows no secret; another URL goes on where the first had got to, with its secret.
func TestSettingAWebhook(t *testing.T) {
	f := newFixture(t)
	f.happen(4)
	first, created, err := f.Set(t.Context(), f.Administrator, acme, address)
	if err != nil || !created || !strings.HasPrefix(first.Secret, "whsec_") || first.Position != f.size() || first.Behind() != 0 || first.URL != address || first.Status() != webhook.Active {
		t.Errorf("first: %+v, %t, %v", first, created, err)
	}
	events := f.told(audit.WebhookSet)
	if len(events) != 1 || !events[0].Notify || events[0].Actor != "ann" || events[0].Details["host"] != "siem.acme.example" {
		t.Errorf("told: %+v", events)
	}
	again, created, err := f.Set(t.Context(), f.Administrator, acme, address)
	if err != nil || created || again.Secret != "" || again.Rev != first.Rev || len(f.told(audit.WebhookSet)) != 1 {
		t.Errorf("again: %+v, %t, %v", again, created, err)
	}
	f.happen(2)
	if _, err := f.deliver("m"); err != nil {
		t.Fatal(err)
	}
	other, created, err := f.Set(t.Context(), f.Administrator, acme, "https://other.example:8443/in")
	if err != nil || created || other.Secret != "" || other.Position != f.size() || len(other.Signing) != 1 || other.Host != "other.example:8443" {
		t.Errorf("another: %+v, %t, %v", other, created, err)
	}
	if events := f.told(audit.WebhookSet); len(events) != 2 || events[1].Details["host"] != "siem.acme.example → other.example:8443" {
		t.Errorf("told: %+v", events)
	}
	if _, _, err := f.Set(t.Context(), f.Administrator, acme, "https://OTHER.example:8443/elsewhere"); err != nil {
		t.Fatal(err)
	}
	if events := f.told(audit.WebhookSet); len(events) != 3 || events[2].Details["host"] != "other.example:8443" || events[2].Details["address"] != "changed" {
		t.Errorf("told: %+v", events)
	}
	stored := f.subscription()
	if bytes.Contains(stored.URL, []byte("other.example")) || bytes.Contains(stored.Secrets[0].Sealed, []byte("whsec")) {
		t.Error("the table has it in clear")
	}
	for _, e := range f.audit() {
		for _, value := range e.Details {
			if strings.Contains(value, "key=k") || strings.Contains(value, "whsec") {
				t.Errorf("the audit has %s", value)
			}
		}
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	for _, url := range []string{"", "http://siem.acme.example/", "https://127.0.0.1/", "https://localhost/", "https://u:p@siem.acme.example/", "https://169.254.169.254/latest"} {
		_, _, err := f.Set(t.Context(), f.Administrator, acme, url)
		if known := fault.As(err); known.Code != "invalid_webhook_url" || known.Field != "url" || url != "" && strings.Contains(err.Error(), url) {
			t.Errorf("%q: %v", url, err)
		}
	}
	if s, err := f.store.Subscription(t.Context(), acme, webhook.ToWebhook); err != nil || s != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

// What is removed gets nothing more, at once, and leaves nothing of itself; one that is set later begins anew.
func TestRemovingAWebhook(t *testing.T) {
	f := newFixture(t)
	if err := f.Remove(t.Context(), f.Administrator, acme); err != nil {
		t.Errorf("none: %v", err)
	}
	for name, call := range map[string]func() error{
		"look":   func() error { _, err := f.Look(t.Context(), f.Administrator, acme); return err },
		"renew":  func() error { _, err := f.Renew(t.Context(), f.Administrator, acme); return err },
		"replay": func() error { _, err := f.Replay(t.Context(), f.Administrator, acme, "e", nil); return err },
	} {
		if err := call(); !errors.Is(err, webhook.ErrNone) {
			t.Errorf("%s of none: %v", name, err)
		}
	}
	first := f.set()
	f.happen(3)
	f.must(f.Remove(t.Context(), f.System, acme))
	if events := f.told(audit.WebhookRemoved); len(events) != 1 || !events[0].Notify || events[0].Details["host"] != "siem.acme.example" {
		t.Errorf("told: %+v", events)
	}
	if after, err := f.deliver("m"); after != 0 || err != nil || len(f.receiver.got) != 0 {
		t.Errorf("it got %d", len(f.receiver.got))
	}
	if s := f.subscription(); len(s.URL) > 0 || len(s.Secrets) > 0 || s.Host != "" {
		t.Errorf("left: %+v", s)
	}
	f.sync()
	second, created, err := f.Set(t.Context(), f.Administrator, acme, address)
	if err != nil || !created || second.Secret == "" || second.Secret == first.Secret || second.Position != f.size() || len(second.Signing) != 1 {
		t.Errorf("later: %+v, %t, %v", second, created, err)
	}
}

func TestPlacesThatThereAreNot(t *testing.T) {
	f := newFixture(t)
	f.set()
	events := f.happen(3)
	leaf := func(n uint64) *uint64 { return &n }
	for _, c := range []struct {
		event string
		leaf  *uint64
		want  error
	}{
		{"", nil, webhook.ErrOneOf}, {events[0].ID, leaf(0), webhook.ErrOneOf}, {"unknown", nil, webhook.ErrNotInLog}, {"", leaf(f.size() + 1), webhook.ErrBeyond},
		{"", leaf(f.size()), nil}, {"", leaf(0), nil}, {events[1].ID, nil, nil},
	} {
		before := f.subscription()
		v, err := f.Replay(t.Context(), f.Administrator, acme, c.event, c.leaf)
		if !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if c.want != nil && f.subscription().Rev != before.Rev {
			t.Errorf("%+v: something was written", c)
		}
		if c.want == nil && c.leaf != nil && v.Position != *c.leaf {
			t.Errorf("%+v: its place is %d", c, v.Position)
		}
	}
	if last := f.told(audit.WebhookReplayed); len(last) != 3 || last[2].Details["leaf"] == "" || !last[0].Notify {
		t.Errorf("told: %+v", last)
	}
}

// A store that fails is a 503, and whoever was faster a conflict; neither changes anything.
func TestAStoreThatFailsWhileAWebhookIsSet(t *testing.T) {
	f := newFixture(t)
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Webhook, memstore.WriteSubscription} {
		f.store.FailNext(op, false, errDown)
		if _, _, err := f.Set(t.Context(), f.Administrator, acme, address); fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s: %v", op, err)
		}
	}
	if s, err := f.store.Subscription(t.Context(), acme, webhook.ToWebhook); err != nil || s != nil {
		t.Errorf("%+v, %v", s, err)
	}
	f.store.FailNext(memstore.WriteSubscription, false, user.ErrConflict) // somebody was faster, once
	f.set()
	f.must(f.Remove(t.Context(), f.Administrator, acme))
	for range 3 {
		f.store.FailNext(memstore.WriteSubscription, false, user.ErrConflict)
	}
	if _, _, err := f.Set(t.Context(), f.Administrator, acme, address); !errors.Is(err, user.ErrConflict) {
		t.Errorf("%v", err)
	}
}

// Only organisations with an open webhook are called, each once for a batch, and the bus for every one, the system too.
func TestWhoIsCalled(t *testing.T) {
	f := newFixture(t)
	f.set()
	f.queue.take()
	event := func(organization string) audit.Event {
		return audit.Event{ID: organization, Organization: organization}
	}
	events := []audit.Event{event(acme), event("other"), event(""), event(acme)}
	if err := errors.Join(f.waker.Wake(t.Context(), events)...); err != nil {
		t.Fatal(err)
	}
	if calls := f.queue.take(); !slices.Equal(calls, []webhook.Call{{Organization: acme, To: webhook.ToWebhook}}) {
		t.Errorf("called: %v", calls)
	}
	f.waker.Bus = true
	if err := errors.Join(f.waker.Wake(t.Context(), events)...); err != nil {
		t.Fatal(err)
	}
	want := []webhook.Call{{acme, webhook.ToWebhook}, {acme, webhook.ToBus}, {"other", webhook.ToBus}, {"", webhook.ToBus}}
	if calls := f.queue.take(); !slices.Equal(calls, want) {
		t.Errorf("called: %v", calls)
	}
	f.queue.err = errDown
	for at, err := range f.waker.Wake(t.Context(), events) {
		if fault.As(err).Kind != fault.Unavailable {
			t.Errorf("event %d: %v", at, err)
		}
	}
	f.queue.err = nil
	f.store.FailNext(memstore.Webhooks, false, errDown)
	for at, err := range f.waker.Wake(t.Context(), events) {
		if fault.As(err).Kind != fault.Unavailable {
			t.Errorf("event %d: %v", at, err)
		}
	}
}

// Whoever may not set a webhook gets neither its URL nor a secret, and leads it nowhere.
func TestWhatOthersSeeOfAWebhook(t *testing.T) {
	f := newFixture(t)
	f.set()
	for name, c := range map[string]access.Caller{"an auditor": f.key(access.AuditRead), "the vendor": f.System} {
		v, err := f.Look(t.Context(), c, acme)
		if err != nil || v.URL != "" || v.Host != "siem.acme.example" {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if v, err := f.Look(t.Context(), f.Administrator, acme); err != nil || v.URL != address || v.Secret != "" {
		t.Errorf("whoever may set it: %+v, %v", v, err)
	}
	keys, leaf := f.key(access.KeysWrite), uint64(0)
	before := f.subscription()
	if _, err := f.Renew(t.Context(), keys, acme); !errors.Is(err, access.ErrPermission) {
		t.Errorf("another secret: %v", err)
	}
	if _, err := f.Replay(t.Context(), keys, acme, "", &leaf); !errors.Is(err, access.ErrPermission) {
		t.Errorf("set back: %v", err)
	}
	if f.subscription().Rev != before.Rev {
		t.Error("something was written")
	}
	f.must(f.Remove(t.Context(), keys, acme)) // which shows nothing
}

// What is disabled is put again first: otherwise it would stay so, and why would be forgotten.
func TestADisabledWebhookIsNotSetBack(t *testing.T) {
	f := newFixture(t)
	f.set()
	f.receiver.fate = func(got) (int, error) { return 410, nil }
	if _, err := f.deliver("m"); err != nil {
		t.Fatal(err)
	}
	leaf := uint64(0)
	if _, err := f.Replay(t.Context(), f.Administrator, acme, "", &leaf); !errors.Is(err, webhook.ErrDisabled) {
		t.Errorf("%v", err)
	}
	v, err := f.Look(t.Context(), f.Administrator, acme)
	if err != nil || v.Status() != webhook.Disabled || v.Trouble != "status 410" {
		t.Errorf("%+v, %v", v, err)
	}
}
