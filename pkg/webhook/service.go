package webhook

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
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
	ErrDisabled = fault.New(fault.Conflict, "webhook_disabled", "The webhook is disabled. Put its URL again first.")
	ErrSecrets  = fault.New(fault.Conflict, "too_many_secrets", "As many secrets as can be sign already, each for as long as was said. If one of them has leaked, remove the webhook, set it again and have events sent again from its leaf.")
	ErrOneOf    = fault.New(fault.Unprocessable, "event_or_leaf", "Name either an event or a leaf.").At("event")
)

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

// sets reports whether somebody may set the webhook, and so see all of its URL.
func (t *task) sets() bool {
	k := t.key
	return k.Role == access.OrganizationAdministrator && !k.Impersonates() && slices.Contains(k.Permissions, access.KeysWrite) &&
		slices.Contains(k.Permissions, access.AuditRead)
}

// setting is begin for whoever changes where the audit goes, and so must be allowed to read it.
func (s *Service) setting(ctx context.Context, c access.Caller, organization string) (*task, error) {
	t, err := s.begin(ctx, c, SetRule, organization)
	if err == nil && !t.sets() {
		return nil, access.ErrPermission
	}
	return t, err
}

// existing passes on a task that has a webhook.
func existing(t *task, err error) (*task, error) {
	if err == nil && len(t.s.URL) == 0 {
		return nil, ErrNone
	}
	return t, err
}

// write stores the webhook with what the audit says of it, and goes on with it.
func (t *task) write(ctx context.Context, next Subscription, kind audit.Kind, details map[string]string) error {
	e := t.caller.Event(kind, next.Organization, t.key, t.now)
	e.Details, e.Notify = details, true
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
