package iam

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twofold/infra/local/template"
)

// guarded are three services behind a guard that knows two functions.
type guarded struct {
	*Guard
	logs         *strings.Builder
	kms, ses, db http.Handler
	sms, events  http.Handler
}

// tags are identities of SES.
type tags map[string]map[string]string

func (k tags) Covering(address string) (string, map[string]string) {
	for domain := address[strings.LastIndexByte(address, '@')+1:]; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if found, known := k[domain]; known {
			return domain, found
		}
	}
	return address, nil
}

// lines are what SMS come from.
type lines map[string]map[string]string

func (k lines) From(named, _ string) (string, map[string]string) { return named, k[named] }

func newGuarded(t *testing.T) guarded {
	t.Helper()
	logs := &strings.Builder{}
	equals := func(key, value string) map[string]map[string][]string {
		return map[string]map[string][]string{"StringEquals": {key: {value}}}
	}
	g := &Guard{Log: slog.New(slog.NewTextHandler(logs, nil)), Roles: map[string]Role{
		"localmailer": {Function: "mailer", Policy: compile(t,
			template.Statement{Actions: []string{"kms:Decrypt"}, Resources: []string{"arn:key"}, Conditions: equals("kms:EncryptionContext:purpose", "codes")},
			template.Statement{Actions: []string{"ses:SendEmail"}, Resources: []string{"identity/a@example.com"}, Conditions: equals("ses:FromAddress", "a@example.com")},
			template.Statement{Actions: []string{"ses:SendEmail", "ses:DeleteEmailIdentity"}, Resources: []string{"identity/*"}, Conditions: equals("aws:ResourceTag/table", "t")},
			template.Statement{Actions: []string{"ses:CreateEmailIdentity"}, Resources: []string{"identity/*"}, Conditions: equals("aws:RequestTag/table", "t")},
			template.Statement{Actions: []string{"ses:GetEmailIdentity"}, Resources: []string{"identity/*"}},
			template.Statement{Actions: []string{"ses:SendEmail"}, Resources: []string{"configuration-set/ours"}},
			template.Statement{Actions: []string{"ses:GetAccount"}, Resources: []string{"*"}},
			template.Statement{Actions: []string{"sms-voice:SendTextMessage"}, Resources: []string{"arn:pool", "set/mine"}},
			template.Statement{Actions: []string{"sms-voice:SendTextMessage"}, Resources: []string{"arn:o*"}, Conditions: equals("aws:ResourceTag/table", "t")},
			template.Statement{Actions: []string{"events:PutEvents"}, Resources: []string{"bus/ours"}},
			template.Statement{Actions: []string{"dynamodb:GetItem"}, Resources: []string{"table/t"}})},
		"localreport": {Function: "report"},
	}}
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "served %s", body)
	})
	return guarded{g, logs, g.KMS(service, "arn:key"), g.SES(service, SESNames{Identity: "identity/", Set: "configuration-set/"}, tags{"mine.example": {"table": "t"}, "theirs.example": {}}), g.DynamoDB(service, "table/"), g.SMS(service, "set/", lines{"arn:pool": nil, "arn:own": {"table": "t"}}), g.EventBridge(service, func(bus string) string { return "bus/" + bus })}
}

func send(h http.Handler, caller, method, path, operation, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Amz-Target", operation)
	if caller != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+caller+"/20261101/eu-west-1/x/aws4_request, SignedHeaders=host, Signature=0")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const outbound = "/v2/email/outbound-emails"

