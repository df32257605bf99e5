// Command failing is the function of testdata/failing.yaml that does what the path asks for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	table = aws.String(os.Getenv("TABLE_NAME"))
	db    = dynamodb.NewFromConfig(aws.Config{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")),
		Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
	})
)

func main() { lambda.Start(handle) }

// handle answers a request, and takes down the source of an event that is none.
func handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var tick struct{ Source string }
	if err := json.Unmarshal(payload, &tick); err != nil {
		return nil, err
	}
	if tick.Source != "" {
		item := key(tick.Source, "TICK")
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: item})
		return nil, err
	}
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	switch what := request.PathParameters["what"]; what {
	case "panic":
		panic("as asked")
	case "fail":
		return nil, errors.New("as asked")
	case "large":
		return say(strings.Repeat("x", 7<<20)), nil
	case "pid":
		return say(strconv.Itoa(os.Getpid())), nil
	default:
		return race(ctx, what)
	}
}

func say(text string) any { return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: text} }

// race waits until two have arrived at the same name, and answers which of them wins the prize that there is one of.
func race(ctx context.Context, name string) (any, error) {
	_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: table, Key: key(name, "ARRIVED"), UpdateExpression: aws.String("ADD arrived :one"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	for arrived := false; err == nil && !arrived; time.Sleep(5 * time.Millisecond) {
		var out *dynamodb.GetItemOutput
		out, err = db.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key(name, "ARRIVED"), ConsistentRead: aws.Bool(true)})
		if err == nil {
			n, _ := out.Item["arrived"].(*types.AttributeValueMemberN)
			arrived = n != nil && n.Value != "1"
		}
	}
	if err != nil {
		return nil, err
	}
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: table, Item: key(name, "PRIZE"), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var lost *types.ConditionalCheckFailedException
	if errors.As(err, &lost) {
		return say("lost " + strconv.Itoa(os.Getpid())), nil
	}
	return say("won " + strconv.Itoa(os.Getpid())), err
}

func key(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}
