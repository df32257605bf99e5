package ses

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"twofold/pkg/mail"
)

// errThrottled is ErrNotTaken for now: the next second may be another matter.
var errThrottled = fmt.Errorf("throttled: %w", mail.ErrNotTaken)

// AccountClient is the part of *sesv2.Client that asks for the account's quota.
type AccountClient interface {
	GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
}

// Paced is a BulkSender that keeps to a share of the account's rate and of its day: see mail.Pace. What there is no time for is
// ErrNotTaken. It is for one goroutine at a time.
type Paced struct {
	Sender *Sender
	Client AccountClient
	Now    func() time.Time
	// Wait returns after d, or earlier with ctx's error when that ends.
	Wait func(ctx context.Context, d time.Duration) error

	mu      sync.Mutex
	pace    mail.Pace
	left    int       // mails that may still go today
	learned time.Time // when the quota was asked for
}

// OpenPaced makes one with a client of its own, which is not used before the first bulk: codes need no quota.
func OpenPaced(cfg aws.Config, endpoint *string, s *Sender) *Paced {
	return &Paced{
		Sender: s, Client: sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.BaseEndpoint = endpoint }), Now: time.Now, Wait: wait,
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// The quota is asked for again after a while, since an account's grows; patience is how often in a row a call is tried that was throttled.
const (
	quotaLife = 5 * time.Minute
	patience  = 4
)

var errLater = fmt.Errorf("ses: not within the account's quota now: %w", mail.ErrNotTaken)

// SendBulk hands messages over in calls of as many as may go in a second, and waits between them. It tries again, after a random part
// of a time that doubles, what SES has surely not taken because it was too much at once; nothing else.
func (p *Paced) SendBulk(ctx context.Context, messages []mail.Message) []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	results := make([]error, len(messages))
	for i := range results {
		results[i] = errLater
	}
	if err := p.learn(ctx); err != nil {
		for i := range results {
			results[i] = err
		}
		return results
	}
	waiting := make([]int, len(messages)) // those that are still to go, by their places
	for i := range waiting {
		waiting[i] = i
	}
	for refused := 0; len(waiting) > 0 && refused < patience; {
		n := min(p.pace.Batch(), len(waiting), p.left)
		if n == 0 || !p.turn(ctx, n, refused) {
			break
		}
		again := p.some(ctx, messages, waiting[:n], results)
		waiting = append(again, waiting[n:]...)
		if len(again) == 0 {
			refused = 0
			continue
		}
		refused++
		p.pace = p.pace.Throttled(p.Now())
	}
	return results
}

// turn waits until n mails may go; false: not before ctx ends.
func (p *Paced) turn(ctx context.Context, n, refused int) bool {
	var d time.Duration
	p.pace, d = p.pace.Take(n, p.Now())
	if refused > 0 {
		d += rand.N(time.Second << (refused - 1))
	}
	if end, ok := ctx.Deadline(); ok && p.Now().Add(d).After(end) {
		return false
	}
	return d == 0 || p.Wait(ctx, d) == nil
}

// some sends those at the places, writes down what became of each, and gives the places of those that were throttled.
func (p *Paced) some(ctx context.Context, messages []mail.Message, at []int, results []error) (again []int) {
	var part []mail.Message
	for _, i := range at {
		part = append(part, messages[i])
	}
	for j, err := range p.Sender.sendBulk(ctx, part, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} }) {
		results[at[j]] = err
		if errors.Is(err, errThrottled) {
			again = append(again, at[j])
		} else {
			p.left--
		}
	}
	return again
}

// learn asks for the account's quota, unless that was done a while ago.
func (p *Paced) learn(ctx context.Context) error {
	now := p.Now()
	if p.pace.Known() && now.Sub(p.learned) < quotaLife {
		return nil
	}
	out, err := p.Client.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return fmt.Errorf("%w: %w", identityFault(err), mail.ErrNotTaken)
	}
	if out.SendQuota == nil {
		return fmt.Errorf("ses: the account has no quota: %w", mail.ErrNotTaken)
	}
	q := mail.Quota{PerSecond: out.SendQuota.MaxSendRate, PerDay: out.SendQuota.Max24HourSend, Sent: out.SendQuota.SentLast24Hours}
	if !p.pace.Known() || !p.pace.Of(q.PerSecond) {
		p.pace = mail.NewPace(q.PerSecond, now)
	}
	p.left, p.learned = q.Left(), now
	return nil
}
