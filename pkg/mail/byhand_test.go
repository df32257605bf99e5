package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/sender"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// lax is acme with a policy that forces nobody, and nothing announced.
func lax(t *testing.T) *crowd {
	t.Helper()
	c := newCrowd(t, 0, 0)
	c.alter(func(o *org.Organization) {
		o.Policy.Status, o.Policy.EnforceFrom, o.Announcement = org.Enabled, time.Time{}, ""
	})
	c.must(c.tick()) // which ends the one of the policy that was
	return c
}

func (c *crowd) announce(in policy.Announcing) org.Announcement {
	c.t.Helper()
	a, err := c.Policy.Announce(c.t.Context(), c.Administrator, acme, in)
	c.must(err)
	return a
}

func (c *crowd) told() (to []string) {
	for address, tags := range c.sent {
		if slices.Contains(tags, "announcement") {
			to = append(to, strings.TrimSuffix(address, "@login.example"))
		}
	}
	slices.Sort(to)
	return to
}

// By hand it goes to whom it names, whatever obliges them, as they stand when their turn comes, and says to each what holds.
func TestByHandItGoesToWhomItNames(t *testing.T) {
	for to, want := range map[org.Addressees][]string{
		org.ToUnenrolled: {"exempt", "must", "without"},
		org.ToAll:        {"exempt", "has-it", "must", "without"},
	} {
		c := lax(t)
		c.register("without", user.Enforcement{})
		c.register("exempt", user.Enforcement{Kind: user.Exempt, Until: c.Clock.Now().Add(48 * time.Hour)})
		c.register("must", user.Enforcement{Kind: user.Required})
		c.with("has-it", func(p *user.Profile) { p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, c.Clock.Now() })
		c.with("bounced", func(p *user.Profile) {
			p.Marks = []user.Mark{{Why: user.Bounced, Since: c.Clock.Now(), Email: p.Email}}
		})
		c.with("opted-out", func(p *user.Profile) { p.OptedOutAt = c.Clock.Now() })
		c.announce(policy.Announcing{To: to, Message: "Questions? Room 12."})
		c.must(c.tick())
		if got := c.told(); !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", to, got, want)
		}
		a := c.latest()
		if a.State != org.AnnouncementEnded || a.Progress.Sent != int64(len(want)) || a.Remaining() != 0 {
			t.Errorf("%s: %+v", to, a)
		}
		for id, heading := range map[string]string{"without": "You can protect", "exempt": "You can protect", "must": "is required", "has-it": "is part of your"} {
			for _, m := range c.letters[address(id)] {
				if !strings.Contains(m.Subject, heading) || !strings.Contains(m.Text, "Your administrator writes: “Questions? Room 12.”") {
					t.Errorf("%s is told: %s\n%s", id, m.Subject, m.Text)
				}
			}
		}
	}
}

// Users who share a mailbox get few mails of a round there, however many they are and however often a batch is tried.
func TestUsersWhoShareAMailbox(t *testing.T) {
	c := lax(t)
	for i := range 60 {
		c.with(fmt.Sprintf("flood-%02d", i), func(p *user.Profile) { p.Email = fmt.Sprintf("Flood+%d@corp.example", i) })
	}
	c.with("other", func(p *user.Profile) { p.Email = "other+1@corp.example" })
	c.users(5)
	c.announcer.Rate = 20
	c.announce(policy.Announcing{To: org.ToAll})
	c.store.FailNext(memstore.Spend, false, errors.New("down"))
	if err := c.tick(); err == nil || len(c.told()) != 0 {
		t.Errorf("without the count: %v, told %v", err, c.told())
	}
	c.store.FailNext(memstore.Advance, false, errors.New("down")) // after the counts of a batch, before its claim
	if err := c.tick(); err == nil || len(c.told()) != 0 {
		t.Errorf("without the claim: %v, told %v", err, c.told())
	}
	c.must(c.tick())
	flood, others := 0, 0
	for address, tags := range c.sent {
		if strings.HasPrefix(address, "Flood+") {
			flood += len(tags)
		} else {
			others += len(tags)
		}
	}
	a := c.latest()
	if flood != mail.SharedMailbox || others != 6 || a.Progress.Sent != 9 || a.State != org.AnnouncementEnded || a.Remaining() != 0 {
		t.Errorf("%d in one mailbox, %d others, %+v", flood, others, a)
	}
	c.Clock.Advance(time.Hour)
	c.announce(policy.Announcing{To: org.ToAll}) // the next round counts anew
	c.must(c.tick())
	if n := len(c.sent["other+1@corp.example"]); n != 2 || len(c.sent["Flood+0@corp.example"]) != 2 {
		t.Errorf("the next one: %d, %v", n, c.sent)
	}
}

