package main

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// recorded is what an answer of a person asks of the table.
func recorded(id string) *recorder {
	key := attributes{"pk": text("USER#" + organization + "#" + id), "sk": text("FACTORS")}
	return &recorder{
		read: &sdk.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {
			ConsistentRead: aws.Bool(true), Keys: []map[string]types.AttributeValue{{"pk": text("KEY#1"), "sk": text("KEY")}, key},
		}}},
		write: &sdk.UpdateItemInput{
			TableName: aws.String(table), Key: key, UpdateExpression: aws.String("SET #a = :a, #rev = :rev"),
			ConditionExpression: aws.String("#rev = :before"), ExpressionAttributeNames: map[string]string{"#a": "a", "#rev": "rev"},
			ExpressionAttributeValues: attributes{":a": text("same"), ":rev": whole(8), ":before": whole(7)},
		},
	}
}

// seen stands in for the SDK's client.
type seen struct {
	read  *sdk.BatchGetItemInput
	write *sdk.UpdateItemInput
	err   error
}

func (s *seen) BatchGetItem(_ context.Context, in *sdk.BatchGetItemInput, _ ...func(*sdk.Options)) (*sdk.BatchGetItemOutput, error) {
	s.read = in
	return &sdk.BatchGetItemOutput{}, nil
}

func (s *seen) UpdateItem(_ context.Context, in *sdk.UpdateItemInput, _ ...func(*sdk.Options)) (*sdk.UpdateItemOutput, error) {
	s.write = in
	return &sdk.UpdateItemOutput{}, s.err
}

func TestTheCeilingAsksTheSameOfAnother(t *testing.T) {
	model, other := &person{id: "person-000001"}, &person{id: "person-000002", rev: 3}
	r, err := replayOf(model, recorded(model.id))
	if err != nil {
		t.Fatal(err)
	}
	s := &seen{}
	if _, err := r.call(s, other)(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := recorded(other.id)
	want.write.ExpressionAttributeValues[":before"], want.write.ExpressionAttributeValues[":rev"] = whole(3), whole(4)
	if !reflect.DeepEqual(s.read, want.read) {
		t.Errorf("read %+v", s.read.RequestItems[table].Keys)
	}
	if !reflect.DeepEqual(s.write, want.write) {
		t.Errorf("written %+v", s.write)
	}
	if other.rev != 4 {
		t.Errorf("the next write follows revision %d", other.rev)
	}
	if again := recorded(model.id); !reflect.DeepEqual(r.read, again.read) || !reflect.DeepEqual(r.write, again.write) {
		t.Error("what was recorded has changed")
	}
	s.err = errors.New("refused")
	if _, err := r.call(s, other)(t.Context()); err == nil || other.rev != 4 {
		t.Errorf("a refused write: %v, then revision %d", err, other.rev)
	}
}

func TestALoginsCeilingWritesNothing(t *testing.T) {
	model := &person{id: "person-000001"}
	records := recorded(model.id)
	records.write = nil
	r, err := replayOf(model, records)
	if err != nil {
		t.Fatal(err)
	}
	s := &seen{}
	if _, err := r.call(s, &person{id: "person-000002"})(t.Context()); err != nil || s.read == nil || s.write != nil {
		t.Errorf("%v, read %v, written %v", err, s.read, s.write)
	}
}

func TestWhatTheCeilingCannotRepeatIsAnError(t *testing.T) {
	model := &person{id: "person-000001"}
	for name, spoil := range map[string]func(*recorder){
		"nothing read":       func(r *recorder) { r.read = nil },
		"no revision":        func(r *recorder) { delete(r.write.ExpressionAttributeValues, valueRev) },
		"no condition":       func(r *recorder) { delete(r.write.ExpressionAttributeValues, valueBefore) },
		"another's item":     func(r *recorder) { r.write.Key = attributes{"pk": text("ORG#x"), "sk": text("ORG")} },
		"another call":       func(r *recorder) { r.asked("TransactWriteItems", &sdk.TransactWriteItemsInput{}) },
		"a call too many":    func(r *recorder) { r.asked("BatchGetItem", recorded(model.id).read) },
		"a second write":     func(r *recorder) { r.asked("UpdateItem", recorded(model.id).write) },
		"nothing whatsoever": (*recorder).reset,
	} {
		records := recorded(model.id)
		spoil(records)
		if _, err := replayOf(model, records); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
