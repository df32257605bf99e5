package privileges

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const fixture = `
Parameters:
  SenderAddress: { Type: String }
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, MemorySize: 256, Timeout: 10 }
Resources:
  Table: { Type: 'AWS::DynamoDB::Table' }
  OneLogs: { Type: 'AWS::Logs::LogGroup' }
  OneFunction:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: functions/one/, Role: !GetAtt OneRole.Arn }
  OneRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: one
          PolicyDocument:
            Statement:
              - Sid: Items
                Effect: Allow
                Action: ['dynamodb:GetItem', 'dynamodb:Query']
                Resource: [!GetAtt Table.Arn, !Sub '${Table.Arn}/index/byUser']
              - Sid: Stream
                Effect: Allow
                Action: dynamodb:GetRecords
                Resource: [!GetAtt Table.StreamArn, !Sub '${Table.Arn}/stream/*']
              - Sid: Keysets
                Effect: Allow
                Action: kms:Decrypt
                Resource: !GetAtt Key.Arn
                Condition: { StringEquals: { 'kms:EncryptionContext:purpose': [sign, codes], 'kms:ViaService': x } }
              - Sid: Mail
                Effect: Allow
                Action: ses:SendEmail
                Resource: !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${SenderAddress}
                Condition: { StringEquals: { 'ses:FromAddress': !Ref SenderAddress } }
              - Sid: Logs
                Effect: Allow
                Action: logs:PutLogEvents
                Resource: !GetAtt OneLogs.Arn
`

func read(t *testing.T, text string) ([]Grant, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadGrants(path)
}

// A statement is as many grants as it has actions, resources and permitted values, under the names that the records have.
func TestReadGrants(t *testing.T) {
	grants, err := read(t, fixture)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range grants {
		if g.Function != "one" || g.FunctionID != "OneFunction" {
			t.Errorf("%+v", g)
		}
		got = append(got, fmt.Sprint(g.Sid, " ", g.Action, " ", g.Resource, " ", g.Conditions))
	}
	want := []string{
		"Items dynamodb:GetItem Table.Arn map[]",
		"Items dynamodb:GetItem Table.Arn/index/byUser map[]",
		"Items dynamodb:Query Table.Arn map[]",
		"Items dynamodb:Query Table.Arn/index/byUser map[]",
		"Keysets kms:Decrypt Key.Arn map[kms:EncryptionContext:purpose:codes kms:ViaService:x]",
		"Keysets kms:Decrypt Key.Arn map[kms:EncryptionContext:purpose:sign kms:ViaService:x]",
		"Logs logs:PutLogEvents OneLogs.Arn map[]",
		"Mail ses:SendEmail identity/SenderAddress map[ses:FromAddress:SenderAddress]",
		"Stream dynamodb:GetRecords Table.Arn/stream/* map[]",
		"Stream dynamodb:GetRecords Table.StreamArn map[]",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestRolesThatCannotBeCompared(t *testing.T) {
	for name, change := range map[string][2]string{
		"another operator":     {"StringEquals: { 'ses", "StringLike: { 'ses"},
		"a statement's denial": {"Effect: Allow", "Effect: Deny"},
		"no role":              {", Role: !GetAtt OneRole.Arn", ""},
	} {
		changed := strings.Replace(fixture, change[0], change[1], 1)
		if changed == fixture {
			t.Fatalf("%s: the fixture has no %q", name, change[0])
		}
		if _, err := read(t, changed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := ReadGrants(filepath.Join(t.TempDir(), "missing.yaml")); err == nil {
		t.Error("a missing template is accepted")
	}
}
