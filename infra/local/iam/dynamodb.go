package iam

import (
	"encoding/json"
	"net/http"
)

// named is what every request names that concerns one table or index.
type named struct{ TableName, IndexName string }

// dynamodbInput holds the parts of all operations that say what is touched.
type dynamodbInput struct {
	named
	RequestItems  map[string]json.RawMessage // BatchGetItem, BatchWriteItem
	TransactItems []map[string]named         // by kind: Put, Update, Delete, ConditionCheck, Get
}

// transactionActions are what the parts of a transaction need. The transaction itself is no action of IAM.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
var transactionActions = map[string]string{
	"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem",
}

// DynamoDB guards tables; prefix is the ARN of a table without its name: "arn:aws:dynamodb:eu-west-1:000000000000:table/".
func (g *Guard) DynamoDB(next http.Handler, prefix string) http.Handler {
	return g.wrap(next, func(r *http.Request, body []byte) []Request {
		return dynamodbRequests(operation(r), prefix, body)
	}, http.StatusBadRequest)
}

func dynamodbRequests(action, prefix string, body []byte) []Request {
	var in dynamodbInput
	if json.Unmarshal(body, &in) != nil {
		return nil // which DynamoDB refuses
	}
	var list []Request
	add := func(action string, n named) {
		resource := prefix + n.TableName
		if n.IndexName != "" {
			resource += "/index/" + n.IndexName
		}
		list = append(list, Request{Action: "dynamodb:" + action, Resource: resource})
	}
	for table := range in.RequestItems {
		add(action, named{TableName: table})
	}
	for _, item := range in.TransactItems {
		for kind, n := range item {
			add(transactionActions[kind], n)
		}
	}
	if list == nil {
		add(action, in.named)
	}
	return list
}
