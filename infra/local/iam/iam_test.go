package iam

import (
	"slices"
	"strings"
	"testing"

	"twofold/infra/local/template"
)

func compile(t *testing.T, statements ...template.Statement) Policy {
	t.Helper()
	p, err := Compile(statements)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAllows(t *testing.T) {
	p := compile(t,
		template.Statement{Actions: []string{"dynamodb:GetItem", "s3:Put*"}, Resources: []string{"arn:t", "arn:t/index/*", "arn:b?"}},
		template.Statement{Actions: []string{"kms:Decrypt"}, Resources: []string{"arn:k"}, Conditions: map[string]map[string][]string{
			"StringEquals": {"kms:EncryptionContext:purpose": {"sign", "codes"}},
		}},
	)
	purpose := func(value string) map[string]string { return map[string]string{"kms:EncryptionContext:purpose": value} }
	for _, c := range []struct {
		r    Request
		want bool
	}{
		{Request{"dynamodb:GetItem", "arn:t", nil}, true},
		{Request{"dynamodb:getitem", "arn:t", nil}, true},
		{Request{"dynamodb:GetItem", "arn:t/index/byUser", nil}, true},
		{Request{"dynamodb:GetItem", "arn:b1", nil}, true},
		{Request{"dynamodb:GetItem", "arn:b12", nil}, false},
		{Request{"dynamodb:GetItem", "arn:T", nil}, false},
		{Request{"dynamodb:GetItem", "arn:t2", nil}, false},
		{Request{"dynamodb:GetItems", "arn:t", nil}, false},
		{Request{"dynamodbXGetItem", "arn:t", nil}, false},
		{Request{"s3:PutObject", "arn:t", nil}, true},
		{Request{"kms:Decrypt", "arn:k", purpose("codes")}, true},
		{Request{"kms:Decrypt", "arn:k", purpose("contacts")}, false},
		{Request{"kms:Decrypt", "arn:k", purpose("Codes")}, false},
		{Request{"kms:Decrypt", "arn:k", map[string]string{"KMS:encryptioncontext:Purpose": "codes"}}, true}, // key names have no case
		{Request{"kms:Decrypt", "arn:k", map[string]string{"kms:EncryptionContext:purposes": "codes"}}, false},
		{Request{"kms:Decrypt", "arn:k", nil}, false},
		{Request{"kms:Decrypt", "arn:t", purpose("codes")}, false}, // of two statements one must allow all of it
		{Request{"kms:Encrypt", "arn:k", purpose("codes")}, false},
	} {
		if got := p.Allows(c.r); got != c.want {
			t.Errorf("%+v: %v", c.r, got)
		}
	}
	if _, err := Compile([]template.Statement{{Conditions: map[string]map[string][]string{"StringLike": {}}}}); err == nil {
		t.Error("an unknown condition is accepted")
	}
}

func TestDynamoDBRequests(t *testing.T) {
	for _, c := range []struct{ action, body, want string }{
		{"GetItem", `{"TableName":"t"}`, "dynamodb:GetItem p/t"},
		{"Query", `{"TableName":"t","IndexName":"i"}`, "dynamodb:Query p/t/index/i"},
		{"BatchGetItem", `{"RequestItems":{"t":{"Keys":[]},"u":{}}}`, "dynamodb:BatchGetItem p/t, dynamodb:BatchGetItem p/u"},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"t","Item":{}}},{"Update":{"TableName":"t"}},{"Delete":{"TableName":"u"}},{"ConditionCheck":{"TableName":"t"}}]}`,
			"dynamodb:ConditionCheckItem p/t, dynamodb:DeleteItem p/u, dynamodb:PutItem p/t, dynamodb:UpdateItem p/t"},
		{"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"t"}}]}`, "dynamodb:GetItem p/t"},
		{"TransactWriteItems", `{"TransactItems":[{"Other":{"TableName":"t"}}]}`, "dynamodb: p/t"}, // which nothing allows
		{"ListTables", `{}`, "dynamodb:ListTables p/"},
		{"GetItem", `{`, ""},
	} {
		var got []string
		for _, r := range dynamodbRequests(c.action, "p/", []byte(c.body)) {
			got = append(got, r.Action+" "+r.Resource)
		}
		slices.Sort(got)
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s", c.action, text)
		}
	}
}
