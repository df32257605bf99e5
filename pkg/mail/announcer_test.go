package mail_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const acme = storetest.Organization

var errLost = errors.New("connection reset")

// crowd is acme, which forces, with an announcement, an announcer and a provider that counts mails.
type crowd struct {
	*storetest.World
	t         *testing.T
	store     *memstore.Store
	announcer *mail.Announcer
	mu        sync.Mutex
	sent      map[string][]string // kinds of mail, by address
	letters   map[string][]mail.Message
	answer    func(to string) error
	answerTo  func(mail.Message) error
}

func newCrowd(t *testing.T, grace int, begins time.Duration) *crowd {
	t.Helper()
	store := memstore.New()
	c := &crowd{World: storetest.NewWorld(t, store), t: t, store: store, sent: map[string][]string{}, letters: map[string][]mail.Message{}}
	c.announcer = &mail.Announcer{
		Store: store, Bulk: c, Rate: 50, Wait: func(context.Context, time.Duration) {}, OptOut: mail.OptingOut{API: "https://api.example", Keys: c.Keys},
		Mail: &mail.Service{
			Store: store, Sender: c, Codes: c.Keys, Contacts: c.Keys, Now: c.Clock.Now, FellBack: func(string, string) {},
		},
	}
	c.force(grace, begins)
	return c
}

// Send implements mail.Sender.
func (c *crowd) Send(_ context.Context, m mail.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer != nil {
		if err := c.answer(m.To); err != nil {
			return err
		}
	}
	if c.answerTo != nil {
		if err := c.answerTo(m); err != nil {
			return err
		}
	}
	c.sent[m.To] = append(c.sent[m.To], m.Tag)
	c.letters[m.To] = append(c.letters[m.To], m)
	return nil
}

// SendBulk implements mail.BulkSender.
func (c *crowd) SendBulk(ctx context.Context, messages []mail.Message) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		errs[i] = c.Send(ctx, m)
	}
	return errs
}

func (c *crowd) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// force makes acme force, with days of grace from some time on, and announces it.
func (c *crowd) force(grace int, begins time.Duration) {
	c.t.Helper()
	now := c.Clock.Now()
	_, o, err := c.store.Announcement(c.t.Context(), acme, "")
	c.must(err)
	o.Rev++
	o.Policy.Version++
	o.Policy.Status, o.Policy.GraceDays, o.Policy.EnforceFrom = org.Forced, grace, now.Add(begins)
	o.Announcement = fmt.Sprintf("00a%d", o.Policy.Version)
	c.must(c.store.WriteOrganization(c.t.Context(), acme, policy.Change{Organization: o, Announcement: &org.Announcement{
		ID: o.Announcement, Organization: acme, Rev: 1, PolicyVersion: o.Policy.Version, CreatedAt: now, State: org.Announcing, Due: now,
		Attempt: user.NewAttempt(),
	}}))
}

func address(id string) string { return id + "@login.example" }

// users registers some now, in the order of their ids.
func (c *crowd) users(n int) {
	c.t.Helper()
	for i := range n {
		c.register(fmt.Sprintf("user-%04d", i), user.Enforcement{})
	}
}

func (c *crowd) register(id string, e user.Enforcement) {
	c.t.Helper()
	c.must(c.store.Write(c.t.Context(), user.Change{Profile: &user.Profile{
		Organization: acme, User: id, Rev: 1, Email: address(id), RegisteredAt: c.Clock.Now(), Enforcement: e,
	}}))
}

// tick runs one that has all the time that it wants.
func (c *crowd) tick() error {
	return c.announcer.Tick(c.t.Context(), c.Clock.Now().Add(time.Second))
}

// latest is the announcement that was made last.
func (c *crowd) latest() org.Announcement {
	c.t.Helper()
	all, err := c.store.Announcements(c.t.Context(), acme, 1)
	c.must(err)
	return all[0]
}