// Where no time is left none is named, whatever words the organisation has; and what is required already will not be.
func TestNoTimeIsNamedWhereNoneIsLeft(t *testing.T) {
	for _, c := range []struct {
		grace         int
		begins, waits time.Duration
		heading, fact string
		own           bool
	}{
		{0, 0, time.Minute, "is required", "Required since", false},
		{0, 48 * time.Hour, 49 * time.Hour, "is required", "Required since", false},
		{0, 48 * time.Hour, time.Minute, "will be required", "Required from", true},
		{5, 0, time.Minute, "is required", "Required since", true},
	} {
		for _, l := range words.Languages() {
			w := newCrowd(t, c.grace, c.begins)
			w.must(w.store.WriteBranding(t.Context(), org.Branding{
				Organization: acme, Rev: 1, Language: string(l), Texts: map[string]string{org.TextKey(string(l), "announcement.lead"): "Set it up by {until}."},
			}, audit.Event{ID: "e", Kind: audit.BrandingChanged, Organization: acme, At: w.Clock.Now()}))
			w.users(1)
			w.Clock.Advance(c.waits)
			w.must(w.tick())
			if len(w.letters[address("user-0000")]) != 1 {
				t.Fatalf("%+v: %v", c, w.sent)
			}
			m := w.letters[address("user-0000")][0]
			never := words.In(l).Time(time.Time{})
			if strings.Contains(m.Text, never) || strings.Contains(m.Text, "{until}") || strings.Contains(m.Text, "Set it up by ") != c.own {
				t.Errorf("%+v in %s:\n%s", c, l, m.Text)
			}
			if l == words.English && (!strings.Contains(m.Subject, c.heading) || !strings.Contains(m.Text, c.fact)) {
				t.Errorf("%+v: %s\n%s", c, m.Subject, m.Text)
			}
		}
	}
}

// with registers a user with more.
func (c *crowd) with(id string, more func(*user.Profile)) {
	c.t.Helper()
	p := user.Profile{Organization: acme, User: id, Rev: 1, Email: address(id), RegisteredAt: c.Clock.Now()}
	more(&p)
	c.must(c.store.Write(c.t.Context(), user.Change{Profile: &p}))
}

func TestAnAnnouncementWaitsForItsDate(t *testing.T) {
	c := lax(t)
	c.users(3)
	c.announce(policy.Announcing{To: org.ToAll, At: c.Clock.Now().Add(48 * time.Hour)})
	c.Clock.Advance(47 * time.Hour)
	c.must(c.tick())
	if len(c.told()) != 0 {
		t.Error("told before the date")
	}
	c.named("late", 2) // who is there by then is told too
	c.Clock.Advance(time.Hour)
	c.must(c.tick())
	if got := c.told(); len(got) != 5 {
		t.Errorf("told: %v", got)
	}
}

func (c *crowd) named(prefix string, n int) {
	c.t.Helper()
	for i := range n {
		c.register(fmt.Sprintf("%s-%d", prefix, i), user.Enforcement{})
	}
}

// One made by hand stands beside that of a policy, in either order, and only one of them reminds.
func TestByHandBesideAPolicys(t *testing.T) {
	c := newCrowd(t, 10, 0)
	c.users(3)
	c.must(c.tick())
	if _, err := c.Policy.Announce(t.Context(), c.Administrator, acme, policy.Announcing{To: org.ToAll, Reminders: true}); !errors.Is(err, policy.ErrReminding) {
		t.Errorf("two that remind: %v", err)
	}
	c.announce(policy.Announcing{To: org.ToUnenrolled})
	c.must(c.tick())
	for id, tags := range c.sent {
		if !slices.Equal(tags, []string{"announcement", "announcement"}) {
			t.Errorf("%s got %v", id, tags)
		}
	}
	c.Clock.Advance(8 * 24 * time.Hour)
	c.must(c.tick())
	if n := c.mails("reminder"); n != 3 {
		t.Errorf("%d reminders", n)
	}
}

