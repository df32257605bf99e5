package mail_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

var errDead = errors.New("the process is gone")

// mortal is one life of a mailer: at a random call of the store or of the provider it ends, before that was done, after it or, of a
// batch, in the middle of it; and nothing that it does afterwards has an effect.
type mortal struct {
	*memstore.Store
	provider mail.BulkSender
	random   *rand.Rand
	calls    int // until it dies
}

// lives reports whether a call is done, and whether its answer arrives.
func (m *mortal) lives() (done, heard bool) {
	m.calls--
	if m.calls == 0 {
		return m.random.IntN(2) == 0, false
	}
	return m.calls > 0, m.calls > 0
}

func (m *mortal) do(f func() error) error {
	done, heard := m.lives()
	var err error
	if done {
		err = f()
	}
	if !heard {
		return errDead
	}
	return err
}

func (m *mortal) DueAnnouncements(ctx context.Context, now time.Time, limit int) (found []mail.Due, err error) {
	err = m.do(func() error { found, err = m.Store.DueAnnouncements(ctx, now, limit); return err })
	return found, err
}

func (m *mortal) Announcement(ctx context.Context, organization, id string) (a *org.Announcement, o *org.Organization, err error) {
	err = m.do(func() error { a, o, err = m.Store.Announcement(ctx, organization, id); return err })
	return a, o, err
}

func (m *mortal) Facts(ctx context.Context, organization, after string, limit int) (found []user.Profile, next string, err error) {
	err = m.do(func() error { found, next, err = m.Store.Facts(ctx, organization, after, limit); return err })
	return found, next, err
}

func (m *mortal) Registered(ctx context.Context, organization string, users []string) (found map[string]user.Profile, err error) {
	err = m.do(func() error { found, err = m.Store.Registered(ctx, organization, users); return err })
	return found, err
}

func (m *mortal) Advance(ctx context.Context, before, next org.Announcement) error {
	return m.do(func() error { return m.Store.Advance(ctx, before, next) })
}

func (m *mortal) SendBulk(ctx context.Context, messages []mail.Message) []error {
	errs := make([]error, len(messages))
	done, heard := m.lives()
	if done || !heard {
		some := messages
		if !heard {
			some = messages[:m.random.IntN(len(messages)+1)]
		}
		copy(errs, m.provider.SendBulk(ctx, some))
	}
	if !heard {
		for i := range errs {
			errs[i] = errDead
		}
	}
	return errs
}

// Whenever the mailer dies, however often, and whatever the provider answers and an administrator does meanwhile: nobody is mailed twice,
// everybody is accounted for, and each death or lost answer costs no more than the batch in hand.
func TestAMailerThatIsKilledAtRandomMoments(t *testing.T) {
	const users, batch = 240, 12
	killed := 0
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			c := lax(t)
			c.announcer.Rate = batch
			c.users(users)
			id := c.announce(policy.Announcing{To: org.ToAll}).ID
			lost := c.moody(random)
			deaths := 0
			a := c.latest()
			for tries := 0; a.Open(); tries++ {
				if tries > 400 {
					t.Fatalf("it does not end: %+v", a)
				}
				m := &mortal{c.store, c, random, 1 + random.IntN(40)}
				c.announcer.Store, c.announcer.Bulk = m, m
				_ = c.tick()
				if m.calls <= 0 {
					deaths++
				}
				c.meddle(id, random)
				c.Clock.Advance(org.BatchLease)
				a = c.latest()
			}
			p := a.Progress
			if n := int64(c.mails("announcement")); p.Seen != users || p.Sent+p.Failed+p.Unknown != users || n < p.Sent || n > p.Sent+p.Unknown {
				t.Errorf("%d mails, %+v", n, a)
			}
			if p.Unknown > int64(deaths*batch+*lost) || len(a.Left) != 0 {
				t.Errorf("%d deaths, %d lost answers, %+v", deaths, *lost, a)
			}
			killed += deaths
		})
	}
	if killed < 150 {
		t.Errorf("only %d deaths in all: is anything tested?", killed)
	}
}

// moody makes the provider answer as it pleases, and counts whose answers were lost.
func (c *crowd) moody(random *rand.Rand) (lost *int) {
	lost = new(int)
	c.answer = func(string) error {
		switch random.IntN(60) {
		case 0:
			return mail.ErrNotTaken
		case 1:
			return mail.ErrRejected
		case 2:
			*lost++
			return errLost
		}
		return nil
	}
	return lost
}

// meddle pauses and resumes now and then.
func (c *crowd) meddle(id string, random *rand.Rand) {
	if random.IntN(4) != 0 {
		return
	}
	for _, s := range []org.AnnouncementState{org.AnnouncementPaused, org.Announcing} {
		_, err := c.Policy.ChangeAnnouncement(c.t.Context(), c.Administrator, acme, id, s)
		if err != nil && !errors.Is(err, org.ErrAnnouncement) {
			c.t.Error(err)
		}
	}
}

// The next batch is another one: what a raced tick claims is never what the first one has in hand.
func TestClaimsOfRacedTicksDoNotOverlap(t *testing.T) {
	c := lax(t)
	c.users(200)
	c.announce(policy.Announcing{To: org.ToAll})
	var inner []string
	nested := false
	c.announcer.Bulk = counting{c, func(int) {
		if !nested {
			nested = true
			c.must(c.tick()) // while the first has claimed and not settled
			for to := range c.sent {
				inner = append(inner, to)
			}
		}
	}}
	c.must(c.tick())
	if slices.Sort(inner); len(inner) != 0 {
		t.Errorf("beside a claim %d were mailed", len(inner))
	}
	if a := c.latest(); c.mails("announcement") != 200 || a.Progress.Sent != 200 {
		t.Errorf("%+v", a.Progress)
	}
}
