package attack_test

import (
	"os"
	"testing"

	"twofold/infra/local/dynamodb"
)

// A server of its own: DynamoDB Local does one thing at a time, and these tests ask as much of it as all others together.
func TestMain(m *testing.M) {
	_ = os.Unsetenv(dynamodb.EndpointVariable)
	os.Exit(m.Run())
}
