package story_test

import (
	"context"
	"testing"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// Codes by SMS, end to end: real binaries behind the roles of template.yaml; then a search for the number in all that is left behind.
func TestCodesBySMS(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	pool, number, senderID := stack.Originations[0], stack.Originations[1], stack.Originations[2]
	var told *story.Story
	for _, own := range [][2]string{{pool, number}, {senderID, "ACME"}} {
		s.SES.Clear() // so that no code of the story before is taken for one of this
		told = story.New(story.World{
			API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now, Originations: own,
		})
		if err := told.RunSMS(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if left := s.StreamFailures(); len(left) > 0 {
		t.Errorf("%d stream records were given up", len(left))
	}
	searchEverything(ctx, t, s, told)
}
