package story_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/ses"
	"twofold/infra/local/stack"
	"twofold/infra/local/story"
)

// A code that fails for now goes through the queue, and what cannot be read is put away, while others proceed: real binaries, real
// stream, the template's queues and roles.
func TestACodeThatIsDelayed(t *testing.T) {
	s := stack.ForTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	told := story.New(story.World{
		API: s.APIURL, Mailbox: s.MailURL, SystemKey: systemKey(t, s), Tell: func(title string) { t.Log(title) }, Now: time.Now,
	})
	fail := func(to string) {
		s.SES.SetFault(func(address string) ses.Outcome {
			if address == to {
				return http.StatusTooManyRequests
			}
			return 0
		})
	}
	poison := func(ctx context.Context) error {
		_, err := s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.TableName, Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "NOBODY#knows"}, "sk": &types.AttributeValueMemberS{Value: "WHAT"},
			"deliver": &types.AttributeValueMemberS{Value: "content"},
		}})
		return err
	}
	mend := func() {
		for ctx.Err() == nil && !strings.Contains(s.Logs(), "tried again in vain") { // so that the queue is left again, and again in vain
			s.SQS.Hurry("MailerRetries")
			time.Sleep(10 * time.Millisecond)
		}
		s.SES.SetFault(nil)
	}
	if err := told.RunDelayed(ctx, fail, poison, mend); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	kept := s.Queue("MailerFailures.Arn")
	if len(kept) != 1 || !strings.Contains(kept[0], `"pk":"NOBODY#knows"`) || strings.Contains(kept[0], "content") || len(s.StreamFailures()) != 0 {
		t.Errorf("put away is %v; given up by the stream: %d", kept, len(s.StreamFailures()))
	}
	searchEverything(ctx, t, s, told)
}
