package webhook

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Store is what setting a webhook needs of a store. All reads are strongly consistent.
type Store interface {
	// ReadOrganization gets both in one batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	// Webhook gets an organisation's, nil where there never was one, and the head of its log, an empty one where there is none, in one batch.
	Webhook(ctx context.Context, organization string) (*Subscription, ledger.Head, error)
	// WriteSubscription is as CourierStore has it.
	WriteSubscription(ctx context.Context, next Subscription, events ...audit.Event) error
	// Entry finds the leaf of an event by its id; false where the log has none yet.
	Entry(ctx context.Context, organization, id string) (uint64, bool, error)
}

// Keys seal what is kept, and open it.
type Keys interface {
	Opener
	Seal(plaintext, associated []byte) ([]byte, error)
}

// Service serves administrators. All fields are needed.
type Service struct {
	Store Store
	Keys  Keys
	Now   func() time.Time
}

// The rules of this workflow's operations. A webhook reads the audit for as long as it stands, as a reader's key does: so nobody sets one in
// somebody else's place, and whoever does must be allowed to make keys and, as nobody grants what they lack, to read the audit. The system
// administrator may end it.
var (
	SetRule    = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.KeysWrite, InPerson: true}
	ReadRule   = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.AuditRead}
	RemoveRule = access.Rule{
		Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.KeysWrite, InPerson: true,
	}
)

// The refusals.
var (
	ErrNone     = fault.New(fault.NotFound, "no_webhook", "This organisation has no webhook.")
	ErrNotInLog = fault.New(fault.Unprocessable, "not_in_log", "There is no such event in the organisation's log. One enters it moments after it happened.").At("event")
	ErrBeyond   = fault.New(fault.Unprocessable, "beyond_log", "The organisation's log has no such leaf yet.").At("leaf")
	ErrOneOf    = fault.New(fault.Unprocessable, "event_or_leaf", "Name either an event or a leaf.").At("event")
)

// View is a webhook as its administrators see it.
type View struct {
	Subscription
	URL     string
	Size    uint64 // of the organisation's log
	Signing []Secret
	// Secret is what is shown once; empty otherwise.
	Secret string
}

// task is one operation under way.
type task struct {
	service *Service
	caller  access.Caller
	key     *access.Key
	s       Subscription
	size    uint64 // of the organisation's log
	now     time.Time
}

// begin reads, and judges the caller. An organisation that does not exist, or that the key does not reach, is not found after the same reads.
func (s *Service) begin(ctx context.Context, c access.Caller, r access.Rule, organization string) (*task, error) {
	t := &task{service: s, caller: c, now: s.Now(), s: Subscription{Organization: organization, To: ToWebhook}}
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, r, organization, t.now); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, access.ErrNotFound
	}
	t.key = key
	stored, head, err := s.Store.Webhook(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	if t.size = head.Size; stored != nil {
		t.s = *stored
	}
	return t, nil
}

// existing is begin for what needs a webhook.
func (s *Service) existing(ctx context.Context, c access.Caller, r access.Rule, organization string) (*task, error) {
	t, err := s.begin(ctx, c, r, organization)
	if err == nil && len(t.s.URL) == 0 {
		return nil, ErrNone
	}
	return t, err
}

// Set has events go out to a URL: from now on, where there was no webhook, and otherwise from where it has got to. One that was disabled
// goes on. Setting what stands changes nothing. The first time it makes a secret and shows it.
func (s *Service) Set(ctx context.Context, c access.Caller, organization, address string) (View, bool, error) {
	created := false
	v, err := user.Race(func() (v View, err error) {
		v, created, err = s.set(ctx, c, organization, address)
		return v, err
	})
	return v, created, err
}

func (s *Service) set(ctx context.Context, c access.Caller, organization, address string) (View, bool, error) {
	t, err := s.begin(ctx, c, SetRule, organization)
	if err != nil {
		return View{}, false, err
	}
	if !slices.Contains(t.key.Permissions, access.AuditRead) {
		return View{}, false, access.ErrPermission
	}
	host, err := hostOf(address)
	if err != nil {
		return View{}, false, err
	}
	before, err := t.url()
	if err != nil {
		return View{}, false, err
	}
	if before == address && t.s.Open() {
		v, err := t.view("")
		return v, false, err
	}
	next := t.s.free().calm()
	next.Host, next.SetAt, next.DisabledAt = host, t.now, time.Time{}
	if next.URL, err = s.Keys.Seal([]byte(address), next.use("url")); err != nil {
		return View{}, false, fault.Down(err)
	}
	secret := ""
	if before == "" {
		next.Position, next.Ahead, next.Secrets, next.DeliveredAt = t.size, nil, nil, time.Time{}
		if next, secret, err = t.secret(next); err != nil {
			return View{}, false, err
		}
	}
	if err := t.write(ctx, next, audit.WebhookSet, map[string]string{"host": moved(t.s.Host, host)}); err != nil {
		return View{}, false, err
	}
	v, err := t.view(secret)
	return v, before == "", err
}

// moved says what a change of host was.
func moved(before, after string) string {
	if before == "" || before == after {
		return after
	}
	return before + " → " + after
}

