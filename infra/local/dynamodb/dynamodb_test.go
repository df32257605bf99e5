package dynamodb

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/template"
)

func TestTableIsTheTemplates(t *testing.T) {
	client, table := StreamedTableForTest(t)
	got, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Table.TableStatus != types.TableStatusActive {
		t.Errorf("status %s", got.Table.TableStatus)
	}
	if spec := got.Table.StreamSpecification; spec == nil || spec.StreamViewType != types.StreamViewTypeNewAndOldImages {
		t.Errorf("stream %+v", spec)
	}
	names := map[string]bool{}
	for _, index := range got.Table.GlobalSecondaryIndexes {
		names[*index.IndexName] = true
	}
	for _, index := range strings.Fields("activity byActor byUser byEmail byMethod byEnrolled byVerified everyUser everyEnrolled everyVerified") {
		if !names[index] {
			t.Errorf("there is no index %s: %v", index, names)
		}
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	if d := ttl.TimeToLiveDescription; d.TimeToLiveStatus != types.TimeToLiveStatusEnabled || *d.AttributeName != "ttl" {
		t.Errorf("time to live %+v", d)
	}
}

func TestTablesOfTestsAreApart(t *testing.T) {
	client, first := TableForTest(t)
	_, second := TableForTest(t)
	put(t, client, first, "a")
	if has(t, client, second, "a") {
		t.Error("an item of one table is in the other")
	}
	if !has(t, client, first, "a") {
		t.Error("the item is not where it was put")
	}
}

// TestDataOutlivesTheServer starts a server twice on one folder; creating the table again must keep its items.
func TestDataOutlivesTheServer(t *testing.T) {
	root, err := template.Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := file.Table(TableID)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "db")
	for run := range 2 {
		server, err := Start(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
		client := Client(server.Endpoint())
		if err := CreateTable(t.Context(), client, definition, "kept"); err != nil {
			t.Fatal(err)
		}
		if run == 0 {
			put(t, client, "kept", "a")
		} else if !has(t, client, "kept", "a") {
			t.Error("the item is gone")
		}
		server.Stop()
	}
}

// TestOnlyLoopback reaches for the server on this machine's other addresses.
func TestOnlyLoopback(t *testing.T) {
	server, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	at, err := url.Parse(server.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	// The whole of 127.0.0.0/8 is this machine, so this works where there is no other interface too.
	for _, host := range []string{"127.0.0.2", "::1"} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort(host, at.Port()))
		if err == nil {
			conn.Close()
			t.Errorf("it listens on %s", host)
		}
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMissing(t *testing.T) {
	if missing := Missing(t.Context()); missing != nil {
		t.Errorf("tests run here, so nothing can be missing: %v", missing)
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	if missing := strings.Join(Missing(t.Context()), ", "); !strings.Contains(missing, "java 17") || !strings.Contains(missing, "mvn") {
		t.Errorf("of a bare machine it says: %s", missing)
	}
}

func TestOlder(t *testing.T) {
	for modules, want := range map[string]bool{
		"java.base@17.0.15\njava.xml@17.0.15": false, "java.base@21": false, "java.base@11.0.2": true, "": true, "java.base@x": true,
	} {
		if got := older(modules, 17); got != want {
			t.Errorf("older(%q) = %v", modules, got)
		}
	}
}

func put(t *testing.T, client *dynamodb.Client, table, key string) {
	t.Helper()
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: itemKey(key)})
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, client *dynamodb.Client, table, key string) bool {
	t.Helper()
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: itemKey(key), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Item) > 0
}

func itemKey(key string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: key}, "sk": &types.AttributeValueMemberS{Value: key},
	}
}
