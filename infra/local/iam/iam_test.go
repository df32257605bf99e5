package iam

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

func TestGuard(t *testing.T) {
	var logs strings.Builder
	g := &Guard{Log: slog.New(slog.NewTextHandler(&logs, nil)), Policies: map[string]Policy{
		"localmailer": compile(t,
			template.Statement{Actions: []string{"kms:Decrypt"}, Resources: []string{"key"},
				Conditions: map[string]map[string][]string{"StringEquals": {"kms:EncryptionContext:purpose": {"codes"}}}},
			template.Statement{Actions: []string{"ses:SendEmail"}, Resources: []string{"identity"},
				Conditions: map[string]map[string][]string{"StringEquals": {"ses:FromAddress": {"a@example.com"}}}},
			template.Statement{Actions: []string{"dynamodb:GetItem"}, Resources: []string{"table/t"}}),
		"localreport": nil,
	}}
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "served %s", body)
	})
	kms, ses, db := g.KMS(service, "key"), g.SES(service, "identity"), g.DynamoDB(service, "table/")
	for _, c := range []struct {
		name           string
		h              http.Handler
		caller, op, in string
		status         int
	}{
		{"own purpose", kms, "localmailer", "TrentService.Decrypt", `{"EncryptionContext":{"purpose":"codes"}}`, 200},
		{"other purpose", kms, "localmailer", "TrentService.Decrypt", `{"EncryptionContext":{"purpose":"sign"}}`, 400},
		{"no purpose", kms, "localmailer", "TrentService.Decrypt", `{}`, 400},
		{"no KMS at all", kms, "localreport", "TrentService.Decrypt", `{"EncryptionContext":{"purpose":"codes"}}`, 400},
		{"an operator", kms, "local", "TrentService.Encrypt", `{"EncryptionContext":{"purpose":"sign"}}`, 200},
		{"nobody", kms, "", "TrentService.Encrypt", `{}`, 200},
		{"own sender", ses, "localmailer", "", `{"FromEmailAddress":"Twofold <a@example.com>"}`, 200},
		{"other sender", ses, "localmailer", "", `{"FromEmailAddress":"b@example.com"}`, 403},
		{"no sender", ses, "localmailer", "", `{`, 403},
		{"own table", db, "localmailer", "DynamoDB_20120810.GetItem", `{"TableName":"t"}`, 200},
		{"other table", db, "localmailer", "DynamoDB_20120810.GetItem", `{"TableName":"u"}`, 400},
		{"a write", db, "localmailer", "DynamoDB_20120810.PutItem", `{"TableName":"t"}`, 400},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.in))
		r.Header.Set("X-Amz-Target", c.op)
		if c.caller != "" {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.caller+"/20261101/eu-west-1/x/aws4_request, SignedHeaders=host, Signature=0")
		}
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if w.Code == 200 && w.Body.String() != "served "+c.in {
			t.Errorf("%s: the service got %s", c.name, w.Body)
		}
		if w.Code != 200 && w.Header().Get("X-Amzn-ErrorType") != "AccessDeniedException" {
			t.Errorf("%s: %v", c.name, w.Header())
		}
	}
	if !strings.Contains(logs.String(), "action=kms:Decrypt") {
		t.Errorf("a refusal is not in the log: %s", &logs)
	}
}
