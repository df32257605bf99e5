package story

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Post is what a receiver of webhooks was sent.
type Post struct {
	Header map[string]string
	Body   string
	Taken  bool
}

// Outside is the world that events go out to.
type Outside struct {
	Sick   func()                          // the webhook's receiver takes nothing any more
	Well   func()                          // and takes everything again
	Posts  func() []Post                   // all that it was sent, in order
	OnBus  func() []string                 // the details of all events on the vendor's bus, in order
	Settle func(ctx context.Context) error // returns when nothing waits to go out
}

// hookHost is where the webhook of this story is.
const hookHost = "siem.example.com"

// RunWebhook tells how the organisation's events reach its webhook, which fails meanwhile, and the vendor's bus. It is a story of its own.
func (s *Story) RunWebhook(ctx context.Context, out Outside) error {
	var secret string
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation", s.createOrganization},
		{"Its administrator has events posted to a webhook", func(ctx context.Context) (err error) { secret, err = s.setWebhook(ctx); return err }},
		{"Users come, and their events go out", func(ctx context.Context) error { return all(s.come(ctx, 0, 30), out.Settle(ctx)) }},
		{"The receiver fails; more users come, and it is seen to fail", func(ctx context.Context) error {
			out.Sick()
			return all(s.come(ctx, 30, 60), s.webhookBecomes(ctx, "failing"))
		}},
		{"It is well again: everything has come, signed, each user's in order", func(ctx context.Context) error {
			out.Well()
			return all(s.webhookBecomes(ctx, "active"), out.Settle(ctx), s.everythingCame(ctx, secret, out))
		}},
		{"The administrator has all of it sent once more", func(ctx context.Context) error {
			before := len(taken(out.Posts()))
			_, err := s.call(ctx, s.adminKey, http.MethodPost, s.path("/webhook/replay"), fields{"leaf": 0}, http.StatusOK)
			if err := all(err, out.Settle(ctx)); err != nil {
				return err
			}
			if again := len(taken(out.Posts())) - before; again < 60 {
				return fmt.Errorf("%d events were sent once more", again)
			}
			return nil
		}},
	})
}

func (s *Story) setWebhook(ctx context.Context) (string, error) {
	token := "in-the-url-" + strings.ToUpper(s.Organization)
	s.secret("webhook's URL", token)
	url := "https://" + hookHost + "/events?token=" + token
	answer, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/webhook"), fields{"url": url}, http.StatusCreated)
	if err != nil {
		return "", err
	}
	secret := answer.text("secret")
	s.secret("webhook secret", strings.TrimPrefix(secret, "whsec_"))
	again, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/webhook"), fields{"url": url}, http.StatusOK)
	return secret, all(err, want("the secret shown again", again.text("secret"), ""))
}

// come registers users.
func (s *Story) come(ctx context.Context, from, to int) error {
	var lines strings.Builder
	lines.WriteString("user,email\n")
	for n := from; n < to; n++ {
		fmt.Fprintf(&lines, "w-%03d,w-%03d@acme.example\n", n, n)
	}
	return s.imported(ctx, lines.String())
}

func (s *Story) webhookBecomes(ctx context.Context, status string) error {
	_, err := eventually(ctx, "the webhook that is "+status, func() (fields, bool, error) {
		answer, err := s.quiet(ctx, s.adminKey, s.path("/webhook"))
		return answer, answer.text("status") == status, err
	})
	return err
}

func taken(posts []Post) []Post {
	return slices.DeleteFunc(slices.Clone(posts), func(p Post) bool { return !p.Taken })
}

// everythingCame compares what was taken with the organisation's audit since the webhook was set.
func (s *Story) everythingCame(ctx context.Context, secret string, out Outside) error {
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	hooked := map[string]bool{}
	for _, p := range taken(out.Posts()) {
		header := http.Header{}
		for name, value := range p.Header {
			header.Set(name, value)
		}
		if err := wh.Verify([]byte(p.Body), header); err != nil {
			return fmt.Errorf("a post is not signed: %w", err)
		}
		hooked[header.Get("webhook-id")] = true
	}
	bus := map[string]bool{}
	for _, detail := range out.OnBus() {
		var d struct{ Data struct{ ID string } }
		if err := json.Unmarshal([]byte(detail), &d); err != nil {
			return err
		}
		bus[d.Data.ID] = true
	}
	answer, err := s.quiet(ctx, s.adminKey, s.path("/audit?limit=200"))
	if err != nil {
		return err
	}
	events, _ := answer.at("events").([]any)
	users := 0
	for _, e := range events {
		event := fields(e.(map[string]any))
		if strings.HasPrefix(event.text("user"), "w-") {
			users++
		}
		if id := event.text("id"); !bus[id] || strings.HasPrefix(event.text("user"), "w-") && !hooked[id] {
			return fmt.Errorf("%s of %s did not come: bus %t, webhook %t", event.text("kind"), event.text("user"), bus[id], hooked[id])
		}
	}
	return want("users in the audit", fmt.Sprint(users), "60")
}
