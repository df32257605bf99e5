package stream

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// TestWireShape reads what is written here with the type that functions read it with.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
func TestWireShape(t *testing.T) {
	created := time.Date(2026, 11, 1, 12, 0, 0, 900e6, time.UTC)
	all := map[string]types.AttributeValue{
		"s": &types.AttributeValueMemberS{Value: "x<ü"}, "n": &types.AttributeValueMemberN{Value: "1.50"},
		"b":    &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"bool": &types.AttributeValueMemberBOOL{Value: true}, "null": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		"l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "y"}}},
		"m":  &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": &types.AttributeValueMemberN{Value: "2"}}},
	}
	r, err := newRecord(types.Record{
		AwsRegion: aws.String("eu-west-1"), EventID: aws.String("id"), EventName: types.OperationTypeModify,
		EventSource: aws.String("aws:dynamodb"), EventVersion: aws.String("1.1"),
		Dynamodb: &types.StreamRecord{
			ApproximateCreationDateTime: aws.Time(created), SequenceNumber: aws.String("42"), SizeBytes: aws.Int64(7),
			StreamViewType: types.StreamViewTypeNewAndOldImages, NewImage: all,
			Keys: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "k"}},
		},
	}, "arn:stream")
	if err != nil {
		t.Fatal(err)
	}
	payload, err := eventOf([]record{r})
	if err != nil {
		t.Fatal(err)
	}
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		t.Fatal(err)
	}
	got := event.Records[0]
	if got.EventName != "MODIFY" || got.EventID != "id" || got.EventSource != "aws:dynamodb" || got.EventVersion != "1.1" ||
		got.AWSRegion != "eu-west-1" || got.EventSourceArn != "arn:stream" {
		t.Errorf("got %+v", got)
	}
	change := got.Change
	if change.SequenceNumber != "42" || change.SizeBytes != 7 || change.StreamViewType != "NEW_AND_OLD_IMAGES" ||
		!change.ApproximateCreationDateTime.Equal(created.Truncate(time.Second)) || change.Keys["pk"].String() != "k" || change.OldImage != nil {
		t.Errorf("got %+v", change)
	}
	image := change.NewImage
	if image["s"].String() != "x<ü" || image["n"].Number() != "1.50" || string(image["b"].Binary()) != "\x00\xff" ||
		!image["bool"].Boolean() || !image["null"].IsNull() || image["l"].List()[0].String() != "y" ||
		image["m"].Map()["k"].Number() != "2" || !reflect.DeepEqual(image["ss"].StringSet(), []string{"a", "b"}) ||
		!reflect.DeepEqual(image["ns"].NumberSet(), []string{"1", "2"}) ||
		!reflect.DeepEqual(image["bs"].BinarySet(), [][]byte{{1}, {2}}) {
		t.Errorf("got %+v", image)
	}
}

func TestARecordWithoutPositionIsAnError(t *testing.T) {
	for _, r := range []types.Record{{}, {Dynamodb: &types.StreamRecord{}}} {
		if _, err := newRecord(r, "arn:stream"); err == nil {
			t.Error("accepted")
		}
	}
}
