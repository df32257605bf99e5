package template

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is a table as the template defines it.
type Table struct {
	// Create makes the table; TableName is left for the caller to set.
	Create dynamodb.CreateTableInput
	// TimeToLive names the attribute that holds the expiry, in Unix seconds. Empty when there is none.
	TimeToLive string
}

// Table returns the definition of the AWS::DynamoDB::Table id.
func (t *Template) Table(id string) (Table, error) {
	props, err := t.properties(id, "AWS::DynamoDB::Table")
	if err != nil {
		return Table{}, err
	}
	var p struct {
		BillingMode            types.BillingMode
		AttributeDefinitions   []types.AttributeDefinition
		KeySchema              []types.KeySchemaElement
		GlobalSecondaryIndexes []types.GlobalSecondaryIndex
		StreamSpecification    struct{ StreamViewType types.StreamViewType }

		TimeToLiveSpecification struct {
			AttributeName string
			Enabled       bool
		}
		// Neither changes what a caller of the local table can see.
		DeletionProtectionEnabled        any
		PointInTimeRecoverySpecification any
	}
	if err := t.decode(props, &p, true); err != nil {
		return Table{}, err
	}
	table := Table{Create: dynamodb.CreateTableInput{
		BillingMode:            p.BillingMode,
		AttributeDefinitions:   p.AttributeDefinitions,
		KeySchema:              p.KeySchema,
		GlobalSecondaryIndexes: p.GlobalSecondaryIndexes,
	}}
	if view := p.StreamSpecification.StreamViewType; view != "" {
		table.Create.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: view,
		}
	}
	if p.TimeToLiveSpecification.Enabled {
		table.TimeToLive = p.TimeToLiveSpecification.AttributeName
	}
	return table, nil
}
