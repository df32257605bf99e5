package stream

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// key is a shard's name in the checkpoints.
func (p *Poller) key(shardID string) string {
	return position(p.o.StreamARN, p.o.Reader+"/"+p.o.Source.Name, shardID)
}

// findLatest notes where the shards end that are there now and have no checkpoint. A shard that is closed has nothing
// more to give; one that comes later is read from its beginning, as all of it is new.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
//
// Lambda remembers the position of a source that has never delivered anything; this poller begins with the latest again
// when it is started again before that.
func (p *Poller) findLatest(ctx context.Context) error {
	shards, err := p.describe(ctx)
	if err != nil {
		return fmt.Errorf("stream: reading the list of shards: %w", err)
	}
	for _, s := range shards {
		id := aws.ToString(s.ShardId)
		if p.o.Checkpoints.get(p.key(id)) != "" {
			continue
		}
		if s.SequenceNumberRange != nil && s.SequenceNumberRange.EndingSequenceNumber != nil {
			p.shards[id] = &shardState{done: true}
			continue
		}
		out, err := p.o.Client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
			StreamArn: aws.String(p.o.StreamARN), ShardId: s.ShardId, ShardIteratorType: types.ShardIteratorTypeLatest,
		})
		if err != nil {
			return fmt.Errorf("stream: finding the latest record: %w", err)
		}
		p.begins[id] = out.ShardIterator
	}
	return nil
}
