// Package function is what the two functions of testdata/template.yaml do. The one called by the API writes an item
// whose address is sealed by KMS; the one called by the stream opens the address and sends a mail there.
package function

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	mail "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

var (
	purpose = map[string]string{"purpose": "contacts"}
	foreign = map[string]string{"purpose": "sign"}
)

func config(service string) aws.Config {
	return aws.Config{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_" + service)),
		Credentials: credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
	}
}

// Order answers a request of the API.
func Order(ctx context.Context, request events.APIGatewayV2HTTPRequest) (any, error) {
	if request.PathParameters["name"] == "trespass" {
		return trespass(ctx), nil
	}
	sealed, err := kms.NewFromConfig(config("KMS")).Encrypt(ctx, &kms.EncryptInput{
		KeyId: aws.String(os.Getenv("KMS_KEY_ARN")), Plaintext: []byte(request.Body), EncryptionContext: purpose,
	})
	if err != nil {
		return nil, err
	}
	name := request.PathParameters["name"]
	_, err = dynamodb.NewFromConfig(config("DYNAMODB")).PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(os.Getenv("TABLE_NAME")),
		Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: name}, "sk": &types.AttributeValueMemberS{Value: "ORDER"},
			"deliver": &types.AttributeValueMemberS{Value: name}, "to": &types.AttributeValueMemberB{Value: sealed.CiphertextBlob},
		},
	})
	return events.APIGatewayV2HTTPResponse{StatusCode: 201, Body: request.RouteKey}, err
}

// Deliver answers a batch of the stream, and names the first record that failed.
func Deliver(ctx context.Context, stream events.DynamoDBEvent) (any, error) {
	var answer events.DynamoDBEventResponse
	for _, r := range stream.Records {
		if err := send(ctx, r.Change.NewImage); err != nil {
			answer.BatchItemFailures = []events.DynamoDBBatchItemFailure{{ItemIdentifier: r.Change.SequenceNumber}}
			return answer, nil
		}
	}
	return answer, nil
}

func send(ctx context.Context, item map[string]events.DynamoDBAttributeValue) error {
	opened, err := kms.NewFromConfig(config("KMS")).Decrypt(ctx, &kms.DecryptInput{
		CiphertextBlob: item["to"].Binary(), EncryptionContext: purpose,
	})
	if err != nil {
		return err
	}
	if strings.HasPrefix(item["deliver"].String(), "poison") {
		os.Exit(1)
	}
	_, err = sesv2.NewFromConfig(config("SESV2")).SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(os.Getenv("MAIL_FROM")),
		Destination:      &mail.Destination{ToAddresses: []string{string(opened.Plaintext)}},
		Content: &mail.EmailContent{Simple: &mail.Message{
			Subject: &mail.Content{Data: aws.String("order")},
			Body:    &mail.Body{Text: &mail.Content{Data: aws.String(item["deliver"].String())}},
		}},
	})
	return err
}

// trespass tries what no role of the template allows and answers how many attempts were refused.
func trespass(ctx context.Context) any {
	key, table := aws.String(os.Getenv("KMS_KEY_ARN")), aws.String(os.Getenv("TABLE_NAME"))
	item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "x"}, "sk": &types.AttributeValueMemberS{Value: "x"}}
	db := dynamodb.NewFromConfig(config("DYNAMODB"))
	_, decrypted := kms.NewFromConfig(config("KMS")).Decrypt(ctx, &kms.DecryptInput{KeyId: key, CiphertextBlob: []byte("x"), EncryptionContext: foreign})
	_, read := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: item})
	_, deleted := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: table, Item: item}}, {Delete: &types.Delete{TableName: table, Key: item}},
	}})
	_, elsewhere := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("elsewhere"), Item: item})
	refused := 0
	for _, err := range []error{decrypted, read, deleted, elsewhere} {
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException" {
			refused++
		}
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: strconv.Itoa(refused)}
}
