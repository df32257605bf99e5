package story_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// An organisation's own sender, end to end: real binaries behind the roles of template.yaml, and an SES that refuses as SES does.
func TestTheSenderDomain(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{
		API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now,
		Tick: func(ctx context.Context) error { return s.Fire(ctx, "mailer", "Tick") },
	})
	if err := told.RunSender(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if left := s.StreamFailures(); len(left) > 0 {
		t.Errorf("%d stream records were given up", len(left))
	}
	if logs := s.Logs(); !strings.Contains(logs, "the system's sender stands in") || strings.Contains(logs, "mail."+told.Organization) {
		t.Error("the log does not say that the system's sender stood in, or names the domain")
	}
}
