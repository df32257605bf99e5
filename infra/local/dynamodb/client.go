package dynamodb

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// Config is what an SDK client needs for a server that checks no signature. The credentials are not secret; DynamoDB
// Local wants letters and digits.
func Config(endpoint string) aws.Config {
	return aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(endpoint),
	}
}

// Client is a client of the server at endpoint.
func Client(endpoint string) *dynamodb.Client { return dynamodb.NewFromConfig(Config(endpoint)) }

// Streams is a client of the same server's streams.
func Streams(endpoint string) *dynamodbstreams.Client {
	return dynamodbstreams.NewFromConfig(Config(endpoint))
}
