package template

import (
	"strings"
	"testing"
)

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
