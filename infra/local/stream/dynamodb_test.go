package stream

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "twofold/infra/local/dynamodb"
	"twofold/infra/local/template"
)

// TestRealStream reads DynamoDB Local's stream with the filter that the mailer has.
func TestRealStream(t *testing.T) {
	client, table := local.StreamedTableForTest(t)
	about, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	f := &function{}
	checkpoints, err := OpenCheckpoints("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(Options{
		Client: local.Streams(local.ForTest(t)), StreamARN: *about.Table.LatestStreamArn, Reader: "mailer",
		Source: template.StreamSource{
			BatchSize: 1, MaxAge: -1,
			Filters: []string{`{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"deliver":{"S":[{"exists":true}]}}}}`},
		},
		Function: f, Checkpoints: checkpoints, Failures: &Failures{}, Now: time.Now,
		Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	var want []string
	for _, deliver := range []string{"a", "", "b", "", "c"} {
		item := map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "k"}, "sk": &types.AttributeValueMemberS{Value: "FACTORS"},
		}
		if deliver != "" {
			item["deliver"] = &types.AttributeValueMemberS{Value: deliver}
			want = append(want, "")
		}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, func() bool { return len(f.seen()) >= len(want) })
	settle(t, p)
	got := f.seen()
	if len(got) != len(want) {
		t.Fatalf("delivered %q", got)
	}
	if ordered := []string{got[0], got[1], got[2]}; !reflect.DeepEqual(ordered, sorted(ordered)) {
		t.Errorf("out of order: %q", got)
	}
}

// sorted puts sequence numbers in order: longer ones are larger.
func sorted(sequences []string) []string {
	list := append([]string{}, sequences...)
	for i := range list {
		for k := i + 1; k < len(list); k++ {
			if len(list[k]) < len(list[i]) || len(list[k]) == len(list[i]) && list[k] < list[i] {
				list[i], list[k] = list[k], list[i]
			}
		}
	}
	return list
}