// mails are how many went out, of a kind, and to nobody two of it.
func (c *crowd) mails(tag string) int {
	c.t.Helper()
	n := 0
	for to, tags := range c.sent {
		one := 0
		for _, t := range tags {
			if t == tag {
				one++
			}
		}
		if n += one; one > 1 {
			c.t.Errorf("%s was sent %d of %s", to, one, tag)
		}
	}
	return n
}

func TestEverybodyConcernedIsToldOnce(t *testing.T) {
	c := newCrowd(t, 14, time.Hour)
	c.users(230)
	c.register("exempt", user.Enforcement{Kind: user.Exempt, Until: c.Clock.Now().Add(48 * time.Hour)})
	c.register("back-soon", user.Enforcement{Kind: user.Exempt, Until: c.Clock.Now().Add(time.Minute)})
	c.Enrolled(t, "has-it")
	for range 3 {
		c.must(c.tick())
	}
	if n := c.mails("announcement"); n != 231 {
		t.Errorf("%d mails, want 231", n)
	}
	if len(c.sent[address("exempt")]) != 0 || len(c.sent["user@acme.example"]) != 0 || len(c.sent[address("back-soon")]) != 1 {
		t.Error("somebody was told whom it does not concern, or the other way round")
	}
	a := c.latest()
	if a.Progress.Sent != 231 || a.Progress.Seen != 232 || a.State != org.Announcing || a.Round != 1 || !a.Due.Equal(a.Judged.Add(org.RoundInterval)) {
		t.Errorf("afterwards: %+v", a)
	}
}

// Whoever crashes between claiming and settling costs one batch, which is unknown and not mailed again.
func TestAfterACrashOneBatchIsUnknown(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(120)
	crashed := false
	c.answer = func(to string) error {
		if !crashed && to == address("user-0060") {
			crashed = true
			panic("the process is gone")
		}
		return nil
	}
	func() {
		defer func() { _ = recover() }()
		_ = c.tick()
	}()
	c.must(c.tick())
	if n := c.mails("announcement"); !crashed || n != 60 {
		t.Fatalf("while the claim stands %d have been mailed, want 60", n)
	}
	c.Clock.Advance(org.BatchLease)
	c.must(c.tick())
	a := c.latest()
	if n := c.mails("announcement"); n != 80 || a.Progress.Unknown != org.BatchSize || a.Progress.Sent != 70 || a.Progress.Seen != 120 {
		t.Errorf("%d mails, %+v", n, a.Progress)
	}
}

// What the provider surely did not take is for later, and comes first; what it may have taken is not sent again.
func TestAProviderThatTakesNoMail(t *testing.T) {
	for name, o := range map[string]struct {
		err     error
		whole   bool // the batch, not one mail of it
		mails   int
		unknown int64
		failed  int64
		goes    bool // the same tick goes on
	}{
		"one throttled":        {mail.ErrNotTaken, false, 120, 0, 0, true},
		"all throttled":        {mail.ErrNotTaken, true, 120, 0, 0, false},
		"one without answer":   {errLost, false, 119, 1, 0, false},
		"reply of a call lost": {errLost, true, 70, 50, 0, false},
		"one refused":          {mail.ErrRejected, false, 119, 0, 1, true},
		"all refused":          {mail.ErrRejected, true, 70, 0, 50, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrowd(t, 0, time.Hour)
			c.users(120)
			met := 0
			c.answer = func(to string) error {
				if (o.whole && to >= address("user-0050") && to <= address("user-0099") && met < 50) || (to == address("user-0060") && met == 0) {
					met++
					return o.err
				}
				return nil
			}
			if err := c.tick(); (err == nil) != o.goes {
				t.Errorf("the tick says %v", err)
			}
			if a := c.latest(); !o.goes && (a.Batch != nil || a.Progress.Seen != 100) {
				t.Errorf("after it: %+v", a)
			}
			if a := c.latest(); name == "all throttled" && (len(a.Left) != 50 || a.Progress.Sent != 50 || a.Remaining() != 50) {
				t.Errorf("left: %+v", a)
			}
			c.must(c.tick())
			a := c.latest()
			if n := c.mails("announcement"); n != o.mails || a.Progress.Unknown != o.unknown || a.Progress.Failed != o.failed || a.Progress.Seen != 120 || len(a.Left) != 0 {
				t.Errorf("%d mails, %+v", n, a)
			}
		})
	}
}

