package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/dynamodb"
)

// TestDataOutlivesTheStack runs a stack twice on one folder: items, keys and the position in the stream stay.
func TestDataOutlivesTheStack(t *testing.T) {
	o := fixture(t)
	o.DataDir = filepath.Join(t.TempDir(), "data")
	var arn string
	for run := range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
		logs := &buffer{}
		o.Logs = logs
		s, err := Start(ctx, o)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another local stack") {
			t.Errorf("a second stack on the same data: %v", err)
		}
		if run == 0 {
			arn = s.KMS.ARN()
			order(t, s, "first", "a@example.com")
			await(t, func() bool { return len(s.Mailbox("")) == 1 })
		} else {
			order(t, s, "second", "b@example.com")
			await(t, func() bool { return len(s.Mailbox("b@example.com")) == 1 })
			if got := s.Mailbox("a@example.com"); len(got) != 0 {
				t.Errorf("the first mail was sent again: %+v\n%s", got, logs)
			}
			if s.KMS.ARN() != arn {
				t.Error("another key")
			}
		}
		if err := s.Settle(t.Context()); err != nil {
			t.Error(err)
		}
		s.Stop()
		s.Stop()
		o.Build = false // which the first run did
	}
}

// TestNothingIsLeftAfterAFailedStart fails late, twice: the second start would fail for another reason if the first
// had left its data locked, which it lets go of last.
func TestNothingIsLeftAfterAFailedStart(t *testing.T) {
	o := fixture(t)
	o.DynamoDB, o.TableName, o.InMemory = dynamodb.ForTest(t), "stack-"+rand.Text(), true
	o.DataDir = filepath.Join(t.TempDir(), "data")
	o.Build = false // so that the bootstrap's binary is missing
	for range 2 {
		s, err := Start(t.Context(), o)
		if s != nil || err == nil || !strings.Contains(err.Error(), "the bootstrap failed") {
			t.Fatalf("got %v", err)
		}
	}
	_, err := dynamodb.Client(o.DynamoDB).DescribeTable(t.Context(), &dynamodbapi.DescribeTableInput{TableName: &o.TableName})
	var gone *types.ResourceNotFoundException
	if !errors.As(err, &gone) {
		t.Errorf("the table is left: %v", err)
	}
}
