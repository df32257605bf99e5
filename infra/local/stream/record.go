package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// record is one change, as Lambda writes it into an event.
type record struct {
	sequence string
	created  time.Time
	wire     json.RawMessage
}

// newRecord writes r in the shape of aws-lambda-go's events.DynamoDBEventRecord, which differs from the SDK's: times
// are seconds, attribute values are objects of one field.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
func newRecord(r types.Record, streamARN string) (record, error) {
	if r.Dynamodb == nil || r.Dynamodb.SequenceNumber == nil {
		return record{}, fmt.Errorf("stream: a record without a sequence number")
	}
	d := r.Dynamodb
	created := aws.ToTime(d.ApproximateCreationDateTime)
	change := map[string]any{
		"ApproximateCreationDateTime": created.Unix(),
		"Keys":                        attributes(d.Keys),
		"SequenceNumber":              *d.SequenceNumber,
		"SizeBytes":                   aws.ToInt64(d.SizeBytes),
		"StreamViewType":              d.StreamViewType,
	}
	if len(d.NewImage) > 0 {
		change["NewImage"] = attributes(d.NewImage)
	}
	if len(d.OldImage) > 0 {
		change["OldImage"] = attributes(d.OldImage)
	}
	wire, err := json.Marshal(map[string]any{
		"eventID": aws.ToString(r.EventID), "eventName": r.EventName, "eventVersion": aws.ToString(r.EventVersion),
		"eventSource": "aws:dynamodb", "awsRegion": aws.ToString(r.AwsRegion), "eventSourceARN": streamARN,
		"dynamodb": change,
	})
	if err != nil {
		return record{}, fmt.Errorf("stream: %w", err)
	}
	return record{sequence: *d.SequenceNumber, created: created, wire: wire}, nil
}

func attributes(item map[string]types.AttributeValue) map[string]any {
	m := make(map[string]any, len(item))
	for name, value := range item {
		m[name] = attribute(value)
	}
	return m
}

// attribute relies on encoding/json writing []byte as base64.
func attribute(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}
	case *types.AttributeValueMemberL:
		list := make([]any, 0, len(v.Value))
		for _, element := range v.Value {
			list = append(list, attribute(element))
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": attributes(v.Value)}
	}
	return nil
}

// passes says whether one of the filters lets the record through; without filters everything passes.
func (r record) passes(filters []pattern) bool {
	if len(filters) == 0 {
		return true
	}
	dec := json.NewDecoder(bytes.NewReader(r.wire))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return false // not reached: it was written by newRecord
	}
	for _, f := range filters {
		if f.match(value, true) {
			return true
		}
	}
	return false
}

// eventOf is the payload of an invocation.
func eventOf(batch []record) ([]byte, error) {
	records := make([]json.RawMessage, 0, len(batch))
	for _, r := range batch {
		records = append(records, r.wire)
	}
	return json.Marshal(map[string]any{"Records": records})
}