// Whoever crashes with those in hands who were left makes them unknown, as any others.
func TestACrashWithThoseWhoWereLeft(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(60)
	tries := 0
	c.answer = func(to string) error {
		if to == address("user-0010") {
			if tries++; tries == 1 {
				return mail.ErrNotTaken
			}
			panic("the process is gone")
		}
		return nil
	}
	func() {
		defer func() { _ = recover() }()
		_ = c.tick()
	}()
	c.Clock.Advance(org.BatchLease)
	c.must(c.tick())
	if a := c.latest(); a.Progress.Unknown != 1 || a.Progress.Sent != 59 || a.Progress.Seen != 60 || c.mails("announcement") != 59 {
		t.Errorf("%d mails, %+v", c.mails("announcement"), a)
	}
}

// An answer that is not one for each message tells nothing of any.
func TestAnAnswerThatFitsNoBatch(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(20)
	c.announcer.Bulk = short{}
	if err := c.tick(); err == nil {
		t.Error("the tick is content")
	}
	c.announcer.Bulk = c
	c.must(c.tick())
	if a := c.latest(); a.Progress.Unknown != 20 || c.mails("announcement") != 0 {
		t.Errorf("%+v", a)
	}
}

type short struct{}

func (short) SendBulk(context.Context, []mail.Message) []error { return []error{nil} }

// Whatever call of the store fails, before it was done or after, nobody is mailed twice, and in the end everybody but a batch is.
func TestAnAnnouncementInAnOutageOfTheStore(t *testing.T) {
	for _, op := range []memstore.Operation{
		memstore.DueAnnouncements, memstore.Announcement, memstore.Users, memstore.Registered, memstore.Counts, memstore.Advance,
	} {
		for skip := range 8 {
			for _, persisted := range []bool{false, true} {
				t.Run(fmt.Sprint(op, skip, persisted), func(t *testing.T) {
					c := newCrowd(t, 0, time.Hour)
					c.users(120)
					c.store.FailAfter(op, skip, persisted, errLost)
					for range 10 {
						_ = c.tick()
						c.Clock.Advance(org.BatchLease)
					}
					a := c.latest()
					n := int64(c.mails("announcement"))
					if a.Progress.Seen != 120 || a.Progress.Sent+a.Progress.Unknown != 120 || a.Progress.Unknown > org.BatchSize || n < a.Progress.Sent {
						t.Errorf("%d mails, %+v", n, a)
					}
				})
			}
		}
	}
}

func TestTicksAtOnce(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(500)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _ = c.tick() })
	}
	wait.Wait()
	c.must(c.tick())
	if n, a := c.mails("announcement"), c.latest(); n != 500 || a.Progress.Sent != 500 || a.Progress.Unknown != 0 {
		t.Errorf("%d mails, %+v", n, a.Progress)
	}
}

// A tick begins no batch after its time, and the next one goes on there.
func TestATickEndsInTime(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(200)
	end := c.Clock.Now().Add(time.Minute)
	c.answer = func(string) error { c.Clock.Advance(time.Second); return nil }
	c.must(c.announcer.Tick(t.Context(), end))
	if n := c.mails("announcement"); n != 2*org.BatchSize {
		t.Errorf("%d mails in a minute of a second each", n)
	}
	c.must(c.announcer.Tick(t.Context(), end.Add(time.Hour)))
	if n := c.mails("announcement"); n != 200 {
		t.Errorf("%d mails in the end", n)
	}
}

