package mail

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("connection reset")
)

// prf is HMAC-SHA-256 under the ids it holds, the last one current.
type prf []uint32

func (p prf) PRFKeyID() uint32 { return p[len(p)-1] }

func (p prf) PRF(keyID uint32, input []byte, n int) ([]byte, error) {
	for _, id := range p {
		if id == keyID {
			h := hmac.New(sha256.New, binary.BigEndian.AppendUint32(nil, id))
			h.Write(input)
			return h.Sum(nil)[:n], nil
		}
	}
	return nil, errors.New("no such key")
}

// opener opens "sealed:<text>" for the right use only.
type opener struct{ down bool }

const ownUse = "sealed:"

func (o opener) Open(ciphertext, associated []byte) ([]byte, error) {
	right := string(associated) == string(user.RecoveryUse("acme", "ann")) || string(associated) == string(user.PhoneUse("acme", "ann", "a1"))
	if o.down || !right || len(ciphertext) < len(ownUse) {
		return nil, errDown
	}
	return ciphertext[len(ownUse):], nil
}

// store remembers claims and marks; everything else is what a test puts into it.
type store struct {
	organization   *org.Organization
	branding       org.Branding
	profile        *user.Profile
	factors        user.Factors
	proposal       *Proposal
	administrators []org.Administrator
	sender         *org.Sender
	senderErr      error
	loseErr        error
	lost           []audit.Event
	readErr        error
	claimErr       error
	markErr        error
	states         map[string]delivery.State
	claimed        map[string]time.Time // until when
	spending       []Spending           // of the latest message
	spent          map[string]int
	counted        map[string]bool
	full           string // counts with this in their names have reached their limits
	writeErr       error
	written        []audit.Event // with profiles
	told           *Order        // what a notice of the queue is about; nil: it is gone
}

func (s *store) Told(_ context.Context, o Order) (Order, bool, error) {
	if s.told == nil || s.told.Reference != o.Reference || s.readErr != nil {
		return o, false, s.readErr
	}
	return *s.told, true, nil
}

func (s *store) Branding(context.Context, string) (org.Branding, error) { return s.branding, s.readErr }

func (s *store) Addressee(_ context.Context, organization, id string) (*Organization, *user.Profile, user.Factors, error) {
	if s.readErr != nil {
		return nil, nil, user.Factors{}, s.readErr
	}
	if s.organization == nil || organization != s.organization.ID {
		return nil, nil, user.Factors{}, nil
	}
	found := &Organization{Organization: *s.organization, Branding: s.branding}
	if s.profile == nil || id != s.profile.User {
		return found, nil, user.Factors{}, nil
	}
	return found, s.profile, s.factors, nil
}

func (s *store) Pending(_ context.Context, _, _, reference string, _ time.Time) (*Proposal, error) {
	if s.proposal == nil || s.proposal.ID != reference {
		return nil, s.readErr
	}
	return s.proposal, s.readErr
}

func (s *store) Arriving(ctx context.Context, reference string, now time.Time) (*Proposal, error) {
	return s.Pending(ctx, "", "", reference, now)
}

func (s *store) Administrators(context.Context, string) ([]org.Administrator, error) {
	return s.administrators, s.readErr
}

func (s *store) Sender(_ context.Context, organization string) (*org.Sender, error) {
	if s.senderErr != nil || s.sender == nil || s.sender.Organization != organization {
		return nil, s.senderErr
	}
	own := *s.sender
	return &own, nil
}

func (s *store) LoseSender(_ context.Context, o org.Sender, e audit.Event) error {
	if s.loseErr != nil {
		return s.loseErr
	}
	if o.Rev != s.sender.Rev+1 {
		return user.ErrConflict
	}
	s.sender, s.lost = &o, append(s.lost, e)
	return nil
}

func (s *store) Claim(_ context.Context, id string, now time.Time) (Claim, error) {
	switch state, ended := s.states[id]; {
	case s.claimErr != nil:
		return Granted, s.claimErr
	case ended && state != delivery.Failed:
		return Done, nil
	case now.Before(s.claimed[id]):
		return Busy, nil
	}
	s.claimed[id] = now.Add(Lease)
	return Granted, nil
}

func (s *store) Spend(ctx context.Context, id string, on []Spending, now time.Time) (Claim, error) {
	s.spending = on
	claim, err := s.Claim(ctx, id, now)
	if err != nil || claim != Granted || s.counted[id] {
		return claim, err
	}
	for _, count := range on {
		if s.spent[count.Name] >= count.Limit || s.full != "" && strings.Contains(count.Name, s.full) {
			delete(s.claimed, id)
			return Overspent, nil
		}
	}
	for _, count := range on {
		s.spent[count.Name]++
	}
	s.counted[id] = true
	return Granted, nil
}

