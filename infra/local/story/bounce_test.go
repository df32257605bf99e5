package story_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// A bounce, end to end: the local SES publishes it, the topic says it twice, as SNS may, and the real mailer hears it behind its role.
func TestAMailThatComesBack(t *testing.T) {
	s := stack.ForTest(t)
	s.Twice("DeliveryEvents", true)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{
		API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now,
	})
	if err := told.RunBounce(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if left, queue := s.StreamFailures(), s.Queue("MailerFailures.Arn"); len(left)+len(queue) > 0 {
		t.Errorf("%d stream records and %d events were given up", len(left), len(queue))
	}
	if logs := s.Logs(); strings.Contains(logs, "simulator.amazonses.com") || strings.Contains(logs, "a notification failed") {
		t.Error("the log names an address, or a notification failed")
	}
}