func TestAdministratorsPauseAndCancel(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(200)
	id := c.latest().ID
	become := func(s org.AnnouncementState) error {
		_, err := c.Policy.ChangeAnnouncement(t.Context(), c.Administrator, acme, id, s)
		return err
	}
	c.answer = func(to string) error {
		if to == address("user-0070") { // in the middle of a batch
			return become(org.AnnouncementPaused)
		}
		return nil
	}
	c.must(c.tick())
	c.must(c.tick())
	if a := c.latest(); c.mails("announcement") != 100 || a.State != org.AnnouncementPaused || a.Batch != nil || a.Progress.Sent != 100 {
		t.Errorf("paused: %d mails, %+v", c.mails("announcement"), a)
	}
	c.answer = nil
	c.must(become(org.Announcing))
	c.must(c.tick())
	if n := c.mails("announcement"); n != 200 {
		t.Errorf("resumed: %d mails", n)
	}
	c.must(become(org.AnnouncementStopped))
	c.must(become(org.AnnouncementStopped))
	if err := become(org.Announcing); !errors.Is(err, org.ErrAnnouncement) {
		t.Errorf("going on with what was cancelled: %v", err)
	}
	c.Clock.Advance(48 * time.Hour)
	c.must(c.tick())
	if n := c.mails("reminder"); n != 0 {
		t.Errorf("%d reminders of what was cancelled", n)
	}
}

func TestAnAnnouncementEndsWithWhatItAnnounces(t *testing.T) {
	for name, o := range map[string]struct {
		change func(c *crowd)
		state  org.AnnouncementState
	}{
		"by another":            {func(c *crowd) { c.force(7, time.Hour) }, org.AnnouncementPassed},
		"by a policy":           {func(c *crowd) { c.alter(func(o *org.Organization) { o.Policy.Status = org.Enabled }) }, org.AnnouncementEnded},
		"by the entitlement":    {func(c *crowd) { c.alter(func(o *org.Organization) { o.Entitlements.TwoFactor = false }) }, org.AnnouncementEnded},
		"nobody to be reminded": {func(c *crowd) { c.alter(func(o *org.Organization) { o.Policy.EnforceFrom = c.Clock.Now() }) }, org.AnnouncementEnded},
	} {
		c := newCrowd(t, 0, time.Hour)
		id := c.latest().ID
		o.change(c)
		for range 2 {
			c.must(c.tick())
		}
		a, _, err := c.store.Announcement(t.Context(), acme, id)
		c.must(err)
		if a.State != o.state {
			t.Errorf("%s: %s, want %s", name, a.State, o.state)
		}
	}
}

func (c *crowd) alter(change func(*org.Organization)) {
	c.t.Helper()
	_, o, err := c.store.Announcement(c.t.Context(), acme, "")
	c.must(err)
	o.Rev++
	change(o)
	c.must(c.store.WriteOrganization(c.t.Context(), acme, policy.Change{Organization: o}))
}

// Over weeks, with users who come later and ticks that come irregularly, each is reminded once, before the own grace ends and not
// long before the lead, and who has enrolled meanwhile never.
func TestEachIsRemindedOnceBeforeTheOwnGraceEnds(t *testing.T) {
	c := newCrowd(t, 10, 4*24*time.Hour)
	began := c.Clock.Now()
	c.users(60)
	deadlines := map[string]time.Time{}
	for i := range 60 {
		deadlines[address(fmt.Sprintf("user-%04d", i))] = began.Add(14 * 24 * time.Hour)
	}
	reminded := map[string]time.Time{}
	c.answer = func(to string) error {
		if slices.Contains(c.sent[to], "announcement") || strings.HasPrefix(to, "late") {
			reminded[to] = c.Clock.Now()
		}
		return nil
	}
	for hours, i := 0, 0; hours < 40*24; i++ {
		c.must(c.tick())
		if i%5 == 0 && hours < 20*24 {
			id := fmt.Sprintf("late-%02d", i)
			c.register(id, user.Enforcement{})
			from := c.Clock.Now()
			if earliest := began.Add(4 * 24 * time.Hour); from.Before(earliest) {
				from = earliest
			}
			deadlines[address(id)] = from.AddDate(0, 0, 10)
		}
		step := 1 + i*7%11
		hours += step
		c.Clock.Advance(time.Duration(step) * time.Hour)
	}
	for _, to := range slices.Sorted(maps.Keys(deadlines)) {
		left := deadlines[to].Sub(reminded[to])
		if left > org.ReminderLead || left < org.ReminderLead-36*time.Hour {
			t.Errorf("%s was reminded %v before the end", to, left)
		}
	}
	if n := c.mails("reminder"); n != len(deadlines) {
		t.Errorf("%d reminders to %d users", n, len(deadlines))
	}
}

