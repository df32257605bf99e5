package main

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// caller is what the ceiling calls of the SDK's client.
type caller interface {
	BatchGetItem(context.Context, *sdk.BatchGetItemInput, ...func(*sdk.Options)) (*sdk.BatchGetItemOutput, error)
	UpdateItem(context.Context, *sdk.UpdateItemInput, ...func(*sdk.Options)) (*sdk.UpdateItemOutput, error)
}

// replay is what an operation asked of the table for one person, the model, to be asked for others with nothing
// around it: the same keys but for the person's, the same expressions, the same values but for the revision.
type replay struct {
	model string
	read  *sdk.BatchGetItemInput
	write *sdk.UpdateItemInput // nil: none
}

// The values of the write that say which revision it follows; see package dynamo, replace.
const (
	valueRev    = ":rev"
	valueBefore = ":before"
)

var errShape = errors.New("the recorded calls are not one read, and one write of the next revision: the ceiling must follow package dynamo")

// replayOf takes over what was recorded of the model's operation.
func replayOf(model *person, r *recorder) (replay, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.strange != nil {
		return replay{}, r.strange
	}
	if r.read == nil {
		return replay{}, errShape
	}
	if r.write != nil {
		values := r.write.ExpressionAttributeValues
		if values[valueRev] == nil || values[valueBefore] == nil || !names(r.write.Key, model.id) {
			return replay{}, errShape
		}
	}
	return replay{model: model.id, read: r.read, write: r.write}, nil
}

// call is one operation's calls for a person.
func (r replay) call(c caller, p *person) call {
	return func(ctx context.Context) (reply, error) {
		if _, err := c.BatchGetItem(ctx, r.reading(p)); err != nil {
			return reply{}, err
		}
		if r.write == nil {
			return reply{}, nil
		}
		if _, err := c.UpdateItem(ctx, r.writing(p)); err != nil {
			return reply{}, err
		}
		p.rev++
		return reply{}, nil
	}
}

func (r replay) reading(p *person) *sdk.BatchGetItemInput {
	in := *r.read
	in.RequestItems = make(map[string]types.KeysAndAttributes, len(r.read.RequestItems))
	for table, asked := range r.read.RequestItems {
		keys := make([]map[string]types.AttributeValue, len(asked.Keys))
		for at, key := range asked.Keys {
			keys[at] = r.moved(key, p)
		}
		asked.Keys = keys
		in.RequestItems[table] = asked
	}
	return &in
}

func (r replay) writing(p *person) *sdk.UpdateItemInput {
	in := *r.write
	in.Key = r.moved(in.Key, p)
	in.ExpressionAttributeValues = maps.Clone(in.ExpressionAttributeValues)
	in.ExpressionAttributeValues[valueBefore] = whole(p.rev)
	in.ExpressionAttributeValues[valueRev] = whole(p.rev + 1)
	return &in
}

// moved is the key with the person in the model's place; a key that is not the model's stays.
func (r replay) moved(key map[string]types.AttributeValue, p *person) map[string]types.AttributeValue {
	if !names(key, r.model) {
		return key
	}
	out := make(map[string]types.AttributeValue, len(key))
	for name, value := range key {
		if text, ok := value.(*types.AttributeValueMemberS); ok {
			value = &types.AttributeValueMemberS{Value: strings.Replace(text.Value, r.model, p.id, 1)}
		}
		out[name] = value
	}
	return out
}

// names reports whether a key is of the person with an id.
func names(key map[string]types.AttributeValue, id string) bool {
	for _, value := range key {
		if text, ok := value.(*types.AttributeValueMemberS); ok && strings.HasSuffix(text.Value, "#"+id) {
			return true
		}
	}
	return false
}

func whole(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