// secret is the webhook with a fresh one, which is shown.
func (t *task) secret(next Subscription) (Subscription, string, error) {
	raw, shown := newSecret()
	sealed, err := t.service.Keys.Seal(raw, next.use("secret"))
	if err != nil {
		return next, "", fault.Down(err)
	}
	return next.renewed(sealed, t.now), shown, nil
}

// Look gets a webhook with how far it has got.
func (s *Service) Look(ctx context.Context, c access.Caller, organization string) (View, error) {
	t, err := s.existing(ctx, c, ReadRule, organization)
	if err != nil {
		return View{}, err
	}
	return t.view("")
}

// Remove has no more events go out. There may be no webhook.
func (s *Service) Remove(ctx context.Context, c access.Caller, organization string) error {
	_, err := user.Race(func() (struct{}, error) {
		t, err := s.begin(ctx, c, RemoveRule, organization)
		if err != nil || len(t.s.URL) == 0 {
			return struct{}{}, err
		}
		none := Subscription{Organization: organization, To: ToWebhook, Rev: t.s.Rev}
		return struct{}{}, t.write(ctx, none, audit.WebhookRemoved, map[string]string{"host": t.s.Host})
	})
	return err
}

// Renew makes another secret, and shows it. Those before it sign beside it for Overlap.
func (s *Service) Renew(ctx context.Context, c access.Caller, organization string) (View, error) {
	return user.Race(func() (View, error) {
		t, err := s.existing(ctx, c, SetRule, organization)
		if err != nil {
			return View{}, err
		}
		next, secret, err := t.secret(t.s)
		if err != nil {
			return View{}, err
		}
		if err := t.write(ctx, next, audit.WebhookRenewed, map[string]string{"host": t.s.Host}); err != nil {
			return View{}, err
		}
		return t.view(secret)
	})
}

// Replay has events go out again from an event or a leaf on, or, ahead of what has gone out, leaves out what comes before it. One that waits
// for its next try tries at once.
func (s *Service) Replay(ctx context.Context, c access.Caller, organization, event string, leaf *uint64) (View, error) {
	return user.Race(func() (View, error) {
		t, err := s.existing(ctx, c, SetRule, organization)
		if err != nil {
			return View{}, err
		}
		position, err := t.place(ctx, event, leaf)
		if err != nil {
			return View{}, err
		}
		next := t.s.free().calm()
		next.Position, next.Ahead = position, nil
		details := map[string]string{"host": t.s.Host, "leaf": decimal(t.s.Position) + " → " + decimal(position)}
		if err := t.write(ctx, next, audit.WebhookReplayed, details); err != nil {
			return View{}, err
		}
		return t.view("")
	})
}

// hostOf is the host that an acceptable URL names, with its port where it has one.
func hostOf(address string) (string, error) {
	if err := Allowed(address); err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", ErrURL
	}
	return u.Host, nil
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// place is the leaf that is asked for.
func (t *task) place(ctx context.Context, event string, leaf *uint64) (uint64, error) {
	switch {
	case (event == "") == (leaf == nil):
		return 0, ErrOneOf
	case leaf != nil && *leaf > t.size:
		return 0, ErrBeyond
	case leaf != nil:
		return *leaf, nil
	}
	at, there, err := t.service.Store.Entry(ctx, t.s.Organization, event)
	switch {
	case err != nil:
		return 0, fault.Down(err)
	case !there:
		return 0, ErrNotInLog
	}
	return at, nil
}

// write stores the webhook with what the audit says of it, and goes on with it.
func (t *task) write(ctx context.Context, next Subscription, kind audit.Kind, details map[string]string) error {
	e := t.caller.Event(kind, next.Organization, t.key, t.now)
	e.Details, e.Notify = details, kind == audit.WebhookSet || kind == audit.WebhookRemoved
	next = next.next()
	if err := t.service.Store.WriteSubscription(ctx, next, e); err != nil {
		return fault.Down(err)
	}
	t.s = next
	return nil
}

// url is the webhook's, in clear; empty where there is none.
func (t *task) url() (string, error) {
	if len(t.s.URL) == 0 {
		return "", nil
	}
	clear, err := t.service.Keys.Open(t.s.URL, t.s.use("url"))
	if err != nil {
		return "", fault.Down(err)
	}
	return string(clear), nil
}

// view is the webhook with a secret that is shown. Nothing is read for it: what was done must not fail after it was.
func (t *task) view(secret string) (View, error) {
	url, err := t.url()
	return View{Subscription: t.s, URL: url, Size: t.size, Signing: t.s.signing(t.now), Secret: secret}, err
}

// The statuses of a webhook.
const (
	Active   = "active"
	Failing  = "failing"
	Disabled = "disabled"
)

// Status is a word for how it goes.
func (v View) Status() string {
	switch {
	case !v.DisabledAt.IsZero():
		return Disabled
	case v.Tries > 0:
		return Failing
	}
	return Active
}

// Behind is how many leaves have not gone out.
func (v View) Behind() uint64 { return v.Size - min(v.Size, v.Position+uint64(len(v.Ahead))) }
