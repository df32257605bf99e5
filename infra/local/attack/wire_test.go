package attack_test

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// writing reports whether an operation of DynamoDB changes the table.
func writing(operation string) bool {
	return slices.Contains([]string{"UpdateItem", "TransactWriteItems", "PutItem"}, operation)
}

// refuseEvents makes every write of an audit event from now on meet a condition that cannot hold; the wire counts them.
func (p *product) refuseEvents() {
	p.wire.Tamper(func(parameters any) (refused int) {
		switch in := parameters.(type) {
		case *sdk.TransactWriteItemsInput:
			for _, item := range in.TransactItems {
				if item.Put != nil && isEvent(item.Put.Item) {
					item.Put.ConditionExpression = aws.String("attribute_exists(pk)")
					refused++
				}
			}
		case *sdk.PutItemInput:
			if isEvent(in.Item) {
				in.ConditionExpression = aws.String("attribute_exists(pk)")
				refused++
			}
		}
		return refused
	})
}

func isEvent(item map[string]types.AttributeValue) bool {
	return strings.HasPrefix(textOf(item["pk"]), "AUDIT#")
}
