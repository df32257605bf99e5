package dynamodb

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/template"
)

// EndpointVariable names the environment variable that points tests at a server that is already running, so that
// the packages of one `go test ./...` share one.
const EndpointVariable = "TWOFOLD_DYNAMODB_ENDPOINT"

// TableID is the logical id of the table in template.yaml.
const TableID = "Table"

var shared = sync.OnceValues(func() (*Server, error) {
	return Start(context.Background(), Options{})
})

// ForTest returns the endpoint of an in-memory server: the one that EndpointVariable names, or one that is started at
// the first call and ends with the test process. It never skips: a machine that cannot run it fails the test.
func ForTest(t testing.TB) string {
	t.Helper()
	if endpoint := os.Getenv(EndpointVariable); endpoint != "" {
		return endpoint
	}
	server, err := shared()
	if err != nil {
		t.Fatalf("DynamoDB Local is needed (java 17 and mvn, or %s): %v", EndpointVariable, err)
	}
	return server.Endpoint()
}

// TableForTest makes an empty table of its own for the test, as template.yaml defines it but without its stream, and drops it at the end.
// DynamoDB Local keeps the stream records of every table that ever was, and each makes all further writes slower, three times after
// some thousand; few tests read a stream. It is without the indexes that are named, too: every request reads all that there is of a table, so
// a table with ten of them is slower by half than one with five.
func TableForTest(t testing.TB, without ...string) (client *dynamodb.Client, table string) {
	t.Helper()
	return tableForTest(t, false, without...)
}

// StreamedTableForTest is TableForTest with the stream.
func StreamedTableForTest(t testing.TB) (client *dynamodb.Client, table string) {
	t.Helper()
	return tableForTest(t, true)
}

func tableForTest(t testing.TB, streamed bool, without ...string) (client *dynamodb.Client, table string) {
	t.Helper()
	client = Client(ForTest(t))
	definition, err := Definition()
	if err != nil {
		t.Fatal(err)
	}
	if !streamed {
		definition.Create.StreamSpecification = nil
	}
	definition.Create = leaving(definition.Create, without)
	table = "test-" + rand.Text()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := CreateTable(ctx, client, definition, table); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// A table that stays behind costs the shared server memory, nothing else.
		_, _ = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table)})
	})
	return client, table
}

// Definition is the table as template.yaml defines it.
func Definition() (template.Table, error) {
	root, err := template.Root()
	if err != nil {
		return template.Table{}, err
	}
	file, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		return template.Table{}, err
	}
	return file.Table(TableID)
}

// leaving takes indexes out of a table, and the attributes that are keys of nothing then.
func leaving(in dynamodb.CreateTableInput, without []string) dynamodb.CreateTableInput {
	in.GlobalSecondaryIndexes = slices.DeleteFunc(slices.Clone(in.GlobalSecondaryIndexes), func(i types.GlobalSecondaryIndex) bool {
		return slices.Contains(without, *i.IndexName)
	})
	used := map[string]bool{}
	for _, key := range in.KeySchema {
		used[*key.AttributeName] = true
	}
	for _, i := range in.GlobalSecondaryIndexes {
		for _, key := range i.KeySchema {
			used[*key.AttributeName] = true
		}
	}
	in.AttributeDefinitions = slices.DeleteFunc(slices.Clone(in.AttributeDefinitions), func(a types.AttributeDefinition) bool {
		return !used[*a.AttributeName]
	})
	return in
}
