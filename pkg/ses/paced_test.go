package ses_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	local "twofold/infra/local/ses"
	"twofold/pkg/mail"
	"twofold/pkg/ses"
)

var _ mail.BulkSender = (*ses.Paced)(nil)

// turn is a clock that waiting moves.
type turn struct {
	mu     sync.Mutex
	now    time.Time
	waited time.Duration
}

func (c *turn) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *turn) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.waited = c.now.Add(d), c.waited+d
	return ctx.Err()
}

// paced is a sender on the emulator of SES with a quota; calls counts what it was asked.
func paced(t *testing.T, q local.Quota) (p *ses.Paced, provider *local.SES, c *turn, calls map[string]int) {
	t.Helper()
	c, calls = &turn{now: time.Now()}, map[string]int{}
	provider = local.New("no-reply@twofold.test", c.Now)
	provider.SetQuota(q)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls[r.URL.Path]++
		provider.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	client := sesv2.NewFromConfig(configuration(), func(o *sesv2.Options) { o.BaseEndpoint = &server.URL })
	return &ses.Paced{Sender: ses.New(client, "no-reply@twofold.test", ""), Client: client, Now: c.Now, Wait: c.Wait}, provider, c, calls
}

func many(n int) []mail.Message {
	var all []mail.Message
	for range n {
		all = append(all, mail.Message{To: "ada@example.org", Subject: "s", Text: "t", HTML: "<p>t</p>"})
	}
	return all
}

// Fifty mails at an account's rate of 14 a second go at half of it, in calls of what goes in a second, and are never throttled.
func TestABulkKeepsToItsShare(t *testing.T) {
	p, provider, c, calls := paced(t, local.Quota{Rate: 14})
	for range 3 {
		for i, err := range p.SendBulk(t.Context(), many(50)) {
			if err != nil {
				t.Fatal(i, err)
			}
		}
	}
	if n := len(provider.Messages("")); n != 150 {
		t.Errorf("%d arrived", n)
	}
	if c.waited < 20*time.Second || c.waited > 35*time.Second {
		t.Errorf("150 at 7 a second took %v", c.waited)
	}
	if calls["/v2/email/account"] != 1 || calls["/v2/email/outbound-bulk-emails"] > 40 {
		t.Errorf("calls %v", calls)
	}
}

// What is throttled goes again, once; what there is no time for, no quota or no patience is left for later, and may go then.
func TestABulkThatIsThrottled(t *testing.T) {
	p, provider, _, _ := paced(t, local.Quota{Rate: 100})
	denied := 0
	provider.SetFault(func(string) local.Outcome {
		if denied++; denied <= 40 {
			return http.StatusTooManyRequests
		}
		return 0
	})
	for i, err := range p.SendBulk(t.Context(), many(50)) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if n := len(provider.Messages("")); n != 50 {
		t.Errorf("%d arrived", n)
	}
	asked := 0
	provider.SetFault(func(string) local.Outcome { asked++; return http.StatusTooManyRequests })
	for i, err := range p.SendBulk(t.Context(), many(50)) {
		if !errors.Is(err, mail.ErrNotTaken) {
			t.Errorf("throttled for ever, %d: %v", i, err)
		}
	}
	if asked > 60 { // four calls, each of half as many
		t.Errorf("throttled for ever, and %d were tried", asked)
	}
	provider.SetFault(func(string) local.Outcome { return http.StatusBadRequest })
	for i, err := range p.SendBulk(t.Context(), many(3)) {
		if !errors.Is(err, mail.ErrRejected) {
			t.Errorf("rejected, %d: %v", i, err)
		}
	}
}

func TestABulkBeyondTimeAndDay(t *testing.T) {
	p, provider, c, _ := paced(t, local.Quota{Rate: 1})
	ctx, cancel := context.WithDeadline(t.Context(), c.Now().Add(6*time.Second))
	defer cancel()
	sent, left := 0, 0
	for _, err := range p.SendBulk(ctx, many(50)) {
		switch {
		case err == nil:
			sent++
		case errors.Is(err, mail.ErrNotTaken):
			left++
		}
	}
	if sent < 1 || sent > 4 || sent+left != 50 || len(provider.Messages("")) != sent {
		t.Errorf("in six seconds of the sandbox %d went, %d are left", sent, left)
	}
	p, provider, c, calls := paced(t, local.Quota{Rate: 100, Day: 20})
	for range 2 {
		p.SendBulk(t.Context(), many(30))
	}
	if n := len(provider.Messages("")); n != 16 {
		t.Errorf("%d of a day of 20 went: a fifth is kept for codes", n)
	}
	_ = c.Wait(t.Context(), 25*time.Hour)
	if errs := p.SendBulk(t.Context(), many(1)); errs[0] != nil || calls["/v2/email/account"] != 2 {
		t.Errorf("a day later: %v, calls %v", errs, calls)
	}
}

// Without knowing the quota nothing goes: it is surely not taken.
func TestABulkWithoutAQuota(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/email/account" {
			t.Error("something was sent")
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	client := sesv2.NewFromConfig(configuration(), func(o *sesv2.Options) { o.BaseEndpoint = &server.URL })
	p := &ses.Paced{Sender: ses.New(client, "no-reply@twofold.test", ""), Client: client, Now: time.Now, Wait: (&turn{}).Wait}
	for _, err := range p.SendBulk(t.Context(), many(2)) {
		if !errors.Is(err, mail.ErrNotTaken) {
			t.Error(err)
		}
	}
}