// Whoever is exempt at the end of the grace, or is late already because nothing ticked for days, is not told that time is running out.
func TestWhoIsNotReminded(t *testing.T) {
	c := newCrowd(t, 10, 0)
	c.register("in-time", user.Enforcement{})
	c.register("exempt", user.Enforcement{Kind: user.Exempt, Until: c.Clock.Now().Add(11 * 24 * time.Hour)})
	c.must(c.tick())
	c.Clock.Advance(7 * 24 * time.Hour)
	c.must(c.tick())
	if got := c.sent[address("in-time")]; c.mails("reminder") != 1 || !slices.Contains(got, "reminder") {
		t.Errorf("sent: %v", c.sent)
	}
	c = newCrowd(t, 10, 0)
	c.register("late", user.Enforcement{})
	c.must(c.tick())
	c.Clock.Advance(11 * 24 * time.Hour)
	c.must(c.tick())
	if n := c.mails("reminder"); n != 0 {
		t.Errorf("%d reminders of a time that is over", n)
	}
}

// Whoever takes longer than a claim lasts settles nothing that is somebody else's by then.
func TestALateSettlementTouchesNoOtherClaim(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(120)
	slow, crashed := false, false
	c.answer = func(to string) error {
		switch {
		case to == address("user-0010") && !slow:
			slow = true
			c.Clock.Advance(org.BatchLease)
			c.mu.Unlock()
			func() {
				defer func() { _ = recover() }()
				_ = c.announcer.Tick(t.Context(), c.Clock.Now().Add(time.Second))
			}()
			c.mu.Lock()
		case to == address("user-0055") && !crashed:
			crashed = true
			panic("the second process is gone")
		}
		return nil
	}
	_ = c.announcer.Tick(t.Context(), c.Clock.Now().Add(time.Second))
	if a := c.latest(); a.Batch == nil || a.Progress.Unknown != org.BatchSize || a.After != "user-0049" {
		t.Fatalf("the second's claim is gone: %+v", a)
	}
	c.Clock.Advance(org.BatchLease)
	c.must(c.tick())
	if a := c.latest(); a.Progress.Seen != 120 || a.Progress.Unknown != 2*org.BatchSize || a.Progress.Sent != 20 {
		t.Errorf("in the end: %+v", a)
	}
	c.mails("announcement")
}

// early says of every announcement that it is due, as a list that was read before a round ended does.
type early struct{ *memstore.Store }

func (e early) DueAnnouncements(ctx context.Context, now time.Time, limit int) ([]mail.Due, error) {
	return e.Store.DueAnnouncements(ctx, now.Add(1000*time.Hour), limit)
}

func TestARoundDoesNotBeginBeforeItsTime(t *testing.T) {
	c := newCrowd(t, 10, 0)
	c.users(3)
	c.must(c.tick())
	c.announcer.Store = early{c.store}
	c.must(c.tick())
	if a := c.latest(); a.Round != 1 || !a.RoundAt.IsZero() {
		t.Errorf("the next round has begun: %+v", a)
	}
}
