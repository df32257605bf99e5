package dynamo

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxBatch is how many items one BatchGetItem reads.
const maxBatch = 100

// batchesAtOnce are asked for side by side, so that many items take hardly longer than few.
const batchesAtOnce = 4

// batches reads any number of items strongly consistent, a hundred a request. attributes are all that is wanted of them; none: everything.
func (s *Store) batches(ctx context.Context, attributes []string, keys []key) (map[key]item, error) {
	asked := types.KeysAndAttributes{}
	if len(attributes) > 0 {
		asked.ProjectionExpression, asked.ExpressionAttributeNames = projection(append([]string{"pk", "sk"}, attributes...))
	}
	parts := slices.Collect(slices.Chunk(keys, maxBatch))
	found, failed := make([]map[key]item, len(parts)), make([]error, len(parts))
	var wait sync.WaitGroup
	free := make(chan struct{}, batchesAtOnce)
	for at, part := range parts {
		free <- struct{}{}
		wait.Go(func() {
			found[at], failed[at] = s.batchOf(ctx, asked, part...)
			<-free
		})
	}
	wait.Wait()
	all := make(map[key]item, len(keys))
	for at := range parts {
		if failed[at] != nil {
			return nil, failed[at]
		}
		maps.Copy(all, found[at])
	}
	return all, nil
}

// projection names attributes by their places: some of them are words of the language of expressions.
func projection(attributes []string) (*string, map[string]string) {
	names := make(map[string]string, len(attributes))
	expression := ""
	for at, name := range attributes {
		placeholder := "#p" + string(rune('a'+at/26)) + string(rune('a'+at%26))
		names[placeholder] = name
		if at > 0 {
			expression += ", "
		}
		expression += placeholder
	}
	return &expression, names
}