func TestByHandWithReminders(t *testing.T) {
	c := newCrowd(t, 10, 0)
	c.must(c.tick())
	_, err := c.Policy.ChangeAnnouncement(t.Context(), c.Administrator, acme, c.latest().ID, org.AnnouncementStopped)
	c.must(err)
	c.users(3)
	c.with("has-it", func(p *user.Profile) { p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, c.Clock.Now() })
	c.announce(policy.Announcing{To: org.ToAll, Reminders: true, Message: "Soon."})
	c.must(c.tick())
	c.Clock.Advance(8 * 24 * time.Hour)
	c.must(c.tick())
	if n, reminded := c.mails("announcement"), c.mails("reminder"); n != 4 || reminded != 3 || len(c.sent[address("has-it")]) != 1 {
		t.Errorf("%d told, %d reminded: %v", n, reminded, c.sent)
	}
	if m := c.letters[address("user-0000")][1]; strings.Contains(m.Text, "Soon.") {
		t.Error("a reminder repeats the message")
	}
	c.force(10, 0)
	c.must(c.tick())
	c.Clock.Advance(24 * time.Hour)
	c.must(c.tick())
	if a := c.latest(); a.ByHand == nil || a.State != org.AnnouncementPassed {
		t.Errorf("a policy's comes later: %+v", a)
	}
}

func TestByHandEndsWhereNothingIsOffered(t *testing.T) {
	c := lax(t)
	c.users(3)
	c.announce(policy.Announcing{To: org.ToAll})
	c.alter(func(o *org.Organization) { o.Policy.Status = org.Disabled })
	c.must(c.tick())
	if a := c.latest(); a.State != org.AnnouncementEnded || len(c.told()) != 0 {
		t.Errorf("%s, told %v", a.State, c.told())
	}
}

// before answers pages of users as they were at some moment.
type before struct {
	*memstore.Store
	users []user.Profile
}

func (b before) Unenrolled(_ context.Context, _, after string, _ int) ([]user.Profile, string, error) {
	if after != "" {
		return nil, "", nil
	}
	return b.users, "", nil
}

// What a page says is a moment old: who enrolled, left, opted out or moved since is judged and addressed as now.
func TestABatchIsReadAfresh(t *testing.T) {
	c := lax(t)
	c.named("u", 5)
	page, _, err := c.store.Unenrolled(t.Context(), acme, "", 10)
	c.must(err)
	change := func(id string, as func(*user.Profile)) {
		stored, err := c.store.Registered(t.Context(), acme, []string{id})
		c.must(err)
		next := stored[id].Next()
		as(&next)
		c.must(c.store.Write(t.Context(), user.Change{Profile: &next}))
	}
	change("u-0", func(p *user.Profile) { p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, c.Clock.Now() })
	change("u-1", func(p *user.Profile) { p.OptedOutAt = c.Clock.Now() })
	change("u-2", func(p *user.Profile) { *p = p.Bury(c.Clock.Now()); p.Rev-- })
	change("u-3", func(p *user.Profile) { p.Email = address("moved") })
	c.announcer.Store = before{c.store, page}
	c.announce(policy.Announcing{To: org.ToUnenrolled})
	c.must(c.tick())
	if got := c.told(); !slices.Equal(got, []string{"moved", "u-4"}) {
		t.Errorf("told %v", got)
	}
	if a := c.latest(); a.Progress.Sent != 2 || a.Progress.Seen != 5 {
		t.Errorf("%+v", a.Progress)
	}
}

// Every announcement can be ended by who got it, and by nobody else's link.
func TestEveryAnnouncementCanBeEnded(t *testing.T) {
	c := newCrowd(t, 10, 0)
	c.users(3)
	c.must(c.tick())
	c.Clock.Advance(8 * 24 * time.Hour)
	c.must(c.tick())
	for to, letters := range c.letters {
		if len(letters) != 2 {
			t.Fatalf("%s got %d", to, len(letters))
		}
		for _, m := range letters {
			token, ok := strings.CutPrefix(m.Unsubscribe, "https://api.example/v1/announcements/opt-outs/")
			named, known := user.ParseOptOut(c.Keys, token)
			if !ok || !known || named.Organization != acme || address(named.User) != to {
				t.Errorf("%s: %q names %+v", to, m.Unsubscribe, named)
			}
			if strings.Contains(m.Text+m.HTML, "https://") {
				t.Errorf("%s: the mail has a link", to)
			}
		}
	}
}

