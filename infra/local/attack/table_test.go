package attack_test

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/template"
)

// tableWithoutStream makes the template's table for one test, without its stream: DynamoDB Local keeps the records of every
// table that ever was, and each makes all further writes slower, three times after some thousand. Nobody reads them here;
// what the stream would hold is read from the table (records).
func tableWithoutStream(t *testing.T) (*sdk.Client, string) {
	t.Helper()
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := file.Table(dynamodb.TableID)
	if err != nil {
		t.Fatal(err)
	}
	definition.Create.StreamSpecification = nil
	client, table := dynamodb.Client(dynamodb.ForTest(t)), "test-"+rand.Text()
	if err := dynamodb.CreateTable(t.Context(), client, definition, table); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// A table that stays behind costs the shared server memory, nothing else.
		_, _ = client.DeleteTable(ctx, &sdk.DeleteTableInput{TableName: aws.String(table)})
	})
	return client, table
}
