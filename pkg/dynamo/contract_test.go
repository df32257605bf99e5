package dynamo_test

import (
	"testing"

	"twofold/infra/local/dynamodb"
	"twofold/pkg/dynamo"
	"twofold/pkg/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Contract {
		return dynamo.New(dynamodb.TableForTest(t))
	})
}