func (s *store) Mark(_ context.Context, id string, state delivery.State, _ time.Time) error {
	if s.markErr != nil {
		return s.markErr
	}
	s.states[id] = state
	delete(s.claimed, id)
	return nil
}

func (s *store) Report(_ context.Context, id string, state delivery.State, _ time.Time) error {
	if s.markErr != nil {
		return s.markErr
	}
	if stands, ended := s.states[id]; ended && (!stands.Final() || stands == delivery.Sent) {
		s.states[id] = state
	}
	return nil
}

func (s *store) Write(_ context.Context, c user.Change) error {
	switch {
	case s.writeErr != nil:
		return s.writeErr
	case s.profile == nil || c.Profile.Rev != s.profile.Rev+1 || c.Factors != nil:
		return user.ErrConflict
	}
	s.profile, s.written = c.Profile, append(s.written, c.Events...)
	return nil
}

// outbox is the provider: errs are answered in turn, then all is well.
type outbox struct {
	sent  []Message
	texts []Text
	errs  []error
}

func (o *outbox) Text(_ context.Context, t Text) error {
	if len(o.errs) > 0 {
		err := o.errs[0]
		o.errs = o.errs[1:]
		if err != nil {
			return err
		}
	}
	o.texts = append(o.texts, t)
	return nil
}

func (o *outbox) Send(_ context.Context, m Message) error {
	if len(o.errs) > 0 {
		err := o.errs[0]
		o.errs = o.errs[1:]
		if err != nil {
			return err
		}
	}
	o.sent = append(o.sent, m)
	return nil
}

func (o *outbox) recipients() []string {
	var to []string
	for _, m := range o.sent {
		to = append(to, m.To)
	}
	return to
}

// post is a service with Ann of Acme, enrolled, whose recovery address is another than her own.
type post struct {
	*Service
	store *store
	out   *outbox
	now   time.Time
	fell  []string // organisations and why
	lost  []string // of messages that were not sent, the same

	kept      kept
	postponed []Order
}

// kept is the queue.
type kept struct {
	later  []Order
	after  []time.Duration
	poison []Poison
	err    error
}

func (k *kept) Later(_ context.Context, o Order, after time.Duration) error {
	if k.err != nil {
		return k.err
	}
	k.later, k.after = append(k.later, o), append(k.after, after)
	return nil
}

func (k *kept) Keep(_ context.Context, p Poison) error {
	if k.err == nil {
		k.poison = append(k.poison, p)
	}
	return k.err
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{now: noon, out: &outbox{}}
	p.store = &store{
		organization: &org.Organization{ID: "acme", Name: "Acme"},
		profile: &user.Profile{
			Organization: "acme", User: "ann", Email: "ann@example.com", RecoveryEmail: []byte("sealed:ann@home.example"),
		},
		factors: user.Factors{Organization: "acme", User: "ann", Epoch: 2},
		states:  map[string]delivery.State{}, claimed: map[string]time.Time{}, spent: map[string]int{}, counted: map[string]bool{},
		administrators: []org.Administrator{{ID: "adam", Email: "adam@example.com"}, {ID: "eve", Email: "eve@example.com"}},
	}
	p.Service = &Service{
		Store: p.store, Sender: p.out, Codes: prf{1, 2}, Contacts: opener{}, Now: func() time.Time { return p.now },
		FellBack: func(organization, why string) { p.fell = append(p.fell, organization+": "+why) },
		Texts:    p.out, Budgets: Budgets{Prefix: 1000, OrganizationPrefix: 200}, Limits: Limits{Organization: 1000},
		Queue: &p.kept, Jitter: func() float64 { return 0 },
		Postponed: func(o Order, _ error) { p.postponed = append(p.postponed, o) },
		Unsent:    func(organization, why string) { p.lost = append(p.lost, organization+": "+why) },
	}
	return p
}

// challenge puts a code for an address under way, made with the older of the two keys.
func (p *post) challenge(t *testing.T, purpose user.Purpose, address string) (Order, user.Challenge) {
	t.Helper()
	digest, err := factor.AddressDigest(p.Codes, 1, address)
	if err != nil {
		t.Fatal(err)
	}
	c := user.Challenge{ID: "c1", Login: "l1", Purpose: purpose, KeyID: 1, Address: digest, ExpiresAt: noon.Add(user.CodeLife)}
	p.store.factors.Challenges = append(p.store.factors.Challenges, c)
	return Order{Kind: CodeOrder, Organization: "acme", User: "ann", Reference: "c1"}, c
}

func (p *post) state(t *testing.T) delivery.State {
	t.Helper()
	if len(p.store.states) != 1 {
		t.Fatalf("the deliveries are %v, want one", p.store.states)
	}
	for _, s := range p.store.states {
		return s
	}
	return ""
}
