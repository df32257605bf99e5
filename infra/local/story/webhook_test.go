package story_test

import (
	"context"
	"testing"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// Events that go out, end to end: real binaries, the stream, the queue, a receiver that fails and recovers, and the vendor's bus.
func TestAWebhookThatFailsAndRecovers(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now})
	out := story.Outside{
		Sick: func() { s.Receiver.Answer("", "503", -1) }, Well: s.Receiver.Heal,
		Settle: func(ctx context.Context) error {
			if err := s.Settle(ctx); err != nil {
				return err
			}
			return s.Drain(ctx) // the calls that the stream has made
		},
		Posts: func() (posts []story.Post) {
			for _, p := range s.Receiver.Posts("siem.example.com") {
				posts = append(posts, story.Post{Header: p.Header, Body: p.Body, Taken: p.Taken()})
			}
			return posts
		},
		OnBus: func() (details []string) {
			for _, e := range s.Bus.Events() {
				details = append(details, e.Detail)
			}
			return details
		},
	}
	if err := told.RunWebhook(ctx, out); err != nil {
		t.Fatal(err)
	}
	if left := s.StreamFailures(); len(left)+len(s.Queue("ProjectorFailures.Arn")) > 0 {
		t.Errorf("given up: %d records, %v", len(left), s.Queue("ProjectorFailures.Arn"))
	}
	searchEverything(ctx, t, s, told)
}
