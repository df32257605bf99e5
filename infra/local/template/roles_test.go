package template

import (
	"slices"
	"strings"
	"testing"
)

// TestRoles is the review of what a function could do if it were taken over. A change of the template that fails here
// may be right, but not unnoticed.
func TestRoles(t *testing.T) {
	const (
		reads  = "BatchGetItem GetItem"
		writes = "ConditionCheckItem DeleteItem PutItem UpdateItem"
	)
	for function, want := range map[string]struct {
		table    string // actions on the table itself, in order
		indexes  bool
		purposes string // of keysets that it may unwrap
		mail     bool
		stream   bool
	}{
		"PolicyFunction":    {reads + " Query " + writes, true, "codes", false, false},
		"EnrollFunction":    {reads + " Query " + writes, false, "codes contacts secrets sign", false, false},
		"VerifyFunction":    {reads + " " + writes, false, "codes secrets sign", false, false},
		"ReportFunction":    {reads + " Query", true, "", false, false},
		"MailerFunction":    {reads + " PutItem Query UpdateItem", false, "codes contacts", true, true},
		"ProjectorFunction": {"GetItem PutItem UpdateItem", false, "", false, true},
	} {
		file, _ := committed(t)
		statements, err := file.Policy(function)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(function, "Function")
		allowed := map[string][]string{} // by resource
		for _, s := range statements {
			for _, resource := range s.Resources {
				allowed[resource] = append(allowed[resource], s.Actions...)
			}
			for _, action := range s.Actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s is more than one action", function, action)
				}
			}
			check(t, function, s, want.purposes)
		}
		expected := map[string]string{
			"arn:local:Table":            "dynamodb:" + strings.ReplaceAll(want.table, " ", " dynamodb:"),
			"arn:local:" + name + "Logs": "logs:CreateLogStream logs:PutLogEvents",
		}
		if want.indexes {
			expected["arn:local:Table/index/*"] = "dynamodb:Query"
		}
		if want.purposes != "" {
			expected["key"] = "kms:Decrypt"
		}
		if want.stream {
			expected["arn:local:Table/stream/local"] = "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator"
			expected["arn:local:Table/stream/*"] = "dynamodb:ListStreams"
			expected["arn:local:"+name+"Failures"] = "sqs:SendMessage"
		}
		if want.mail {
			expected["arn:aws:ses:r:1:identity/a@example.com"] = "ses:SendEmail"
		}
		compareAccess(t, function, allowed, expected)
	}
}

// check looks at the conditions that narrow a statement.
func check(t *testing.T, function string, s Statement, purposes string) {
	t.Helper()
	equals := s.Conditions["StringEquals"]
	if slices.Contains(s.Actions, "kms:Decrypt") && strings.Join(sorted(equals["kms:EncryptionContext:purpose"]), " ") != purposes {
		t.Errorf("%s may unwrap %v", function, equals)
	}
	if slices.Contains(s.Actions, "ses:SendEmail") && !slices.Equal(equals["ses:FromAddress"], []string{"a@example.com"}) {
		t.Errorf("%s may send as %v", function, equals)
	}
}

func compareAccess(t *testing.T, function string, allowed map[string][]string, expected map[string]string) {
	t.Helper()
	for resource, actions := range allowed {
		got, want := sorted(actions), sorted(strings.Fields(expected[resource]))
		if !slices.Equal(got, want) {
			t.Errorf("%s on %s:\n got %v\nwant %v", function, resource, got, want)
		}
		delete(expected, resource)
	}
	for resource := range expected {
		t.Errorf("%s may do nothing with %s", function, resource)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func TestRolesThatNobodyCanRead(t *testing.T) {
	const role = `
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Effect: Allow, Action: 'a:b', Resource: !GetAtt Other.Arn }] } }]
`
	with := strings.NewReplacer("Role: !GetAtt Nobody.KnowsThis", "Role: !GetAtt Role.Arn").Replace(small) + role + "  Other: { Type: X }\n"
	list, err := parse(t, with, nil).Policy("OneFunction")
	if err != nil || len(list) != 1 || list[0].Actions[0] != "a:b" || list[0].Resources[0] != "arn:local:Other" {
		t.Fatalf("got %+v, %v", list, err)
	}
	for name, change := range map[string][2]string{
		"a statement that denies": {"Effect: Allow", "Effect: Deny"},
		"a managed policy":        {"      Policies: [{", "      ManagedPolicyArns: [x]\n      Policies: [{"},
		"another resource":        {"Other.Arn", "Unknown.Arn"},
		"a SAM policy":            {"Role: !GetAtt Role.Arn", "Policies: [x]"},
		"NotAction":               {"Action: 'a:b'", "NotAction: 'a:b'"},
		"a role from elsewhere":   {"Role: !GetAtt Role.Arn", "Role: arn:aws:iam::1:role/x"},
	} {
		if _, err := parse(t, strings.Replace(with, change[0], change[1], 1), nil).Policy("OneFunction"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
