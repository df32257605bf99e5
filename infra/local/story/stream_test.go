package story_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	local "twofold/infra/local/dynamodb"
	"twofold/infra/local/stack"
)

// records is everything that the table's stream carried.
func records(ctx context.Context, t *testing.T, s *stack.Stack) []byte {
	t.Helper()
	table, err := s.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.TableName})
	if err != nil {
		t.Fatal(err)
	}
	streams := local.Streams(s.Environment()["AWS_ENDPOINT_URL_DYNAMODB"])
	stream, err := streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: table.Table.LatestStreamArn})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, shard := range stream.StreamDescription.Shards {
		begin, err := streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
			StreamArn: table.Table.LatestStreamArn, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		for at := begin.ShardIterator; at != nil; {
			page, err := streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: at})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Records) == 0 {
				break // an open shard never ends: this is its present end
			}
			for _, record := range page.Records {
				out.Write(asJSON(t, record.Dynamodb))
			}
			at = page.NextShardIterator
		}
	}
	return out.Bytes()
}
