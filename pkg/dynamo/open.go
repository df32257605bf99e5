package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Open makes the store of a table with a client of its own. endpoint says where DynamoDB is if that
// is not where AWS has it; otherwise nil.
func Open(cfg aws.Config, endpoint *string, table string) *Store {
	return New(dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if endpoint != nil {
			o.BaseEndpoint = endpoint
		}
	}), table)
}