func TestGuard(t *testing.T) {
	g := newGuarded(t)
	const decrypt, texting, putting = "TrentService.Decrypt", "PinpointSMSVoiceV2.SendTextMessage", "AWSEvents.PutEvents"
	for _, c := range []struct {
		name                   string
		h                      http.Handler
		caller, path, op, body string
		status                 int
	}{
		{"own purpose", g.kms, "localmailer", "/", decrypt, `{"EncryptionContext":{"purpose":"codes"}}`, 200},
		{"own purpose, the key named", g.kms, "localmailer", "/", decrypt, `{"KeyId":"arn:key","EncryptionContext":{"purpose":"codes"}}`, 200},
		{"another key", g.kms, "localmailer", "/", decrypt, `{"KeyId":"arn:other","EncryptionContext":{"purpose":"codes"}}`, 400},
		{"other purpose", g.kms, "localmailer", "/", decrypt, `{"EncryptionContext":{"purpose":"sign"}}`, 400},
		{"no purpose", g.kms, "localmailer", "/", decrypt, `{}`, 400},
		{"no KMS at all", g.kms, "localreport", "/", decrypt, `{"EncryptionContext":{"purpose":"codes"}}`, 400},
		{"an operator", g.kms, "local", "/", "TrentService.Encrypt", `{"EncryptionContext":{"purpose":"sign"}}`, 200},
		{"nobody", g.kms, "", "/", "TrentService.Encrypt", `{}`, 200},
		{"own sender", g.ses, "localmailer", outbound, "", `{"FromEmailAddress":"Twofold <a@example.com>"}`, 200},
		{"other sender", g.ses, "localmailer", outbound, "", `{"FromEmailAddress":"b@example.com"}`, 403},
		{"no sender", g.ses, "localmailer", outbound, "", `{`, 403},
		{"raw content", g.ses, "localmailer", outbound, "", `{"FromEmailAddress":"a@example.com","Content":{"Raw":{"Data":"eA=="}}}`, 403},
		{"another operation", g.ses, "localmailer", "/v2/email/outbound-bulk-emails", "", `{"FromEmailAddress":"a@example.com"}`, 403},
		{"with the configuration set", g.ses, "localmailer", outbound, "", `{"FromEmailAddress":"a@example.com","ConfigurationSetName":"ours"}`, 200},
		{"with another's", g.ses, "localmailer", outbound, "", `{"FromEmailAddress":"a@example.com","ConfigurationSetName":"theirs"}`, 403},
		{"own pool", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:pool"}`, 200},
		{"own pool, own set", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:pool","ConfigurationSetName":"mine"}`, 200},
		{"own pool, another set", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:pool","ConfigurationSetName":"theirs"}`, 400},
		{"a tagged pool", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:own"}`, 200},
		{"an untagged pool", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:others"}`, 400},
		{"another pool", g.sms, "localmailer", "/", texting, `{"OriginationIdentity":"arn:pool/2"}`, 400},
		{"no pool", g.sms, "localmailer", "/", texting, `{}`, 400},
		{"a call by voice", g.sms, "localmailer", "/", "PinpointSMSVoiceV2.SendVoiceMessage", `{"OriginationIdentity":"arn:pool"}`, 400},
		{"no SMS at all", g.sms, "localreport", "/", texting, `{"OriginationIdentity":"arn:pool"}`, 400},
		{"own bus", g.events, "localmailer", "/", putting, `{"Entries":[{"EventBusName":"ours"},{"EventBusName":"ours"}]}`, 200},
		{"another's bus too", g.events, "localmailer", "/", putting, `{"Entries":[{"EventBusName":"ours"},{"EventBusName":"theirs"}]}`, 400},
		{"the account's own bus", g.events, "localmailer", "/", putting, `{"Entries":[{}]}`, 400},
		{"no entry", g.events, "localmailer", "/", putting, `{}`, 400},
		{"a rule", g.events, "localmailer", "/", "AWSEvents.PutRule", `{"Entries":[{"EventBusName":"ours"}]}`, 400},
		{"no events at all", g.events, "localreport", "/", putting, `{"Entries":[{"EventBusName":"ours"}]}`, 400},
		{"own table", g.db, "localmailer", "/", "DynamoDB_20120810.GetItem", `{"TableName":"t"}`, 200},
		{"other table", g.db, "localmailer", "/", "DynamoDB_20120810.GetItem", `{"TableName":"u"}`, 400},
		{"a write", g.db, "localmailer", "/", "DynamoDB_20120810.PutItem", `{"TableName":"t"}`, 400},
	} {
		w := send(c.h, c.caller, "POST", c.path, c.op, c.body)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if w.Code == 200 && w.Body.String() != "served "+c.body {
			t.Errorf("%s: the service got %s", c.name, w.Body)
		}
		if w.Code != 200 && w.Header().Get("X-Amzn-ErrorType") != "AccessDeniedException" {
			t.Errorf("%s: %v", c.name, w.Header())
		}
	}
	if !strings.Contains(g.logs.String(), "action=kms:Decrypt") {
		t.Errorf("a refusal is not in the log: %s", g.logs)
	}
	// The mailbox page lies beside SES: for people, not for functions.
	if page, function := send(g.ses, "", "GET", "/", "", ""), send(g.ses, "localmailer", "GET", "/messages", "", ""); page.Code != 200 || function.Code != 403 {
		t.Errorf("the page: %d for people, %d for functions", page.Code, function.Code)
	}
}

// What customers make is judged by tags: those that it has, or shall have.
func TestTheGuardJudgesIdentitiesByTags(t *testing.T) {
	g := newGuarded(t)
	const made, one = `{"EmailIdentity":"x.example","Tags":[{"Key":"table","Value":"%s"}]}`, "/v2/email/identities/mine.example"
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"from a domain that bears the tag", "POST", outbound, `{"FromEmailAddress":"a@mine.example"}`, 200},
		{"from a domain that does not", "POST", outbound, `{"FromEmailAddress":"a@theirs.example"}`, 403},
		{"deleting what bears it", "DELETE", one, "", 200},
		{"deleting what does not", "DELETE", "/v2/email/identities/theirs.example", "", 403},
		{"deleting what is not there", "DELETE", "/v2/email/identities/none.example", "", 403},
		{"deleting what is not there below it", "DELETE", "/v2/email/identities/sub.mine.example", "", 403},
		{"from a domain below it", "POST", outbound, `{"FromEmailAddress":"a@sub.mine.example"}`, 200},
		{"deleting a part of it", "DELETE", one + "/policies/x", "", 403},
		{"asking about what is not there", "GET", "/v2/email/identities/none.example", "", 200},
		{"making it without the tag", "POST", "/v2/email/identities", `{"EmailIdentity":"x.example"}`, 403},
		{"making it with another's", "POST", "/v2/email/identities", fmt.Sprintf(made, "u"), 403},
		{"making it with the tag, without the action of tagging", "POST", "/v2/email/identities", fmt.Sprintf(made, "t"), 403},
		{"asking for the quota", "GET", "/v2/email/account", "", 200},
		{"asking for all", "GET", "/v2/email/identities", "", 403},
	} {
		if w := send(g.ses, "localmailer", c.method, c.path, "", c.body); w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
}

// What is refused counts too, down to the last part, and whoever is held to no role leaves no trace.
func TestTheGuardRecords(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(CallsVariable, folder)
	g := newGuarded(t)
	g.Recorder = ThisRun()
	g.Names = map[string]string{"table/t": "Table.Arn", "arn:key": "Key.Arn", "a@example.com": "SenderAddress", "identity/a@example.com": "identity/SenderAddress", "t": "Table"}
	g.Kinds = map[string]string{"identity/": "identity/*"}
	for range 2 { // each is written once
		send(g.db, "localmailer", "POST", "/", "DynamoDB_20120810.Query", `{"TableName":"t","IndexName":"i"}`)
		send(g.db, "localmailer", "POST", "/", "DynamoDB_20120810.TransactWriteItems",
			`{"TransactItems":[{"Delete":{"TableName":"t"}},{"Put":{"TableName":"tt"}}]}`)
		send(g.db, "local", "POST", "/", "DynamoDB_20120810.Scan", `{"TableName":"t"}`)
		send(g.kms, "localmailer", "POST", "/", "TrentService.Decrypt", `{"EncryptionContext":{"purpose":"sign"}}`)
		send(g.ses, "localmailer", "POST", outbound, "", `{"FromEmailAddress":"a@example.com"}`)
		// Of what customers choose the records say nothing.
		send(g.ses, "localmailer", "POST", outbound, "", `{"FromEmailAddress":"a@mine.example"}`)
		send(g.ses, "localmailer", "POST", "/v2/email/identities", "", `{"EmailIdentity":"x.example","Tags":[{"Key":"table","Value":"t"},{"Key":"who","Value":"x"}]}`)
		send(g.ses, "localmailer", "GET", "/v2/email/identities/x.example", "", "")
	}
	calls, err := ReadCalls(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range calls {
		got = append(got, fmt.Sprint(c.Function, " ", c.Action, " ", c.Resource, " ", c.Context))
	}
	slices.Sort(got)
	want := []string{
		"mailer dynamodb:DeleteItem Table.Arn map[]",
		"mailer dynamodb:PutItem table/tt map[]",
		"mailer dynamodb:Query Table.Arn/index/i map[]",
		"mailer kms:Decrypt Key.Arn map[kms:EncryptionContext:purpose:sign]",
		"mailer ses:CreateEmailIdentity identity/* map[aws:RequestTag/table:Table]",
		"mailer ses:GetEmailIdentity identity/* map[]",
		"mailer ses:SendEmail identity/* map[aws:ResourceTag/table:Table]",
		"mailer ses:SendEmail identity/SenderAddress map[ses:FromAddress:SenderAddress]",
		"mailer ses:TagResource identity/* map[aws:RequestTag/table:Table]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("recorded\n%s", strings.Join(got, "\n"))
	}
}

// A call that cannot be recorded fails: its absence would read as a grant that nobody needs.
func TestACallThatCannotBeRecordedFails(t *testing.T) {
	t.Setenv(CallsVariable, filepath.Join(t.TempDir(), "missing"))
	g := newGuarded(t)
	g.Recorder = ThisRun()
	if w := send(g.db, "localmailer", "POST", "/", "DynamoDB_20120810.GetItem", `{"TableName":"t"}`); w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	if w := send(g.db, "local", "POST", "/", "DynamoDB_20120810.GetItem", `{"TableName":"t"}`); w.Code != 200 {
		t.Errorf("an operator's call: status %d", w.Code)
	}
}