// A batch has no more than a second's share, and the next one waits for its turn, but never longer than the tick lasts.
func TestATickKeepsItsPace(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.users(30)
	began := c.Clock.Now()
	until := began.Add(3500 * time.Millisecond)
	sizes := 0
	c.announcer.Rate = 7
	c.announcer.Bulk = counting{c, func(n int) {
		if n > 7 {
			t.Errorf("a batch of %d", n)
		}
		sizes += n
		c.Clock.Advance(300 * time.Millisecond) // which the provider takes
	}}
	c.announcer.Wait = func(_ context.Context, d time.Duration) { c.Clock.Advance(d) }
	c.must(c.announcer.Tick(t.Context(), until))
	if at := c.Clock.Now(); sizes != 28 || !at.Equal(until) {
		t.Errorf("%d mails in %v", sizes, at.Sub(began))
	}
}

type counting struct {
	mail.BulkSender
	each func(int)
}

func (n counting) SendBulk(ctx context.Context, messages []mail.Message) []error {
	n.each(len(messages))
	return n.BulkSender.SendBulk(ctx, messages)
}

// An own sender that the provider refuses is stood in for at once, message by message, and lost where it is the domain's fault.
func TestABatchFromAnOwnSender(t *testing.T) {
	c := newCrowd(t, 0, time.Hour)
	c.alter(func(o *org.Organization) { o.Entitlements.Sender = true })
	own := org.Sender{Organization: acme, Domain: "mail.acme.example", From: "codes", State: org.SenderVerified, ClaimedAt: c.Clock.Now(), VerifiedAt: c.Clock.Now(), Rev: 1}
	c.must(c.store.WriteSender(t.Context(), sender.Change{Sender: &own}))
	c.users(4)
	refused := map[string]error{
		address("user-0001"): fmt.Errorf("%w: %w", mail.ErrSender, mail.ErrUnverified), address("user-0002"): mail.ErrSender,
	}
	fell := 0
	c.announcer.Mail.FellBack = func(string, string) { fell++ }
	c.answerTo = func(m mail.Message) error {
		if m.From.Address != "" {
			return refused[m.To]
		}
		if refused[m.To] == nil || !strings.Contains(m.Text, "does not come from the usual address") {
			t.Errorf("the system's sender stands in for %s", m.To)
		}
		return nil
	}
	c.must(c.tick())
	if a := c.latest(); a.Progress.Sent != 4 || c.mails("announcement") != 4 || fell != 1 {
		t.Errorf("%d mails, fell back %d times, %+v", c.mails("announcement"), fell, a.Progress)
	}
	if lost, err := c.store.Sender(t.Context(), acme); err != nil || lost.State != org.SenderLost {
		t.Errorf("the sender: %+v, %v", lost, err)
	}
}

// Without an address at which they could be ended none goes out, and none is counted as failed.
func TestAnnouncementsThatCouldNotBeEnded(t *testing.T) {
	for _, api := range []string{"", "http://api.example", "api.example"} {
		c := newCrowd(t, 0, time.Hour)
		c.users(3)
		c.announcer.OptOut.API = api
		if err := c.tick(); err == nil {
			t.Errorf("%q: the tick is content", api)
		}
		if a := c.latest(); len(c.sent) != 0 || a.Batch != nil || a.Progress.Seen != 0 {
			t.Errorf("%q: %d mails, %+v", api, len(c.sent), a)
		}
	}
}

// Who comes while a round is under way is reached ahead of the place that it has come to, and not behind.
func TestWhoComesWhileARoundIsUnderWay(t *testing.T) {
	for _, to := range []org.Addressees{org.ToAll, org.ToUnenrolled} {
		c := lax(t)
		c.users(30)
		c.announcer.Rate = 10
		c.announce(policy.Announcing{To: to})
		come := false
		c.announcer.Bulk = counting{c, func(int) {
			if !come {
				come = true
				c.register("a-first", user.Enforcement{})
				c.register("user-0015-b", user.Enforcement{})
				c.register("z-last", user.Enforcement{})
			}
		}}
		c.must(c.tick())
		got := c.told()
		if len(got) != 32 || slices.Contains(got, "a-first") || !slices.Contains(got, "user-0015-b") || !slices.Contains(got, "z-last") {
			t.Errorf("%s: told %v", to, got)
		}
	}
}
